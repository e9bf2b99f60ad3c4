import { describe, expect, expectTypeOf, test } from "vitest";
import { clientOf } from "../../test/recorded-run.ts";
import { watchedFetch } from "../../test/watched-fetch.ts";
import {
  APIConnectionError,
  type Execution,
  FlowExecutionError,
  type FlowExecution,
  FlowNotFoundError,
  InsufficientCreditsError,
  type Operation,
  type TaskExecution,
  ValidationError,
  ValueError,
} from "../index.ts";
import type { FlowExecution as WireExecution, TaskExecution as WireTask } from "@noukai/core/schema";
import type { Camelized } from "./execution-wire.ts";

const ID = "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10";
const FLOW = "0199e01b-55c3-7d1a-8f20-0c4b7e9a6d31";

/** An execution on the wire. */
function wireExecution(members: Partial<WireExecution> = {}): WireExecution {
  return {
    id: ID,
    flow_id: FLOW,
    flow_version: 3,
    input: { some_text: "a" },
    organization_id: "acme",
    status: "running",
    created_at: "2026-11-20T09:30:12.481Z",
    updated_at: "2026-11-20T09:30:12.481Z",
    modified_by: "k7Qm2xVa",
    run_id: ID,
    ...members,
  };
}

const wireTask: WireTask = {
  id: `${ID}:check`,
  flow_execution_id: ID,
  run_id: ID,
  step_id: "check",
  name: "Check",
  kind: "llm",
  index: 0,
  status: "failed",
  input: { some_text: "a" },
  output: null,
  error: { code: "STEP_FAILED", message: "No.", step_id: "check" },
  tokens: { prompt: 1, completion: 2, total: 3 },
  cost_usd: "0.1",
  duration_ms: 5,
  started_at: "2026-11-20T09:30:12.481Z",
  completed_at: null,
  kept_from_run_id: null,
  edited_at: null,
};

function refusal(status: number, code: string, details?: object): Response {
  const error = { code, message: "For a reason.", ...(details && { details }) };
  return Response.json({ error, request_id: "req_7" }, { status });
}

const nothing = (): Response => new Response(null, { status: 204 });

describe("shapes", () => {
  test("are those of the contract, under our names", () => {
    expectTypeOf<Omit<FlowExecution, "error">>().toEqualTypeOf<Omit<Camelized<WireExecution>, "error">>();
    expectTypeOf<Omit<TaskExecution, "error">>().toEqualTypeOf<Omit<Camelized<WireTask>, "error">>();
  });

  test("keep what a caller or a flow has named", async () => {
    const { fetch } = watchedFetch(({ line }) =>
      Response.json(
        line.includes("task") ? wireTask : wireExecution({ error: { code: "C", message: "m", step_id: "s" } }),
      ),
    );
    const { executions } = clientOf(fetch);
    expect(await executions.get(ID)).toEqual({
      id: ID,
      flowId: FLOW,
      flowVersion: 3,
      input: { some_text: "a" },
      organizationId: "acme",
      status: "running",
      createdAt: "2026-11-20T09:30:12.481Z",
      updatedAt: "2026-11-20T09:30:12.481Z",
      modifiedBy: "k7Qm2xVa",
      runId: ID,
      error: { code: "C", message: "m", stepId: "s" },
    });
    expect(await executions.task(`${ID}:check`)).toMatchObject({
      flowExecutionId: ID,
      costUsd: "0.1",
      keptFromRunId: null,
      input: { some_text: "a" },
      error: { stepId: "check" },
    });
  });
});

