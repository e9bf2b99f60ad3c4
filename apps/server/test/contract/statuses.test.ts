import { describe, expect, test } from "vitest";
import { documented, faultsOfBody, faultsOfHead } from "./answers.ts";
import { operationOf } from "./calls.ts";
import { caseOf, ownCases } from "./cases.ts";

const error = { detail: { code: "RATE_LIMITED", message: "Too often." } };

describe("the cases of the contract", () => {
  test("there is one for every status that the document gives to an operation", () => {
    const lacking = documented.flatMap((operation) =>
      operation.statuses
        .filter((status) => caseOf(operation, status) === undefined)
        .map((status) => [operation.id, status]),
    );
    expect(lacking).toEqual([]);
  });

  test("none is for a status that the document does not give", () => {
    const given = new Set(documented.flatMap(({ id, statuses }) => statuses.map((status) => `${id} ${status}`)));
    expect(ownCases.filter((name) => !given.has(name))).toEqual([]);
  });
});

describe("the judge of answers", () => {
  const head = { "content-type": "application/json", "x-request-id": "req_1" };
  const body = { items: [], nextCursor: null };
  const judge = async (status: number, headers: Readonly<Record<string, string>>, value: unknown) => {
    const answer = new Response(JSON.stringify(value), { status, headers });
    const operation = operationOf("listFlows");
    const faults = faultsOfHead(operation, answer);
    return faults.length > 0 ? faults : faultsOfBody(operation, answer);
  };

  test("finds nothing where there is nothing", async () => {
    expect(await judge(200, head, body)).toEqual([]);
  });

  test.each([
    ["a status that the operation does not have", 418, head, body],
    ["a header that is missing", 200, { "content-type": "application/json" }, body],
    ["a type that is another", 200, { ...head, "content-type": "text/html" }, body],
    ["a body that is another", 200, head, { items: [{}], nextCursor: null }],
    ["a header that is no number", 429, { ...head, "x-should-retry": "true", "retry-after": "soon" }, error],
  ])("finds %s", async (_, status, headers, value) => {
    expect(await judge(status, headers, value)).toHaveLength(1);
  });

  test("finds a frame that is none of its stream's", async () => {
    const operation = operationOf("streamFlowExecution");
    const headers = { "content-type": "text/event-stream", "x-request-id": "req_1" };
    const text = 'id: 0-1\nevent: status_changed\ndata: {"status":"lost"}\n\n';
    expect(await faultsOfBody(operation, new Response(text, { headers }))).toHaveLength(1);
  });
});

const pairs = documented.flatMap((operation) =>
  operation.statuses.map((status) => ({ operation, status, name: `${operation.id} ${status}` })),
);

test.each(pairs)(
  "$name is provoked on a real server, and looks as the document says",
  async ({ operation, status }) => {
    const answer = await caseOf(operation, status)?.(operation);
    expect(answer?.status).toBe(status);
    if (answer === undefined) return;
    expect([...faultsOfHead(operation, answer), ...(await faultsOfBody(operation, answer))]).toEqual([]);
  },
  // Each starts a server or two of its own.
  30_000,
);
