import { expect, test } from "vitest";
import { documented } from "../contract/answers.ts";
import { type Call, callOf } from "../contract/calls.ts";
import { seq, weatherTools } from "../harness.ts";
import { callWith, type Carrier, carriers, unjudged, valuesOf } from "./ids.ts";
import { type Neighbour, nowhere, openWorld, stateOf, storeKey, type World } from "./world.ts";

/** Each opens a world of its own, which takes its time on a busy machine. */
const timeoutMs = 30_000;

interface Answer {
  readonly status: number;
  readonly headers: object;
  readonly body: string;
}

/** Everything of an answer that may tell something; ids are their asker's own words or new, times pass, and partial output comes as it comes. */
async function answerTo({ server }: World, { method, path, ...call }: Call, asked: readonly string[]): Promise<Answer> {
  const response = await server.call(method, path, call);
  const plain = (text: string): string =>
    asked
      .filter((id) => id !== "")
      .reduce((rest, id) => rest.replaceAll(id, "…"), text)
      .replace(/event: step_output\ndata: .*\n\n/g, "")
      .replace(/req_\w+/g, "…")
      .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "…")
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "…")
      .replace(/"durationMs":\d+/g, "…");
  const headers = [...response.headers].map(([name, value]) => [name, plain(value)]);
  return { status: response.status, headers, body: plain(await response.text()) };
}

test("of every place in the document where something can be named, it is known whether it is a tenant's", () => {
  expect(unjudged).toEqual([]);
  expect(carriers.length).toBeGreaterThan(50);
});

/** The call, and what else may come with it: what is checked before the look-up must not tell what the look-up would. */
async function variantsOf(
  { server }: World,
  { operation }: Carrier,
  neighbour: Neighbour,
): Promise<readonly Partial<Call>[]> {
  const { key, own } = neighbour;
  const org = own["org"] ?? "";
  const powerless = await storeKey(server, { org, project: own["project"] ?? "", scopes: [] });
  const isTakingKeys = operation.parameters.some(({ name }) => name === "Idempotency-Key");
  return [
    { key },
    { key: powerless },
    { key, headers: { "last-event-id": "2" } },
    ...(operation.hasBody
      ? [
          { key, body: "{" },
          { key, body: "[]" },
          { key, headers: { "content-type": "text/plain" } },
        ]
      : []),
    ...(isTakingKeys ? [{ key, headers: { "idempotency-key": "the-first-tenants-call" } }] : []),
  ];
}

test.each(carriers.map((carrier) => ({ carrier, name: `${carrier.operation.id} ${carrier.name}` })))(
  "$name of another tenant is answered byte for byte like one that does not exist, and changes nothing",
  async ({ carrier }) => {
    const world = await openWorld();
    const [theirs, nobodys] = valuesOf(world, carrier);
    const before = await stateOf(world.server, "acme", "spelling");
    for (const neighbour of world.neighbours) {
      for (const variant of await variantsOf(world, carrier, neighbour)) {
        const answer = (value: string): Promise<Answer> => {
          const call = callWith(carrier, value, neighbour.own);
          return answerTo(world, { ...call, ...variant, headers: { ...variant.headers, ...call.headers } }, [value]);
        };
        const found = await answer(theirs);
        expect(found).toEqual(await answer(nobodys));
        if (carrier.in === "path") expect(found.status).toBeGreaterThanOrEqual(400);
      }
    }
    expect(await stateOf(world.server, "acme", "spelling")).toEqual(before);
  },
  timeoutMs,
);

test("a leak would be seen: a key that opens what it should not is answered otherwise", async () => {
  const world = await openWorld();
  const [{ own } = { own: nowhere }] = world.neighbours;
  const key = await storeKey(world.server, { project: "other", opensOrganisation: true });
  for (const id of ["getFlowRun", "getSession", "streamFlowExecution", "listTaskExecutions", "createFlowExecution"]) {
    const carrier = carriers.find(({ operation, name }) => operation.id === id && /id$/i.test(name));
    if (carrier === undefined) throw new Error(`${id} names nothing.`);
    const [found, missing] = await Promise.all(
      valuesOf(world, carrier).map((value) => answerTo(world, { ...callWith(carrier, value, own), key }, [value])),
    );
    expect([id, found]).not.toEqual([id, missing]);
  }
});