describe("create", () => {
  test("gives the execution as it was made, and a handle to it", async () => {
    const { fetch, requests } = watchedFetch(({ line }) =>
      line === "POST /flow-executions"
        ? Response.json(wireExecution(), { status: 201 })
        : Response.json(wireExecution({ status: "completed", result: { text: "b" }, run_number: 1 })),
    );
    const execution = await clientOf(fetch).executions.create({
      flowId: FLOW,
      input: { some_text: "a" },
      webhookUrl: "https://app.example.com/hook",
      idempotencyKey: "key-1",
    });
    expect(execution).toMatchObject({ id: ID, flowVersion: 3, status: "running", runId: ID });
    expect(requests[0]).toMatchObject({
      body: { flow_id: FLOW, input: { some_text: "a" }, webhook_url: "https://app.example.com/hook" },
    });
    expect(requests[0]?.headers.get("idempotency-key")).toBe("key-1");
    expectTypeOf(execution).toExtend<Execution>();
    expect(await execution.result()).toEqual({ text: "b" });
  });

  test("keeps its methods, whatever a newer server tells of an execution", async () => {
    const { fetch } = watchedFetch(() =>
      Response.json({ ...wireExecution(), tasks: [], events: 3, weather: "mild" }, { status: 201 }),
    );
    const execution = await clientOf(fetch).executions.create({ flowId: FLOW, input: {} });
    expect([typeof execution.tasks, typeof execution.events]).toEqual(["function", "function"]);
    expect(execution).toMatchObject({ status: wireExecution().status, weather: "mild" });
  });

  test("is made again under the same key when no answer came", async () => {
    let calls = 0;
    const { fetch, requests } = watchedFetch(() => {
      if (++calls === 1) throw new TypeError("fetch failed");
      return Response.json(wireExecution(), { status: 201 });
    });
    await clientOf(fetch).executions.create({ flowId: FLOW, input: {} });
    const keys = requests.map(({ headers }) => headers.get("idempotency-key"));
    expect(keys).toHaveLength(2);
    expect(keys[0]).toBe(keys[1]);
  });

  test.each([
    [400, "INVALID_REQUEST", ValidationError],
    [402, "INSUFFICIENT_CREDITS", InsufficientCreditsError],
    [404, "FLOW_NOT_FOUND", FlowNotFoundError],
    [422, "FLOW_NOT_PUBLISHED", FlowExecutionError],
    [422, "INPUT_INVALID", ValidationError],
    [422, "MODEL_PROVIDER_ERROR", FlowExecutionError],
    [409, "EXECUTION_BUSY", FlowExecutionError],
  ])("%d %s is the SDK's error, with all that the server says", async (status, code, ErrorClass) => {
    const issues = [{ path: "input.text", message: "is required" }];
    const { fetch } = watchedFetch(() => refusal(status, code, { issues }));
    const error: unknown = await clientOf(fetch)
      .executions.create({ flowId: FLOW, input: {} })
      .catch((fault: unknown) => fault);
    expect(error).toBeInstanceOf(ErrorClass);
    expect(error).toMatchObject({
      statusCode: status,
      code,
      requestId: "req_7",
      billed: "no",
      message: `POST flow-executions: ${status} ${code}. For a reason.`,
      responseBody: { error: { details: { issues } } },
    });
  });

  test.each([
    [{ flowId: FLOW, input: [] }, "`input` is a list"],
    [{ flowId: FLOW, input: "a" }, '`input` is "a"'],
    [{ flowId: FLOW, input: {}, webhookURL: "https://a" }, "Did you mean `webhookUrl`"],
  ])("refuses %j before sending", async (options, message) => {
    const { fetch, lines } = watchedFetch(nothing);
    const calling = clientOf(fetch).executions.create(options as never); // what untyped callers give
    await expect(calling).rejects.toThrow(message);
    await expect(calling).rejects.toBeInstanceOf(ValueError);
    expect(lines()).toEqual([]);
  });

  test("tells an answer that is none", async () => {
    const { fetch } = watchedFetch(() => Response.json({ hello: "proxy" }));
    await expect(clientOf(fetch).executions.create({ flowId: FLOW, input: {} })).rejects.toMatchObject({
      code: "UNEXPECTED_ANSWER",
      billed: "possibly",
    });
  });
});

