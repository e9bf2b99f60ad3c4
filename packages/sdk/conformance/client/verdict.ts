import { once } from "node:events";
import type { Subject } from "./dialect.ts";
import { FaultServer } from "./fault-server.ts";
import type { Fault } from "./faults.ts";

/** Longer than any right behaviour takes: deadlines are 300 ms, waits at most 8 s. */
const PATIENCE_MS = 15_000;

/** How one call ended. */
export interface Outcome {
  readonly text: string;
  readonly error?: unknown;
  /** When the caller aborted, or left the loop. */
  readonly leftAt?: number;
}

export interface Verdict {
  readonly fault: string;
  readonly isRight: boolean;
  /** What came of it, such as `whole`, `silently short`, `hangs`. */
  readonly what: string;
}

/** Plays one fault to a client and judges what it makes of it. */
export async function judge(subject: Subject, fault: Fault): Promise<Verdict> {
  const server = new FaultServer(subject.dialect, fault.conducts);
  const url = await server.listen();
  try {
    const outcome = await withPatience(play(subject, fault, { server, url }));
    const what = outcome === "hangs" ? outcome : nameOf(outcome, subject, fault);
    await new Promise((resolve) => setTimeout(resolve, 20)); // what a client still sends belongs to it
    const complaint = outcome === "hangs" ? undefined : fault.also?.(server, outcome);
    const isRight = fault.must.some((accepted) => accepted === what) && complaint === undefined;
    return { fault: fault.name, isRight, what: complaint === undefined ? what : `${what}, but ${complaint}` };
  } finally {
    await server.close();
  }
}

interface Stage {
  readonly server: FaultServer;
  readonly url: string;
}

async function play(subject: Subject, { caller }: Fault, { server, url }: Stage): Promise<Outcome> {
  const controller = new AbortController();
  let text = "";
  let leftAt: number | undefined;
  const leave = (): void => {
    leftAt = performance.now();
    if (caller !== "leaves at first") controller.abort(new Error("enough"));
  };
  if (caller === "aborts before") leave();
  if (caller === "aborts at headers") void untilRequested(server).then(leave);
  try {
    for await (const soFar of subject.read(url, controller.signal)) {
      text = soFar;
      if (caller?.endsWith("at first")) leave();
      if (caller === "leaves at first") break;
    }
  } catch (error) {
    return { text, error, ...(leftAt !== undefined && { leftAt }) };
  }
  return { text, ...(leftAt !== undefined && { leftAt }) };
}

async function untilRequested(server: FaultServer): Promise<void> {
  while (server.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
}

function nameOf({ text, error }: Outcome, subject: Subject, { caller }: Fault): string {
  if (error !== undefined) {
    if (subject.isAbort(error)) return "abort";
    return subject.isTyped(error) ? "typed error" : "untyped error";
  }
  if (caller === "leaves at first" || text === subject.dialect.text) return "whole";
  return text.length < subject.dialect.text.length ? "silently short" : "doubled";
}

async function withPatience<Value>(promise: Promise<Value>): Promise<Value | "hangs"> {
  const controller = new AbortController();
  const patience = once(AbortSignal.any([controller.signal, AbortSignal.timeout(PATIENCE_MS)]), "abort");
  try {
    return await Promise.race([promise, patience.then((): "hangs" => "hangs")]);
  } finally {
    controller.abort();
  }
}
