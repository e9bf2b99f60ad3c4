import { act } from "@testing-library/react";
import { createRelayFlow, type Execution } from "@noukai/sdk";
import { createTestServer, fault, flow, type FlowScript, step, type TestServerOptions } from "@noukai/sdk/testing";
import { renderToString } from "react-dom/server";
import { describe, expect, test, vi } from "vitest";
import { ExecutionStore } from "../src/execution-store.ts";
import { NoukaiProvider, useExecution, type UsedExecution } from "../src/index.ts";
import { asked, clientOf, NAME } from "./fixtures.ts";
import { elapse, open, pass } from "./page.tsx";

const REPORT = flow([
  step("read", { after: 200, output: { a: 1 } }),
  step("write", { after: 500, output: { pages: 3 } }),
]);
const BROKEN = flow([
  step("read", { output: { a: 1 } }),
  step("write", { error: { code: "STEP_FAILED", message: "No ink." } }),
]);

/** A scripted server with an execution that has just been made, and a client of it. */
async function made(script: FlowScript | readonly FlowScript[] = REPORT, options: Partial<TestServerOptions> = {}) {
  const { faults, ...rest } = options;
  const server = createTestServer({ flows: { [NAME]: script }, ...rest });
  const noukai = clientOf(server);
  const execution = await noukai.executions.create({ flowId: server.flowId(NAME), input: {} });
  server.inject(...(faults ?? []));
  return { server, noukai, execution };
}

let shown: UsedExecution;

function Shown({ id, tasks = false }: { readonly id: string | Execution | undefined; readonly tasks?: boolean }) {
  shown = useExecution(id, { tasks });
  return <p>{`${shown.status};`}</p>;
}

/** How often each was asked for. */
function countOf(server: Parameters<typeof asked>[0], operation: string): number {
  return asked(server).filter((each) => each === operation).length;
}

describe("an execution", () => {
  test("is followed to its end", async () => {
    const { noukai, execution } = await made();
    open(<Shown id={execution.id} />, { client: noukai });
    expect(shown).toMatchObject({ status: "loading", isRunning: false, execution: undefined, isLive: false });
    await pass(50);
    expect(shown).toMatchObject({ status: "in_progress", isRunning: true, isLive: true, data: undefined });
    await pass(800);
    expect(shown).toMatchObject({ status: "completed", isRunning: false, isLive: false, data: { pages: 3 } });
    expect(shown.error).toBeUndefined();
  });

  test("is read once and followed by one connection, however many components show it", async () => {
    const { server, noukai, execution } = await made();
    const page = open(
      Array.from({ length: 20 }, (_, index) => <Shown key={index} id={execution.id} />),
      { client: noukai },
    );
    await pass(50);
    expect(page.container.textContent).toBe("in_progress;".repeat(20));
    expect(countOf(server, "streamExecution")).toBe(1);
    expect(countOf(server, "getExecution")).toBeLessThanOrEqual(3);
    await pass(800);
    expect(page.container.textContent).toBe("completed;".repeat(20));
    // The second one asked whether that was all.
    expect(countOf(server, "streamExecution")).toBe(2);
    expect(countOf(server, "getExecution")).toBeLessThanOrEqual(6);
  });

  test("that is over is read and not followed", async () => {
    const { server, noukai, execution } = await made(flow([step("only", { output: { a: 1 } })]));
    open(<Shown id={execution} />, { client: noukai });
    await pass();
    expect(shown).toMatchObject({ status: "completed", data: { a: 1 } });
    expect(asked(server)).toEqual(["createExecution", "getExecution"]);
  });

  test("tells why it failed", async () => {
    const { noukai, execution } = await made(BROKEN);
    open(<Shown id={execution.id} />, { client: noukai });
    await pass();
    expect(shown).toMatchObject({ status: "failed", error: { code: "STEP_FAILED", message: "No ink." } });
  });

  test("is none yet, and then one", async () => {
    const { noukai, execution } = await made();
    const page = open(<Shown id={undefined} />, { client: noukai });
    expect(shown).toMatchObject({ status: "idle", isRunning: false });
    await expect(shown.editOutput("read", {})).rejects.toThrow(TypeError);
    await shown.cancel();
    page.show(<Shown id={execution.id} />);
    await pass();
    expect(shown.status).toBe("in_progress");
  });

  test("that is another's is an error, and nothing is followed", async () => {
    const { server, noukai } = await made();
    open(<Shown id="0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10" />, { client: noukai });
    await pass();
    expect(shown).toMatchObject({ status: "loading", error: { code: "EXECUTION_NOT_FOUND" } });
    expect(countOf(server, "streamExecution")).toBe(0);
  });
});