describe("list", () => {
  /** A server with so many executions, whose pages begin behind one of them. */
  function serverOf(count: number) {
    const all = Array.from({ length: count }, (_, index) => wireExecution({ id: `e-${count - index}` }));
    return watchedFetch(({ line }) => {
      const query = new URL(line.split(" ")[1] ?? "", "https://server.test").searchParams;
      const start = all.findIndex(({ id }) => id === query.get("start_from_execution_id")) + 1;
      return Response.json(all.slice(start, start + Number(query.get("page_size") ?? 10)));
    });
  }

  test("goes through all executions, page by page, each asked for when it is needed", async () => {
    const { fetch, lines } = serverOf(5);
    const seen: string[] = [];
    for await (const execution of clientOf(fetch).executions.list({ flowId: FLOW, pageSize: 2 })) {
      expectTypeOf(execution).toEqualTypeOf<FlowExecution>();
      seen.push(execution.id);
      expect(lines()).toHaveLength(Math.ceil(seen.length / 2));
    }
    expect(seen).toEqual(["e-5", "e-4", "e-3", "e-2", "e-1"]);
    const first = `GET /flow-executions?flow_id=${FLOW}&sort_field=created_at&page_size=2`;
    expect(lines()).toEqual([first, `${first}&start_from_execution_id=e-4`, `${first}&start_from_execution_id=e-2`]);
  });

  test("ends behind a last page that is full", async () => {
    const { fetch, lines } = serverOf(4);
    const page = await clientOf(fetch).executions.list({ flowId: FLOW, pageSize: 2 });
    const second = await page.next();
    expect([second?.items.length, second?.nextFrom]).toEqual([2, "e-1"]);
    expect(await second?.next()).toBeUndefined();
    expect(await Array.fromAsync(page)).toHaveLength(4);
    const short = await clientOf(fetch).executions.list({ flowId: FLOW, pageSize: 3, startFromExecutionId: "e-3" });
    expect([short.items.length, short.nextFrom]).toEqual([2, undefined]);
    const asked = lines().length;
    expect(await short.next()).toBeUndefined();
    expect(lines()).toHaveLength(asked);
  });

  test("asks as it is told", async () => {
    const { fetch, lines } = watchedFetch(() => Response.json([]));
    await clientOf(fetch).executions.list({
      flowId: FLOW,
      status: ["failed", "stale"],
      statusExclude: "deleted",
      sortField: "updatedAt",
      sortDirection: "asc",
      page: 2,
      createdAfter: new Date(0),
      updatedBefore: "2026-11-20T10:30:00+01:00",
      includeRunNumber: true,
    });
    const query = Object.entries({
      flow_id: FLOW,
      "status[]": ["failed", "stale"],
      "status_exclude[]": "deleted",
      sort_field: "updated_at",
      sort_direction: "asc",
      page: "2",
      created_after: "1970-01-01T00:00:00.000Z",
      updated_before: "2026-11-20T09:30:00.000Z",
      include_run_number: "true",
    }).flatMap(([name, value]) => [value].flat().map((each) => [name, each]));
    expect(lines()).toEqual([`GET /flow-executions?${new URLSearchParams(query)}`]);
  });

  test.each([{ pageSize: 0 }, { pageSize: 1_001 }, { page: 1.5 }, { createdAfter: "soon" }])(
    "refuses %j before asking",
    async (options) => {
      const { fetch, lines } = serverOf(1);
      await expect(clientOf(fetch).executions.list({ flowId: FLOW, ...options })).rejects.toThrow(ValueError);
      expect(lines()).toEqual([]);
    },
  );
});

