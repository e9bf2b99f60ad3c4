import { act } from "@testing-library/react";
import { fault, flow, step } from "@noukai/sdk/testing";
import type { RelayFlow } from "@noukai/sdk";
import { describe, expect, test } from "vitest";
import { useFlow, type UsedFlow } from "../src/index.ts";
import { asked, NAME, serve } from "./fixtures.ts";
import { open, pass } from "./page.tsx";

const GRADER = flow([step("check", { output: { mistakes: 2 }, after: 500 })]);

let used: UsedFlow<RelayFlow>;

function Grader() {
  used = useFlow(NAME);
  return null;
}

describe("a flow that is called from a component", () => {
  test("shows that it runs, and what it gave", async () => {
    const { noukai, server } = serve([GRADER, GRADER]);
    open(<Grader />, { client: noukai });
    expect(used).toMatchObject({ status: "idle", isRunning: false, data: undefined, error: undefined });
    const { execute } = used;
    let answer: unknown;
    act(() => void execute({ message: "kat" }).then((given) => (answer = given)));
    expect(used).toMatchObject({ status: "running", isRunning: true });
    await pass(600);
    expect(used).toMatchObject({ status: "completed", isRunning: false, data: { mistakes: 2 } });
    expect(answer).toMatchObject({ result: { mistakes: 2 } });
    expect(used.execute).toBe(execute);
    act(() => void execute());
    expect(used).toMatchObject({ status: "running", data: { mistakes: 2 } }); // until there is another
    await pass(600);
    expect(asked(server)).toEqual(["execute", "execute"]);
  });

  test("shows why it failed, and nobody has to catch that", async () => {
    const { noukai } = serve(GRADER, { faults: [fault.status(401, { code: "UNAUTHENTICATED" })] });
    open(<Grader />, { client: noukai });
    act(() => void used.execute());
    await pass();
    expect(used).toMatchObject({ status: "failed", isRunning: false, error: { code: "UNAUTHENTICATED" } });
    act(() => used.reset());
    expect(used).toMatchObject({ status: "idle", error: undefined });
  });

  test("is cancelled by `abort`", async () => {
    const { noukai, server } = serve(GRADER);
    open(<Grader />, { client: noukai });
    act(() => void used.execute());
    await pass(100);
    act(() => used.abort());
    await pass(100);
    expect(used).toMatchObject({ status: "cancelled", isRunning: false, error: undefined });
    expect(asked(server)).toEqual(["execute", "cancelByKey"]);
  });

  test("goes on when its component leaves the page", async () => {
    const { noukai, server } = serve(GRADER);
    const page = open(<Grader />, { client: noukai });
    act(() => void used.execute());
    await pass(100);
    page.show(null);
    await pass(1_000);
    expect(asked(server)).toEqual(["execute"]);
    server.assertDone();
  });

  test("shows the latest of two calls", async () => {
    const slow = flow([step("check", { output: "slow", after: 900 })]);
    const { noukai } = serve([slow, GRADER]);
    open(<Grader />, { client: noukai });
    act(() => void used.execute());
    act(() => void used.execute());
    await pass(2_000);
    expect(used).toMatchObject({ status: "completed", data: { mistakes: 2 } });
  });

  test("waits for answers to its tool calls", async () => {
    const asking = step("advise", {
      toolCalls: [{ name: "get_weather" }],
      onResults: ([weather]) => ({ output: weather?.content }),
    });
    const { noukai } = serve(flow([asking]));
    open(<Grader />, { client: noukai });
    act(() => void used.execute({ tools: [{ type: "function", function: { name: "get_weather" } }] }));
    await pass();
    expect(used).toMatchObject({ status: "paused", isRunning: false });
    const toolCallId = used.paused?.toolCalls[0]?.id ?? "";
    act(() => void used.resume({ toolResults: [{ toolCallId, output: "rain" }] }));
    await pass();
    expect(used).toMatchObject({ status: "completed", data: "rain", paused: undefined });
  });

  test("says so when there is no pause to go on from", async () => {
    const { noukai } = serve(GRADER);
    open(<Grader />, { client: noukai });
    await act(() => expect(used.resume()).rejects.toThrow("There is no pause"));
    expect(used.status).toBe("failed");
  });
});
