import { setTimeout as delay } from "node:timers/promises";
import type { Caller } from "./caller.ts";
import { FrameSplitter, type Frame } from "./frames.ts";
import type { Reading, SeenFrame } from "./history.ts";

/** Heartbeats come every 10 s: a stream that is silent for longer is a broken one. In milliseconds. */
const silenceMs = 12_000;

const ends = ["flow_completed", "step_error"];

/** Reads the live trace of a run to its end, on any node, from behind the last event that it saw, however often it is cut off. */
export class TraceReader {
  readonly #frames: SeenFrame[] = [];
  readonly #texts = new Map<string, string>();
  readonly #holes: string[] = [];
  readonly #caller: Caller;
  readonly #path: string;
  #isWhole = false;

  constructor(caller: Caller, runId: string) {
    this.#caller = caller;
    this.#path = `/flow-runs/${runId}/trace/stream`;
  }

  /** Stops after `patienceMs`, at the latest; what was seen until then counts. */
  async read(patienceMs: number): Promise<Omit<Reading, "reader" | "runId">> {
    for (const giveUpAt = performance.now() + patienceMs; !this.#isWhole && performance.now() < giveUpAt;) {
      await this.#readOnce().catch(() => undefined);
      if (!this.#isWhole) await delay(50);
    }
    return { frames: this.#frames, texts: this.#texts, holes: this.#holes, isWhole: this.#isWhole };
  }

  async #readOnce(): Promise<void> {
    const silence = new AbortController();
    let timer = setTimeout(() => silence.abort(), silenceMs);
    try {
      const last = this.#frames.at(-1)?.id;
      const call = { method: "GET", path: this.#path };
      const headers = last === undefined ? {} : { "last-event-id": String(last) };
      const response = await this.#caller.send(call, { headers, signal: silence.signal });
      if (!response.ok || response.body === null) return;
      const splitter = new FrameSplitter();
      for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), silenceMs);
        for (const frame of splitter.push(chunk)) this.#take(frame);
        if (this.#isWhole) return;
      }
    } finally {
      clearTimeout(timer);
      silence.abort();
    }
  }

  #take({ id, event, data }: Frame): void {
    if (event === "step_output" || (event === "step_progress" && id === undefined)) return this.#fold(data);
    this.#frames.push({ id: id === undefined ? undefined : Number(id), type: event, data, at: performance.now() });
    this.#isWhole = ends.includes(event);
  }

  /** As contract §6 wants it: a repeated beginning changes nothing. */
  #fold(data: string): void {
    const { stepId, attempt, loopPath, offset, outputData } = JSON.parse(data) as OutputData;
    const name = `${[stepId, ...loopPath].join(".")} ${attempt}`;
    const text = this.#texts.get(name) ?? "";
    if (offset > text.length) this.#holes.push(`${offset} of ${name}, behind ${text.length}`);
    this.#texts.set(name, text.slice(0, offset) + outputData.delta);
  }
}

interface OutputData {
  readonly stepId: string;
  readonly attempt: number;
  readonly loopPath: readonly number[];
  readonly offset: number;
  readonly outputData: { readonly delta: string };
}
