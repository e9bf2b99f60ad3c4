import { expect, onTestFinished, test } from "vitest";
import { HandedOverError } from "../errors.ts";
import { createSandbox } from "./on-demand.ts";

const { signal } = new AbortController();
const call = {
  runId: "r",
  stepId: "s",
  code: "return { n: 1 }",
  bindings: { initial: {}, input: {} },
  signal,
  timeoutMs: 5_000,
};

test("starts with the first call, once, and says what shuts it in", async () => {
  const starts: string[] = [];
  const sandbox = createSandbox(({ summary }) => starts.push(summary));
  onTestFinished(sandbox.close);
  expect(starts).toEqual([]);
  expect(await Promise.all([sandbox.run(call), sandbox.check("return {"), sandbox.run(call)])).toMatchObject([
    { n: 1 },
    { line: 1 },
    { n: 1 },
  ]);
  expect(starts).toHaveLength(1);
});

test("is started ahead of its first call by whoever wants to know what holds, and not again by the call", async () => {
  const starts: string[] = [];
  const sandbox = createSandbox(({ summary }) => starts.push(summary));
  onTestFinished(sandbox.close);
  await sandbox.start();
  expect(starts).toEqual([expect.stringMatching(/^Code steps run in /u)]);
  expect(await sandbox.run(call)).toEqual({ n: 1 });
  expect(starts).toHaveLength(1);
});

test("is closed without having been started, and starts no more", async () => {
  const sandbox = createSandbox(() => expect.fail("It was started."));
  await sandbox.close();
  await expect(sandbox.run(call)).rejects.toBeInstanceOf(HandedOverError);
  await expect(sandbox.start()).rejects.toBeInstanceOf(HandedOverError);
});