const lists = documented.filter(
  ({ id, method, isGuarded, statuses }) =>
    isGuarded && method === "GET" && !statuses.includes(101) && !/\{\w*[iI]d\}/.test(pathOf(id)),
);

function pathOf(id: string): string {
  return documented.find((operation) => operation.id === id)?.path ?? "";
}

test.each(lists)(
  "$id shows nothing of another tenant",
  async (operation) => {
    const world = await openWorld();
    const { theirs, idempotencyKey, pausedRunId, server } = world;
    const { org: _org, project: _project, flow: _flow, version: _version, stepId: _step, ...things } = theirs;
    for (const { key, own } of world.neighbours) {
      const call = callOf(operation, own);
      const response = await server.call(call.method, call.path, { key });
      const text = await response.text();
      const shown = [...Object.values(things), idempotencyKey, pausedRunId].filter((id) => text.includes(id));
      expect([own["org"], shown]).toEqual([own["org"], []]);
    }
  },
  timeoutMs,
);

test("a run that another tenant names in a body is one that does not exist: nothing is resumed or stepped", async () => {
  const world = await openWorld();
  const { server, pausedRunId, theirs } = world;
  const mine = "/api/v1/seq/acme/other";
  const toolCallMessages = [{ role: "tool", tool_call_id: "call_1", content: "x" }];
  const bodies = [
    { verb: "execute", of: (id: string) => ({ executionId: id, pausedAtStep: "ask", toolCallMessages }) },
    { verb: "step", of: (id: string) => ({ executionId: id, stepIndex: 1 }) },
    { verb: "step", of: (id: string) => ({ executionId: id, stepIndex: 1, toolCallMessages }) },
  ];
  const named = { asking: pausedRunId, "grade-3": theirs["executionId"] ?? "" };
  const { otherKey: key } = server;
  for (const { verb, of } of bodies) {
    for (const [flow, id] of Object.entries(named)) {
      const path = `${mine}/${flow}/${verb}`;
      const answer = (asked: string) => answerTo(world, { method: "POST", path, key, body: of(asked) }, [asked]);
      expect(await answer(id)).toEqual(await answer(nowhere["executionId"] ?? ""));
    }
  }
  expect(await server.engine.run(pausedRunId)).toMatchObject({ status: "paused" });
});

test("a key that one tenant used for a call is free for another tenant's calls", async () => {
  const { server, idempotencyKey } = await openWorld();
  const headers = { "idempotency-key": idempotencyKey };
  const call = { key: server.otherKey, headers, body: { message: "b" } };
  expect((await server.call("POST", "/api/v1/seq/acme/other/elsewhere/execute", call)).status).toBe(200);
});

test("a session id that two tenants use holds for each of them its own runs", async () => {
  const { server, theirs } = await openWorld();
  const path = "/api/v1/seq/acme/other/elsewhere/execute";
  const headers = { "x-session-id": theirs["sessionId"] ?? "" };
  await server.call("POST", path, { key: server.otherKey, headers, body: { message: "b", trace: true } });
  for (const [key, slug] of [
    [server.key, "grade-3"],
    [server.otherKey, "elsewhere"],
  ] as const) {
    const session = await server.call("GET", `/api/v1/seq/sessions/${theirs["sessionId"]}`, { key });
    const { executions } = (await session.json()) as { executions: readonly { slug: string }[] }; // as: the contract's
    expect(executions.map((execution) => execution.slug)).toEqual([slug]);
  }
});

test("a run is read at the path of its own flow only", async () => {
  const { server, theirs } = await openWorld();
  const other = await server.call("POST", `${seq}/asking/execute`, { body: { message: "a", tools: weatherTools } });
  const id = other.headers.get("x-noukai-execution-id") ?? "";
  expect((await server.call("GET", `${seq}/asking/runs/${id}`)).status).toBe(200);
  expect((await server.call("GET", `${seq}/grade-3/runs/${id}`)).status).toBe(404);
  expect((await server.call("GET", `${seq}/grade-3/runs/${theirs["executionId"]}`)).status).toBe(200);
});