test.each([0, 1, 2, 3, 4])("a wish to read that comes %d turns behind an answer is read for", async (turns) => {
  const { server, execution } = await made(flow([step("only", { output: { a: 1 } })]));
  const store = new ExecutionStore({ handle: execution, graceMs: 0, onForgotten: () => {} });
  let wish: Promise<void> | undefined;
  store.subscribe(() => {
    wish ??= (async () => {
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      await store.refresh();
    })();
  });
  await elapse(50);
  await wish;
  expect(countOf(server, "getExecution")).toBe(2);
});

describe("tasks", () => {
  test("are read where a component asks for them, and again while they are at work", async () => {
    const long = flow([step("read", { after: 3_000 }), step("write", { after: 3_000 })]);
    const { server, noukai, execution } = await made(long);
    open([<Shown key="1" id={execution.id} />, <Shown key="2" id={execution.id} tasks />], { client: noukai });
    await pass();
    expect(shown.tasks?.map(({ status }) => status)).toEqual(["in_progress", "queued"]);
    await pass(4_500);
    expect(shown.tasks?.map(({ status }) => status)).toEqual(["completed", "in_progress"]);
    await pass(3_000);
    expect(shown.tasks?.map(({ status }) => status)).toEqual(["completed", "completed"]);
    const before = countOf(server, "listTasks");
    await pass(10_000);
    expect(countOf(server, "listTasks")).toBe(before);
  });

  test("are not read for components that do not ask", async () => {
    const { server, noukai, execution } = await made();
    open(<Shown id={execution.id} />, { client: noukai });
    await pass(1_000);
    expect(shown.tasks).toBeUndefined();
    expect(countOf(server, "listTasks")).toBe(0);
  });
});

describe("what one can do", () => {
  test("mends an output and runs again only what is stale", async () => {
    const { noukai, execution } = await made([BROKEN, REPORT]);
    open(<Shown id={execution.id} tasks />, { client: noukai });
    await pass();
    await act(() => shown.editOutput("read", { a: 2 }));
    await pass();
    expect(shown).toMatchObject({ status: "stale", isRunning: false, isLive: true });
    expect(shown.tasks?.map(({ status }) => status)).toEqual(["completed", "stale"]);
    await act(() => shown.reexecute({ onlyStale: true }));
    await pass();
    expect(shown).toMatchObject({ status: "in_progress", isRunning: true });
    await pass(1_000);
    expect(shown).toMatchObject({ status: "completed", data: { pages: 3 }, execution: { runNumber: 2 } });
  });

  test("cancels, in place of whoever shows it", async () => {
    const { noukai, execution } = await made();
    open(<Shown id={execution.id} />, { client: noukai });
    await pass();
    await act(() => shown.cancel());
    await pass();
    expect(shown).toMatchObject({ status: "cancelled", isRunning: false });
  });

  test("shows what was refused, until the next time", async () => {
    const { noukai, execution } = await made();
    open(<Shown id={execution.id} />, { client: noukai });
    await pass();
    act(() => void shown.editOutput("read", {}));
    await pass();
    expect(shown.error).toMatchObject({ code: "EXECUTION_BUSY" });
    await pass(1_000);
    expect(shown).toMatchObject({ status: "completed", error: { code: "EXECUTION_BUSY" } });
    await act(() => shown.editOutput("write", { pages: 4 }));
    await pass();
    expect(shown).toMatchObject({ error: undefined, data: { pages: 4 } });
  });
});

