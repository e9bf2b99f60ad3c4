import { expect, test } from "vitest";
import { operations } from "../../src/contract/operations.ts";
import { zKeyScope } from "../../src/generated/zod.gen.ts";
import { refusal, startTestServer, type TestServer } from "../harness.ts";
import { bodyFor, type GuardedOperation, guardedOperations, nowhere, openWorld, pathOf, storeKey } from "./world.ts";

const here = { ...nowhere, org: "acme", project: "spelling" };

/** What comes of every operation with that `Authorization`. */
async function answersTo(server: TestServer, authorization: string | null): Promise<readonly string[]> {
  const headers: Readonly<Record<string, string>> = authorization === null ? {} : { authorization };
  const answers: string[] = [];
  for (const operation of guardedOperations) {
    const call = { key: null, headers, ...bodyFor(operation) };
    const response = await server.call(operation.method, pathOf(operation, here), call);
    answers.push(`${operation.id} ${response.ok ? response.status : await refusal(response)}`);
  }
  return answers;
}

function everyOne(answer: (operation: GuardedOperation) => string): readonly string[] {
  return guardedOperations.map((operation) => `${operation.id} ${answer(operation)}`);
}

test("the document asks for a key everywhere but at the probes, the figures and what it is made of", () => {
  const open = operations.filter(({ operationId }) => !guardedOperations.some(({ id }) => id === operationId));
  expect(open.filter(({ path }) => path.startsWith("/api/v1/"))).toEqual([]);
  expect(guardedOperations.length).toBeGreaterThan(30);
});

test("nobody comes in without a key, with what is none, or with one that is not valid", async () => {
  const server = await startTestServer();
  const wrongSecret = server.key.slice(0, -1) + (server.key.endsWith("x") ? "y" : "x");
  const expired = await storeKey(server, { project: "spelling", expiresAt: Date.now() - 1 });
  const revoked = await storeKey(server, { project: "spelling", revokedAt: 1 });
  const authorizations = [
    null,
    "",
    "Bearer",
    "Bearer ",
    server.key,
    `Basic ${server.key}`,
    `Bearer  ${server.key}`,
    `Bearer ${server.key} ${server.key}`,
    `Bearer ${server.key.slice(3)}`,
    `Bearer ${server.key.toLowerCase()}`,
    `Bearer ${server.key.slice(0, -1)}`,
    `Bearer ${server.key}x`,
    "Bearer nk_live_abcdefgh_0123456789abcdef0123456789abcdef",
    `Bearer nk_live_${"a".repeat(4_000)}`,
    `Bearer ${wrongSecret}`,
    `Bearer ${expired}`,
    `Bearer ${revoked}`,
  ];
  for (const authorization of authorizations) {
    const answers = await answersTo(server, authorization);
    expect([authorization, answers]).toEqual([authorization, everyOne(() => "401 UNAUTHENTICATED")]);
  }
});

test.each(zKeyScope.options)(
  "a key with the scope %s alone opens what the document says, and nothing more",
  async (scope) => {
    const server = await startTestServer();
    const key = await storeKey(server, { project: "spelling", scopes: [scope] });
    const isOpen = ({ scopes }: GuardedOperation): boolean =>
      scope === "admin" || scopes.length === 0 || scopes.includes(scope);
    const answers = await answersTo(server, `Bearer ${key}`);
    const opened = answers.filter((answer) => !answer.endsWith(" 403 FORBIDDEN")).map((answer) => answer.split(" ")[0]);
    expect(answers.filter((answer) => answer.includes(" 401 "))).toEqual([]);
    expect(opened).toEqual(guardedOperations.filter(isOpen).map(({ id }) => id));
  },
);

test("a key without a scope opens only what asks for none", async () => {
  const server = await startTestServer();
  const key = await storeKey(server, { project: "spelling", scopes: [] });
  const answers = await answersTo(server, `Bearer ${key}`);
  expect(answers).toEqual(everyOne(({ scopes }) => (scopes.length === 0 ? "200" : "403 FORBIDDEN")));
});

test("another project's key is 403 at every path of ours, whether what it names exists or not", async () => {
  const { server, theirs } = await openWorld();
  for (const operation of guardedOperations.filter(({ path }) => path.includes("{org}"))) {
    for (const places of [theirs, here, { ...nowhere, org: "none", project: "such" }]) {
      const call = { key: server.otherKey, ...bodyFor(operation) };
      const response = await server.call(operation.method, pathOf(operation, places), call);
      expect([operation.id, await refusal(response)]).toEqual([operation.id, "403 FORBIDDEN"]);
    }
  }
});
