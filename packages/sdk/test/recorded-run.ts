import type { Clock, Fetch } from "@noukai/core";
import type { StepProgressData } from "@noukai/core/schema";
import { Noukai, type NoukaiOptions } from "../src/index.ts";

const encoder = new TextEncoder();

/** A frame on its way: logged ones have a `seq`. */
export interface WireFrame {
  readonly seq?: number;
  readonly name: string;
  readonly data: unknown;
}

export const EXECUTION_ID = "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10";
const IDS = { runId: EXECUTION_ID, executionId: EXECUTION_ID };
const TOKENS = { prompt: 9, completion: 4, total: 13 };

function piece(stepId: string, attempt: number, offset: number, delta: string): WireFrame {
  return { name: "step_output", data: { stepId, attempt, loopPath: [], offset, outputData: { delta } } };
}

/** What the server wrote for a flow of two llm steps: the first needed two attempts, the second has a schema. With characters of one to four bytes. */
export const RECORDED: readonly WireFrame[] = [
  { seq: 1, name: "run_started", data: { ...IDS, flowId: "f", stepCount: 2 } },
  { seq: 2, name: "step_started", data: { stepId: "a", name: "a", stepIndex: 0 } },
  { seq: 3, name: "step_input", data: { stepId: "a", inputData: { message: "kät" } } },
  piece("a", 1, 0, "Kä"),
  piece("a", 1, 2, "ter"),
  {
    seq: 4,
    name: "step_retrying",
    data: { stepId: "a", loopPath: [], attempt: 2, delayMs: 0, error: { code: "STEP_FAILED", message: "m" } },
  },
  piece("a", 2, 0, "Die "),
  piece("a", 2, 4, "😀Kät"),
  piece("a", 2, 9, "zchen"),
  {
    seq: 5,
    name: "step_completed",
    data: {
      stepId: "a",
      name: "a",
      output: { text: "Die 😀Kätzchen" },
      durationMs: 12,
      tokens: TOKENS,
      costUsd: "0.000412",
      stepIndex: 0,
    },
  },
  { seq: 6, name: "step_started", data: { stepId: "b", name: "b", stepIndex: 1 } },
  piece("b", 1, 0, '{"title":'),
  piece("b", 1, 9, '"漢'),
  piece("b", 1, 11, '字"}'),
  {
    seq: 7,
    name: "step_completed",
    data: {
      stepId: "b",
      name: "b",
      output: { title: "漢字" },
      durationMs: 3,
      tokens: TOKENS,
      costUsd: "0.1",
      stepIndex: 1,
    },
  },
  {
    seq: 8,
    name: "flow_completed",
    data: {
      ...IDS,
      result: { title: "漢字" },
      summary: { durationMs: 15, stepCount: 2, tokens: TOKENS, costUsd: "0.100412" },
    },
  },
];

/** What a step inside a container tells, beside who it is. */
type InnerMembers = Partial<StepProgressData> & Pick<StepProgressData, "phase">;

/** A step inside a container that moves on. */
function inside(seq: number | undefined, stepId: string, members: InnerMembers): WireFrame {
  const data = { stepId, parentStepId: "fan", loopIndex: null, loopPath: [], attempt: 1, ...members };
  return { ...(seq !== undefined && { seq }), name: "step_progress", data };
}

/** A pass of the loop in the container. */
function pass(seq: number | undefined, loopIndex: number, members: InnerMembers): WireFrame {
  return inside(seq, "item", { parentStepId: "each", loopIndex, loopPath: [loopIndex], ...members });
}

function innerPiece(offset: number, delta: string): InnerMembers {
  return { phase: "output", offset, outputData: { delta } };
}

const DONE: InnerMembers = { phase: "completed", durationMs: 3, tokens: TOKENS, costUsd: "0.1" };

/** Two branches that write at once: one step that needs two attempts, and a loop whose two passes run side by side. */
export const BRANCHES: readonly WireFrame[] = [
  { seq: 1, name: "run_started", data: { ...IDS, flowId: "f", stepCount: 1 } },
  { seq: 2, name: "step_started", data: { stepId: "fan", name: "fan", stepIndex: 0 } },
  inside(3, "tone", { phase: "started" }),
  inside(4, "each", { phase: "started" }),
  inside(undefined, "tone", innerPiece(0, "fr")),
  pass(5, 0, { phase: "started" }),
  pass(6, 1, { phase: "started" }),
  pass(undefined, 0, innerPiece(0, "nül")),
  inside(undefined, "tone", innerPiece(2, "o😀")),
  pass(undefined, 1, innerPiece(0, "ei")),
  {
    seq: 7,
    name: "step_retrying",
    data: { stepId: "tone", loopPath: [], attempt: 2, delayMs: 0, error: { code: "C", message: "m" } },
  },
  pass(undefined, 0, innerPiece(3, "l")),
  inside(undefined, "tone", { ...innerPiece(0, "ernst"), attempt: 2 }),
  pass(8, 0, { ...DONE, output: { text: "nüll" } }),
  pass(undefined, 1, innerPiece(2, "ns")),
  inside(undefined, "tone", { ...innerPiece(5, "haft"), attempt: 2 }),
  pass(9, 1, { ...DONE, output: { text: "eins" } }),
  {
    seq: 10,
    name: "loop_completed",
    data: { stepId: "each", loopPath: [], itemCount: 2, failedCount: 0, durationMs: 7 },
  },
  inside(11, "each", { ...DONE, output: { items: [{ text: "nüll" }, { text: "eins" }] } }),
  inside(12, "tone", { ...DONE, attempt: 2, output: { text: "ernsthaft" } }),
  {
    seq: 13,
    name: "step_completed",
    data: {
      stepId: "fan",
      name: "fan",
      output: { tone: { text: "ernsthaft" }, length: { items: [{ text: "nüll" }, { text: "eins" }] } },
      durationMs: 9,
      tokens: TOKENS,
      costUsd: "0.3",
      modelUsed: null,
      stepIndex: 0,
    },
  },
  {
    seq: 14,
    name: "flow_completed",
    data: { ...IDS, result: {}, summary: { durationMs: 9, stepCount: 1, tokens: TOKENS, costUsd: "0.3" } },
  },
];