describe("what others do", () => {
  test("is seen while the execution is stale", async () => {
    const { noukai, execution } = await made([BROKEN, REPORT]);
    await execution.editOutput("read", { a: 2 });
    open(<Shown id={execution.id} />, { client: noukai });
    await pass();
    expect(shown.status).toBe("stale");
    await execution.reexecute({ onlyStale: true });
    await pass(1_000);
    expect(shown.status).toBe("completed");
  });

  test("is seen when the execution is deleted while it is read", async () => {
    const { server, execution } = await made();
    const slow = clientOf(server, {
      fetch: async (request) => {
        const answer = await server.fetch(request);
        if (request.method === "GET" && !request.url.endsWith("/events"))
          await new Promise((end) => setTimeout(end, 100));
        return answer;
      },
    });
    open(<Shown id={execution.id} />, { client: slow });
    await pass(400);
    act(() => void shown.refresh());
    await pass();
    await execution.delete();
    await pass(500);
    expect(shown).toMatchObject({ status: "deleted", error: undefined });
  });

  test("is seen when the execution is deleted", async () => {
    const { noukai, execution } = await made();
    open(<Shown id={execution.id} />, { client: noukai });
    await pass();
    await execution.delete();
    await pass();
    expect(shown).toMatchObject({ status: "deleted", isRunning: false, isLive: false, error: undefined });
  });
});

describe("a connection", () => {
  test("that breaks is made anew", async () => {
    const { noukai, execution } = await made(REPORT, { faults: [fault.none(), fault.reset({ afterEvent: 2 })] });
    open(<Shown id={execution.id} />, { client: noukai });
    await pass(0);
    await pass(10_000);
    expect(shown).toMatchObject({ status: "completed", error: undefined });
  });

  test("that ends while the server restarts is taken up again, and shows the end", async () => {
    const { server, noukai, execution } = await made();
    open(<Shown id={execution.id} />, { client: noukai });
    await pass(500);
    server.inject(...Array.from({ length: 9 }, () => fault.status(503, { code: "SERVER_STOPPING" })));
    await pass(20_000);
    await pass(20_000);
    expect(shown).toMatchObject({ status: "completed", isRunning: false, error: undefined });
  });

  test("that cannot be had is tried again when the page is looked at again", async () => {
    const refused = Array.from({ length: 3 }, () => fault.status(503, { code: "SERVER_STOPPING" }));
    const { noukai, execution } = await made(REPORT, { faults: refused });
    open(<Shown id={execution.id} />, { client: noukai });
    await pass(0);
    await pass(10_000);
    expect(shown).toMatchObject({ status: "loading", error: { code: "SERVER_STOPPING" } });
    act(() => void globalThis.dispatchEvent(new Event("online")));
    await pass();
    expect(shown).toMatchObject({ status: "completed", error: undefined });
  });

  test("is kept through a change of pages, and given up when nobody comes back", async () => {
    const long = flow([step("read", { after: 60_000 })]);
    const { server, noukai, execution } = await made(long);
    const page = open(<Shown id={execution.id} />, { client: noukai });
    await pass();
    page.show(<p>elsewhere</p>);
    await pass(500);
    page.show(<Shown id={execution.id} />);
    await pass();
    expect(shown.status).toBe("in_progress");
    expect(countOf(server, "streamExecution")).toBe(1);
    page.unmount();
    await pass(2_000);
    const before = server.requests.length;
    await execution.cancel();
    await pass(2_000);
    expect(server.requests.slice(before).map(({ operation }) => operation)).toEqual(["cancelExecution"]);
  });
});

test("a server's markup says that it is loading, and asks nothing", async () => {
  const { server, noukai, execution } = await made();
  const html = renderToString(
    <NoukaiProvider client={noukai}>
      <Shown id={execution.id} />
    </NoukaiProvider>,
  );
  expect(html).toBe("<p>loading;</p>");
  expect(asked(server)).toEqual(["createExecution"]);
});

test("a relay leads to no execution, and says so", () => {
  vi.mocked(console.error).mockImplementation(() => {}); // React tells of it, too
  const relay = createRelayFlow({ url: "/agent/execute" });
  expect(() => open(<Shown id="e" />, { relay })).toThrow("Nothing leads to executions");
});
