import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ExecuteResult, PausedResult } from "../src/index.ts";
import { clientOf, encodeFrame, EXECUTION_ID, streamOf } from "./recorded-run.ts";

/** The contract's real messages, one file per schema: what the server must be able to send, the SDK must be able to read. */
const FOLDER = new URL("../../../openapi/examples/", import.meta.url);
const EXAMPLES = readdirSync(FOLDER);

function read(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL(name, FOLDER), "utf8")) as Record<string, unknown>; // each example is an object
}

function named(pattern: RegExp): string[] {
  const names = EXAMPLES.filter((name) => pattern.test(name));
  expect(names.length).toBeGreaterThan(0);
  return names;
}

function answering(body: unknown, status = 200) {
  return clientOf(() => Response.json(body, { status })).flow("grade-3");
}

describe("each example", () => {
  test.each(named(/^ExecuteCompletedResponse/))("%s is a result", async (name) => {
    const example = read(name);
    const result = await answering(example).execute();
    expect(result).toBeInstanceOf(ExecuteResult);
    const { status: _status, ...members } = example;
    expect(result).toEqual(
      expect.objectContaining({ ...members, output: example["result"], requiresToolCalls: false }),
    );
  });

  test.each(named(/^ExecutePausedResponse/))("%s is a pause", async (name) => {
    const example = read(name);
    const paused = await answering(example).execute();
    expect(paused).toBeInstanceOf(PausedResult);
    const { status: _status, ...members } = example;
    expect(paused).toEqual(expect.objectContaining({ ...members, requiresToolCalls: true }));
  });

  test.each(named(/^ExecuteFailedResponse/))("%s is thrown", async (name) => {
    await expect(answering(read(name)).execute()).rejects.toMatchObject({ name: "FlowExecutionError", billed: "yes" });
  });

  test.each(named(/^ErrorResponse/))("%s is an error with its code and message", async (name) => {
    const { detail } = read(name) as { detail: { code: string; message: string } }; // the schema's shape
    await expect(answering({ detail }, 409).execute()).rejects.toMatchObject({
      code: detail.code,
      message: `POST acme/spelling/grade-3/v0/execute: 409 ${detail.code}. ${detail.message}`,
    });
  });

  test.each(named(/^Trace\./))("%s is a trace", async (name) => {
    const example = read(name);
    expect(await answering(example).run(EXECUTION_ID).trace()).toEqual(example);
  });

  test.each(named(/^(Run|Step|Flow|Loop)\w*Data\./))("%s is an event", async (name) => {
    const example = read(name);
    const wire = name
      .replace(/Data\..*$/, "")
      .replace(/(?!^)[A-Z]/g, "_$&")
      .toLowerCase();
    const isLogged = wire !== "step_output" && example["phase"] !== "output";
    const frame = {
      name: wire,
      data: { ...example, ...("offset" in example && { offset: 0 }) },
      ...(isLogged && { seq: 1 }),
    };
    const run = clientOf(() => streamOf([encodeFrame(frame)])).run(EXECUTION_ID);
    const type = wire === "step_paused_for_tool_calls" ? "tool_calls_required" : wire;
    expect((await run.liveTrace().next()).value).toEqual({ ...frame.data, type, ...(isLogged && { seq: 1 }) });
  });
});
