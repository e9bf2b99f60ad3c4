import type { Fetch } from "@noukai/core";
import { type Cut, EXECUTION_ID, RECORDED, recorded, streamOf, encodeFrame, type WireFrame } from "./recorded-run.ts";

const IDS = { runId: EXECUTION_ID, executionId: EXECUTION_ID };
const TOKENS = { prompt: 1, completion: 1, total: 2 };

export const TOOLS = [{ type: "function" as const, function: { name: "weather" } }];

/** A step asks for the weather of a place; the exchange so far has one message per round before. */
export function toolPause(seq: number, { stepIndex = 0, round = 1, stepId = "ask" } = {}): WireFrame {
  const call = { id: `call_${round}`, type: "function", function: { name: "weather", arguments: '{"place":"Lyon"}' } };
  const data = {
    ...IDS,
    stepId,
    stepIndex,
    iterationsUsed: round,
    toolCallMessages: [{ role: "assistant", content: null, tool_calls: [call] }],
    toolCalls: [call],
    accumulatedOutputs: stepIndex === 0 ? {} : { a: { text: "before" } },
  };
  return { seq, name: "step_paused_for_tool_calls", data };
}

function resumed(seq: number, round: number): WireFrame {
  return { seq, name: "step_resumed", data: { stepId: "ask", iterationsUsed: round } };
}

function asked(seq: number, stepIndex: number): readonly WireFrame[] {
  const piece = { stepId: "ask", attempt: 1, loopPath: [], offset: 0, outputData: { delta: "☀ in Lyon" } };
  const output = { text: "☀ in Lyon" };
  const figures = { durationMs: 3, tokens: TOKENS, costUsd: "0.1", modelUsed: "a/b" };
  return [
    { name: "step_output", data: piece },
    { seq, name: "step_completed", data: { stepId: "ask", name: "ask", output, ...figures, stepIndex } },
    {
      seq: seq + 1,
      name: "flow_completed",
      data: { ...IDS, result: output, summary: { durationMs: 3, stepCount: 1, tokens: TOKENS, costUsd: "0.1" } },
    },
  ];
}

/** A run whose one step asks for tools twice. */
export const ASKING: readonly WireFrame[] = [
  recorded(1),
  { seq: 2, name: "step_started", data: { stepId: "ask", name: "ask", stepIndex: 0 } },
  toolPause(3),
  resumed(4, 1),
  toolPause(5, { round: 2 }),
  resumed(6, 2),
  ...asked(7, 0),
];

function moved(frame: WireFrame, by: number): WireFrame {
  return frame.seq === undefined ? frame : { ...frame, seq: frame.seq + by };
}

const BEHIND_A = RECORDED.indexOf(recorded(5)) + 1;

/** The two steps of `RECORDED`, one segment each. */
export const STEPWISE: readonly WireFrame[] = [
  ...RECORDED.slice(0, BEHIND_A),
  { seq: 6, name: "step_paused", data: { stepId: "a", stepIndex: 0, nextStepIndex: 1 } },
  ...RECORDED.slice(BEHIND_A).map((frame) => moved(frame, 1)),
];

/** Two segments, of which the second asks for tools. */
export const STEPWISE_ASKING: readonly WireFrame[] = [
  ...STEPWISE.slice(0, BEHIND_A + 1),
  { seq: 7, name: "step_started", data: { stepId: "ask", name: "ask", stepIndex: 1 } },
  toolPause(8, { stepIndex: 1 }),
  resumed(9, 1),
  ...asked(10, 1),
];

export interface PausingServerOptions {
  readonly frames: readonly WireFrame[];
  /** After how many bytes each connection ends, in turn; those after the last one end by themselves. */
  readonly cuts?: readonly number[];
  readonly end?: Cut;
  /** Asked before a later POST is served: an answer of its own refuses the call. */
  readonly refuse?: (call: number) => Response | undefined;
}

/** What a POST brought. */
export interface Posted {
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Headers;
}

/**
 * A server with one run to give as a `fetch`, a segment for each POST. It runs on while nobody reads: whoever returns to its live trace gets
 * what is in the log, and behind a pause nothing until the next POST.
 */
export class PausingServer {
  readonly posts: Posted[] = [];
  readonly requests: Request[] = [];
  readonly #options: PausingServerOptions;
  readonly #cuts: number[];
  readonly #segments: readonly (readonly WireFrame[])[];
  #begun = 0;

  constructor(options: PausingServerOptions) {
    this.#options = options;
    this.#cuts = [...(options.cuts ?? [])];
    this.#segments = segmentsOf(options.frames);
  }

  /** `POST seq/acme/spelling/grade-3/v0/step` and the like. */
  get paths(): string[] {
    return this.requests.map(({ method, url }) => `${method} ${url.slice("https://server.test/api/v1/".length)}`);
  }

  readonly fetch: Fetch = async (request) => {
    this.requests.push(request);
    if (request.url.endsWith("/cancel")) return this.#cancel();
    if (request.method === "POST") return this.#post(request);
    const after = Number(request.headers.get("last-event-id") ?? 0);
    const known = this.#segments.slice(0, this.#begun).flat();
    const isOver = this.#begun === this.#segments.length;
    return this.#serve(
      known.filter(({ seq = 0 }) => seq > after),
      isOver,
    );
  };

  async #post(request: Request): Promise<Response> {
    this.posts.push({ body: (await request.json()) as Record<string, unknown>, headers: request.headers }); // the SDK sends objects
    const refusal = this.#begun > 0 ? this.#options.refuse?.(this.posts.length) : undefined;
    if (refusal) return refusal;
    const frames = this.#segments[this.#begun++] ?? [];
    const copy = { name: "run_started", data: this.#segments[0]?.[0]?.data };
    return this.#serve(this.#begun > 1 ? [copy, ...frames] : frames, true);
  }

  /** Only what is cancelled while it waits ends with this; the segments behind it never come. */
  #cancel(): Response {
    const known = this.#segments.slice(0, this.#begun);
    const seq = (known.flat().findLast((frame) => frame.seq !== undefined)?.seq ?? 0) + 1;
    const error = { code: "CANCELLED", message: "The run was cancelled." };
    const ended = { seq, name: "step_error", data: { stepId: "ask", name: "ask", error } };
    (this.#segments as (readonly WireFrame[])[]).splice(this.#begun, Infinity, [ended]); // it is this server's own
    this.#begun++;
    return Response.json({ executionId: EXECUTION_ID, status: "cancelled" }, { status: 202 });
  }

  #serve(frames: readonly WireFrame[], closes: boolean): Response {
    let room = this.#cuts.shift() ?? Infinity;
    const chunks = frames.map(encodeFrame).map((bytes) => {
      const chunk = bytes.slice(0, Math.max(0, room));
      room -= bytes.length;
      return chunk;
    });
    const end = room < 0 ? (this.#options.end ?? "reset") : closes ? "clean end" : "never";
    return streamOf(
      chunks.filter(({ length }) => length > 0),
      end,
    );
  }
}

function segmentsOf(frames: readonly WireFrame[]): (readonly WireFrame[])[] {
  const segments: WireFrame[][] = [[]];
  for (const frame of frames) {
    segments.at(-1)?.push(frame);
    if (frame.name.startsWith("step_paused")) segments.push([]);
  }
  return segments;
}
