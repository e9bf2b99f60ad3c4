import { describe, expect, test } from "vitest";
import { ASKING, PausingServer } from "../test/recorded-run-pauses.ts";
import { BRANCHES, clientOf, EXECUTION_ID, RECORDED, RecordedServer, type WireFrame } from "../test/recorded-run.ts";
import type { TextOptions } from "./index.ts";

const FIRST_TRY = RECORDED.findIndex(({ name }) => name === "step_retrying");
/** Nothing had to be done twice. */
const SMOOTH = RECORDED.filter((_frame, index) => index < 3 || index > FIRST_TRY).map((frame) =>
  frame.seq !== undefined && frame.seq > 4 ? { ...frame, seq: frame.seq - 1 } : frame,
);

function streamOf(frames: readonly WireFrame[], cuts: readonly number[] = []) {
  const server = new RecordedServer({ frames, cuts, end: "reset", meanwhile: "runs on" });
  return { server, stream: clientOf(server.fetch).flow("grade-3").events() };
}

async function textOf(
  frames: readonly WireFrame[],
  options?: TextOptions,
  cuts?: readonly number[],
): Promise<string[]> {
  const pieces: string[] = [];
  for await (const delta of streamOf(frames, cuts).stream.text(options)) pieces.push(delta);
  return pieces;
}

describe("a stream's text", () => {
  test("is that of the top-level steps, piece by piece", async () => {
    expect(await textOf(SMOOTH)).toEqual(["Die ", "😀Kät", "zchen", '{"title":', '"漢', '字"}']);
  });

  test("is that of one step where it is named", async () => {
    expect((await textOf(SMOOTH, { stepId: "b" })).join("")).toBe('{"title":"漢字"}');
  });

  test("leaves out what steps inside a container write: it would come mixed", async () => {
    expect(await textOf(BRANCHES)).toEqual([]);
  });

  test("is whole though the stream was cut", async () => {
    expect((await textOf(SMOOTH, { stepId: "a" }, [600])).join("")).toBe("Die 😀Kätzchen");
  });

  test("that becomes void ends in an error that says what to do, not in a mixture", async () => {
    const pieces: string[] = [];
    const read = async (): Promise<void> => {
      for await (const delta of streamOf(RECORDED).stream.text()) pieces.push(delta);
    };
    await expect(read()).rejects.toMatchObject({
      name: "FlowExecutionError",
      code: "TEXT_VOIDED",
      executionId: EXECUTION_ID,
      message: expect.stringContaining("`onReset`"),
    });
    expect(pieces).toEqual(["Kä", "ter"]);
  });

  test("that becomes void is dropped by who says how", async () => {
    let text = "";
    const attempts: number[] = [];
    const onReset: TextOptions["onReset"] = ({ attempt }) => {
      attempts.push(attempt);
      text = "";
    };
    for await (const delta of streamOf(RECORDED).stream.text({ stepId: "a", onReset })) text += delta;
    expect(text).toBe("Die 😀Kätzchen");
    expect(attempts).toEqual([2]);
  });

  test("of a step that begins anew before it has written anything goes on as if nothing had been", async () => {
    const silent = RECORDED.filter((_frame, index) => index < 3 || index >= FIRST_TRY);
    expect((await textOf(silent, { stepId: "a" })).join("")).toBe("Die 😀Kätzchen");
    expect((await textOf(RECORDED, { stepId: "b" })).join("")).toBe('{"title":"漢字"}');
  });

  test("of a run that fails ends in the run's error", async () => {
    const error = { code: "STEP_FAILED", message: "Why." };
    const failed = [...SMOOTH.slice(0, 6), { seq: 4, name: "step_error", data: { stepId: "a", name: "a", error } }];
    await expect(textOf(failed)).rejects.toMatchObject({ name: "FlowExecutionError", code: "STEP_FAILED" });
  });

  test("of a run that waits for tools says who could answer; with a handler it goes on", async () => {
    const read = async (options: object): Promise<string> => {
      let text = "";
      for await (const delta of clientOf(new PausingServer({ frames: ASKING }).fetch)
        .flow("grade-3")
        .events(options)
        .text())
        text += delta;
      return text;
    };
    await expect(read({})).rejects.toMatchObject({
      code: "TOOL_CALLS_REQUIRED",
      message: expect.stringContaining("`toolHandler`"),
    });
    const toolHandler = (calls: readonly { id: string }[]) => calls.map(({ id }) => ({ toolCallId: id, output: "" }));
    expect(await read({ toolHandler })).toBe("☀ in Lyon");
  });

  test("closes the connection when the loop is left", async () => {
    const { server, stream } = streamOf(SMOOTH);
    for await (const _delta of stream.text()) break;
    expect(server.requests[0]?.signal.aborted).toBe(true);
    expect((await stream.next()).done).toBe(true);
  });
});
