import { setTimeout as delay } from "node:timers/promises";
import type { Noukai } from "@noukai/sdk";
import type { Answer, Call, Caller } from "./caller.ts";
import { place } from "./flows.ts";
import type { Random } from "./random.ts";
import type { Recorder } from "./recorder.ts";
import { TraceReader } from "./trace-reader.ts";

/** How long somebody waits for the end of a run, in milliseconds. */
export const waitMs = 90_000;

/** An answer that no state of a run explains. */
export class SurpriseError extends Error {
  override readonly name = "SurpriseError";
}

/** One piece of work of one caller: what it calls, and what it notes. */
export class Job {
  /** Unlike any other's: stands in the run's input, and names its calls. */
  readonly tag: string;
  readonly random: Random;
  readonly caller: Caller;
  readonly recorder: Recorder;
  readonly sdk: Noukai;
  readonly webhookOrigin: string;
  readonly #kind: string;

  constructor(
    options: Pick<Job, "tag" | "random" | "caller" | "recorder" | "sdk" | "webhookOrigin"> & { kind: string },
  ) {
    this.tag = options.tag;
    this.random = options.random;
    this.caller = options.caller;
    this.recorder = options.recorder;
    this.sdk = options.sdk;
    this.webhookOrigin = options.webhookOrigin;
    this.#kind = options.kind;
  }

  /** What a call that makes a run says; the tag is in its input. */
  post(flow: string, route: "execute" | "jobs" | "step", members: object = {}): Call {
    const body = { message: `tag:${this.tag}`, ...members };
    return { method: "POST", path: `/seq/${place}/${flow}/${route}`, body, key: `key-${this.tag}` };
  }

  accept(executionId: string, key?: string): void {
    this.recorder.accept(executionId, this.#kind, key);
  }

  /** Notes what an answer of `execute` says; a run that failed has ended as well as another. */
  noteEnd({ status, body, executionId }: Answer): void {
    if (status === 200)
      this.recorder.told.push({ executionId: body.executionId, status: "completed", result: body.result });
    else if (status === 422 && executionId !== undefined)
      this.recorder.told.push({ executionId, status: "failed", result: undefined });
    else throw new SurpriseError(`${this.#kind}: ${status} ${JSON.stringify(body)}`);
  }

  /** Submits a job and gives its id. */
  async submit(flow: string, members: object = {}): Promise<string> {
    const call = this.post(flow, "jobs", members);
    const { status, body } = await this.caller.call(call);
    if (status !== 202) throw new SurpriseError(`jobs: ${status} ${JSON.stringify(body)}`);
    this.accept(body.executionId, call.key);
    return body.executionId;
  }

  /** Asks for the job until it has ended, as a client that polls does. */
  async pollJob(flow: string, executionId: string): Promise<void> {
    const call = { method: "GET", path: `/seq/${place}/${flow}/jobs/${executionId}` };
    for (const giveUpAt = performance.now() + waitMs; performance.now() < giveUpAt;) {
      const { status, body } = await this.caller.call(call);
      if (status !== 200) throw new SurpriseError(`a job that was accepted: ${status} ${JSON.stringify(body)}`);
      if (body.status === "completed" || body.status === "failed") return this.#noteJob(body);
      await this.rest(100, 400);
    }
  }

  /** Reads the run's live trace to its end. */
  async readTrace(runId: string, reader: string): Promise<void> {
    const reading = await new TraceReader(this.caller, runId).read(waitMs);
    this.recorder.readings.push({ reader: `${reader} of ${this.#kind}`, runId, ...reading });
  }

  rest(leastMs: number, mostMs: number): Promise<void> {
    return delay(this.random.int(leastMs, mostMs));
  }

  #noteJob({ executionId, status, state = status, result }: Answer["body"]): void {
    this.recorder.told.push({ executionId, status: state, result });
  }
}
