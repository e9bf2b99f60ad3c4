import { expect, test } from "vitest";
import { zErrorResponse, zExecutionErrorResponse } from "../../src/generated/zod.gen.ts";
import type { TestServer } from "../harness.ts";
import { openWorld, stateOf } from "../security/world.ts";
import { documented, type DocumentedOperation } from "./answers.ts";
import { callOf } from "./calls.ts";
import { callsWithFaultyBody, callsWithFaultyParameter, type FaultyCall } from "./faulty-calls.ts";

/** Names of places in paths that are opaque: what cannot be one is what does not exist. */
const opaque = new Set(["executionId", "flowRunId", "flowExecutionId", "taskExecutionId", "stepId", "keyId"]);

async function refusalOf({ call }: TestServer, faulty: FaultyCall): Promise<string> {
  const { method, path, fault, field, ...options } = faulty;
  const response = await call(method, path, options);
  const { status } = response;
  if (response.ok) {
    await response.body?.cancel();
    return `${fault} is ${status}`;
  }
  const body: unknown = await response.json();
  const ofExecutions = zExecutionErrorResponse.safeParse(body);
  const { issues = [], message } = ofExecutions.success
    ? { ...ofExecutions.data.error.details, message: ofExecutions.data.error.message }
    : zErrorResponse.parse(body).detail;
  if (status === 404 && field !== undefined && (opaque.has(field) || field === "flow_id")) return "";
  if (![400, 413, 422].includes(status)) return `${fault} is ${status}`;
  const named = [...issues.map((issue) => issue.path), message];
  return field === undefined || named.some((text) => text.includes(field))
    ? ""
    : `${fault} is not named: ${named.join()}`;
}

/** Over HTTP there is only a refusal; what the socket makes of its parameters is in the tests of sockets. */
const isSocket = ({ statuses }: DocumentedOperation): boolean => statuses.includes(101);

test.each(documented.filter((operation) => operation.isGuarded && !isSocket(operation)))(
  "$id refuses what the document forbids, names it, and changes nothing",
  async (operation) => {
    const { server, theirs, idempotencyKey } = await openWorld();
    const call = callOf(operation, { ...theirs, idempotencyKey });
    const before = await stateOf(server, "acme", "spelling");
    const faulty = [...callsWithFaultyParameter(operation, call), ...callsWithFaultyBody(operation, call)];
    const amiss: string[] = [];
    for (const each of faulty) amiss.push(await refusalOf(server, each));
    expect(amiss.filter((text) => text !== "")).toEqual([]);
    expect(await stateOf(server, "acme", "spelling")).toEqual(before);
  },
  // Some thousand calls in all.
  60_000,
);

test("there are faults for every parameter and every body that can have one", async () => {
  const { theirs } = await openWorld();
  const counts = documented.map((operation) => {
    const call = callOf(operation, theirs);
    return [callsWithFaultyParameter(operation, call).length, callsWithFaultyBody(operation, call).length] as const;
  });
  expect(documented.filter(({ hasBody }, at) => hasBody && counts[at]?.[1] === 0).map(({ id }) => id)).toEqual([]);
  expect(counts.flat().reduce((sum, count) => sum + count, 0)).toBeGreaterThan(2_000);
});
