import { readSync, writeSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { encodeFrame, readFrame } from "./frames.ts";
import type { SandboxLimits } from "./limits.ts";
import { loadMachines, type Machine } from "./machine.ts";
import { QuestionReader, type Surroundings, toAnswerParts } from "./protocol.ts";

/**
 * A sandbox process: answers one question after the other, read from standard input, until that ends. Reads and writes block: there is nothing
 * else to do meanwhile, and it is the shortest way. It ends with the server: at the latest when a call that is under way asks `shouldStop`.
 */

/** How long past its time a call may go on here. The server ends it on time; this is for when there is no server any more. */
const graceMs = 2000;

const parentId = process.ppid;
let deadline = Number.POSITIVE_INFINITY;

function shouldStop(): boolean {
  if (process.ppid !== parentId || performance.now() > deadline) process.exit(1);
  return false;
}

function read(into: Buffer): boolean {
  let filled = 0;
  while (filled < into.length) {
    const bytes = readSync(0, into, filled, into.length - filled, null);
    if (bytes === 0) return false;
    filled += bytes;
  }
  return true;
}

function write(parts: readonly string[]): void {
  const frame = encodeFrame(parts);
  for (let sent = 0; sent < frame.length;) sent += writeSync(1, frame, sent);
}

function lookAround(): Surroundings {
  const wanted = ["fs.write", "fs.read", "child", "worker", "wasi", "addon", "inspector"];
  return {
    interfaces: Object.keys(networkInterfaces()).length,
    variables: Object.keys(process.env).length,
    // Without the permission model there is no such object, and everything is allowed.
    permissions: wanted.filter((scope) => process.permission?.has(scope) ?? true),
  };
}

/** Keeps the machine of the run that was served last, and a fresh one at hand for the next run. */
async function serve(limits: SandboxLimits): Promise<void> {
  const make = await loadMachines({ limits, shouldStop });
  const questions = new QuestionReader();
  let fresh = await make();
  let current: { readonly runId: string; readonly machine: Machine } | undefined;
  write([JSON.stringify(surroundings)]);
  for (let parts = readFrame(read); parts !== undefined; parts = readFrame(read)) {
    const question = questions.toQuestion(parts);
    const runId = question.kind === "run" ? question.runId : undefined;
    const isOwn = current !== undefined && current.runId === runId;
    const machine = isOwn && current !== undefined ? current.machine : fresh;
    deadline = performance.now() + question.timeoutMs + graceMs;
    machine.answer(question, (answer) => write(toAnswerParts(answer)));
    deadline = Number.POSITIVE_INFINITY;
    current = machine.isSpent || runId === undefined ? undefined : { runId, machine };
    if (machine === fresh) fresh = await make();
  }
}

const surroundings = lookAround();
// Read by QuickJS for its clock and its dice: neither the prelude's mistakes nor a way around it may tell the time.
Date.now = () => 0;
process.env["TZ"] = "UTC";
await serve(JSON.parse(process.argv[2] ?? "{}") as SandboxLimits); // as: given by `launch`