/** The frame of the logged event at this place. */
export function recorded(seq: number): WireFrame {
  const frame = RECORDED.find((candidate) => candidate.seq === seq);
  if (!frame) throw new Error(`Nothing is recorded at ${seq}.`);
  return frame;
}

/** A frame as bytes. */
export function encodeFrame({ seq, name, data }: WireFrame): Uint8Array {
  return encoder.encode(`${seq === undefined ? "" : `id: ${seq}\n`}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
}

/** How a connection ends before its time. */
export type Cut = "clean end" | "reset";

/** An answer of events: the bytes, one chunk each, and then the end, if there is one. */
export function streamOf(chunks: readonly Uint8Array[], end: Cut | "never" = "clean end"): Response {
  const left = [...chunks];
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const chunk = left.shift();
      if (chunk) controller.enqueue(chunk);
      else if (end === "reset") controller.error(new TypeError("terminated"));
      else if (end === "clean end") controller.close();
    },
  });
  return new Response(body, {
    headers: { "content-type": "text/event-stream", "x-noukai-execution-id": EXECUTION_ID, "x-request-id": "req_1" },
  });
}

/** Keeps its place in the run when the reader goes (`waits`), or writes the run to its end meanwhile (`runs on`). */
export type Meanwhile = "waits" | "runs on";

export interface RecordedServerOptions {
  readonly frames?: readonly WireFrame[];
  /** After how many bytes each connection ends, in turn; those after the last one end by themselves. */
  readonly cuts: readonly number[];
  readonly end: Cut;
  readonly meanwhile: Meanwhile;
}

/** A server that has one run to give, as a `fetch`. It resumes as the contract says: logged events, the open step's text, the rest. */
export class RecordedServer {
  readonly requests: Request[] = [];
  readonly #frames: readonly WireFrame[];
  readonly #options: RecordedServerOptions;
  readonly #cuts: number[];
  /** How many frames are written so far. */
  #written = 0;

  constructor(options: RecordedServerOptions) {
    this.#options = options;
    this.#frames = options.frames ?? RECORDED;
    this.#cuts = [...options.cuts];
  }

  get posts(): number {
    return this.requests.filter((request) => request.method === "POST").length;
  }

  readonly fetch: Fetch = (request) => {
    this.requests.push(request);
    if (request.method === "POST") return this.#serve([...this.#frames], 0);
    if (this.#options.meanwhile === "runs on") this.#written = this.#frames.length;
    const after = Number(request.headers.get("last-event-id") ?? 0);
    const known = this.#frames.slice(0, this.#written);
    const logged = known.filter(({ seq }) => seq !== undefined && seq > after);
    const rest = this.#frames.slice(this.#written);
    return this.#serve([...logged, ...openText(known), ...rest], logged.length + openText(known).length);
  };

  /** Sends the frames up to the cut. The first `repeated` are known already; a later one counts as written once its last byte is sent. */
  #serve(frames: readonly WireFrame[], repeated: number): Response {
    let room = this.#cuts.shift() ?? Infinity;
    const chunks: Uint8Array[] = [];
    frames.forEach((frame, index) => {
      const bytes = encodeFrame(frame);
      if (room > 0) chunks.push(bytes.slice(0, room));
      if (room >= bytes.length && index >= repeated) this.#written++;
      room -= bytes.length;
    });
    return streamOf(chunks, room < 0 ? this.#options.end : "clean end");
  }
}

interface TextData {
  readonly stepId: string;
  readonly loopPath: readonly number[];
  readonly phase?: string;
  readonly outputData: { readonly delta: string };
}

/** The text so far of each step that is being written, as one piece from offset 0. */
function openText(known: readonly WireFrame[]): WireFrame[] {
  const open = new Map<string, WireFrame>();
  for (const frame of known) {
    const data = frame.data as TextData; // where the name says so
    const key = [data.stepId, data.loopPath].join(" ");
    if (frame.name === "step_output" || data.phase === "output") {
      const before = (open.get(key)?.data as TextData | undefined)?.outputData.delta ?? ""; // set below
      const outputData = { delta: before + data.outputData.delta };
      open.set(key, { ...frame, data: { ...data, offset: 0, outputData } });
    } else if (frame.name === "step_completed") open.clear();
    else if (frame.name === "step_retrying" || data.phase === "completed") open.delete(key);
  }
  return [...open.values()];
}

/** Waits nowhere, and tells how long it would have. Still gives way, so that an abort may come between. */
export class HurriedClock implements Clock {
  readonly waits: number[] = [];
  now = (): number => 0;
  random = (): number => 0.5;
  sleep = async (ms: number, signal: AbortSignal): Promise<void> => {
    this.waits.push(ms);
    signal.throwIfAborted();
  };
}

export const KEY = "nk_test_k7Qm2xVa_0123456789abcdef0123456789abcdef";

/** A client of the given server that never waits. */
export function clientOf(fetch: Fetch, options: NoukaiOptions = {}, clock: Clock = new HurriedClock()): Noukai {
  return new Noukai(
    { apiKey: KEY, baseUrl: "https://server.test/api/v1", org: "acme", project: "spelling", fetch, ...options },
    clock,
  );
}