describe("commands", () => {
  test("go to the execution's own addresses, from the client and from a handle", async () => {
    const { fetch, lines, requests } = watchedFetch(({ line }) =>
      line.startsWith("GET /task-executions?")
        ? Response.json([wireTask])
        : line.includes("task")
          ? Response.json(wireTask)
          : line.startsWith("GET")
            ? Response.json(wireExecution({ run_id: "run-2" }))
            : nothing(),
    );
    const execution = clientOf(fetch).execution(ID);
    expect(await execution.cancel()).toBeUndefined();
    await execution.reexecute({ onlyStale: true });
    await execution.delete();
    expect((await execution.tasks()).map(({ stepId }) => stepId)).toEqual(["check"]);
    await execution.task("check");
    await execution.editOutput("check", { a_b: 1 });
    await execution.editOutput("check", { a_b: 1 }, { executeFlow: true });
    expect((await execution.run()).executionId).toBe("run-2");
    const task = `/task-executions/${ID}%3Acheck`;
    expect(lines()).toEqual([
      `POST /flow-executions/${ID}/cancel`,
      `POST /flow-executions/${ID}/execute?only_stale=true`,
      `DELETE /flow-executions/${ID}`,
      `GET /task-executions?flow_execution_id=${ID}`,
      `GET ${task}`,
      `PUT ${task}`,
      `PUT ${task}?execute_flow=true`,
      `GET /flow-executions/${ID}`,
    ]);
    expect(requests[5]?.body).toEqual({ output: { a_b: 1 } });
    expect(requests[1]?.headers.get("idempotency-key")).toMatch(/^[\da-f-]{36}$/);
  });

  test("are repeated after a lost answer where that does nothing twice", async () => {
    const { fetch, lines } = watchedFetch(() => {
      throw new TypeError("fetch failed");
    });
    const { executions } = clientOf(fetch);
    const tries = async (call: Promise<unknown>): Promise<number> => {
      const before = lines().length;
      await expect(call).rejects.toBeInstanceOf(APIConnectionError);
      return lines().length - before;
    };
    expect(await tries(executions.cancel(ID))).toBe(3);
    expect(await tries(executions.delete(ID))).toBe(3);
    expect(await tries(executions.reexecute(ID))).toBe(3);
    expect(await tries(executions.editOutput(`${ID}:check`, {}))).toBe(3);
    expect(await tries(executions.editOutput(`${ID}:check`, {}, { executeFlow: true }))).toBe(1);
  });

  test.each(["", ".", ".."])("refuse the id %j before sending", async (id) => {
    const { fetch, lines } = watchedFetch(nothing);
    const { executions } = clientOf(fetch);
    await expect(executions.get(id)).rejects.toThrow(ValueError);
    await expect(executions.cancel(id)).rejects.toThrow(ValueError);
    await expect(executions.wait(id)).rejects.toThrow(ValueError);
    await expect(executions.task(id)).rejects.toThrow(ValueError);
    await expect(executions.events(id).next()).rejects.toThrow(ValueError);
    expect(lines()).toEqual([]);
  });

  test("refuse an option whose misspelling would run, and cost, something else", async () => {
    const { fetch, lines } = watchedFetch(nothing);
    const { executions } = clientOf(fetch);
    // As: what a program without types may pass.
    await expect(executions.reexecute(ID, { only_stale: true } as object)).rejects.toThrow("`onlyStale`");
    await expect(executions.editOutput(`${ID}:a`, {}, { executeflow: true } as object)).rejects.toThrow(
      "`executeFlow`",
    );
    expect(lines()).toEqual([]);
  });

  test("pass the client's layers, once each", async () => {
    const seen: Operation[] = [];
    const { fetch } = watchedFetch(({ line }) =>
      line.startsWith("POST /flow-executions/") || line.startsWith("DELETE")
        ? nothing()
        : Response.json(
            line.startsWith("GET /flow-executions?") || line.startsWith("GET /task-executions?")
              ? []
              : line.includes("task")
                ? wireTask
                : wireExecution({ status: "completed", result: {} }),
          ),
    );
    const middleware = [
      {
        call: <Result>(operation: Operation, next: (operation: Operation) => Promise<Result>) => (
          seen.push(operation),
          next(operation)
        ),
      },
    ];
    const { executions } = clientOf(fetch, { middleware });
    await executions.create({ flowId: FLOW, input: {} });
    await executions.list({ flowId: FLOW });
    await executions.get(ID);
    await executions.wait(ID);
    await executions.cancel(ID);
    await executions.reexecute(ID, { onlyStale: true });
    await executions.delete(ID);
    await executions.tasks(ID);
    await executions.task(`${ID}:check`);
    await executions.editOutput(`${ID}:check`, {});
    expect(seen.map(({ name, executionId }) => [name, executionId])).toEqual([
      ["createExecution", undefined],
      ["listExecutions", undefined],
      ["getExecution", ID],
      ["waitForExecution", ID],
      ["cancelExecution", ID],
      ["reexecute", ID],
      ["deleteExecution", ID],
      ["listTasks", ID],
      ["getTask", `${ID}:check`],
      ["editOutput", `${ID}:check`],
    ]);
    expect(seen[5]?.options).toEqual({ onlyStale: true });
  });
});
