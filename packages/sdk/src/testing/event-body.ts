import type { Clock } from "@noukai/core";
import type { Fault, Place } from "./fault.ts";

const HEARTBEAT_MS = 10_000;
const OPENING = ":\n\n";
const HEARTBEAT = ": heartbeat\n\n";

/** One frame on its way. */
interface Sent {
  readonly seq: number | undefined;
  readonly text: string;
}

/** What a stream tells; with a `seq` where it can be resumed behind. */
export interface StreamItem {
  readonly seq: number | undefined;
  readonly name: string;
  readonly data: unknown;
}

/** One frame of server-sent events. */
export function frameOf({ seq, name, data }: StreamItem): string {
  return `${seq === undefined ? "" : `id: ${seq}\n`}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

export interface EventBodyOptions {
  readonly fault: Fault;
  readonly clock: Clock;
  /** Aborts when the caller gives the request up. */
  readonly signal: AbortSignal;
  /** Called when the reader has left, or has all. */
  readonly onClose: () => void;
}

/** The items as a body of bytes, with heartbeats where nothing comes for ten seconds, and with the fault where there is one. */
export function eventBody(items: AsyncIterable<StreamItem>, options: EventBodyOptions): ReadableStream<Uint8Array> {
  return new ReadableStream(new EventBody(items, options));
}

class EventBody implements UnderlyingDefaultSource<Uint8Array> {
  readonly #options: EventBodyOptions;
  readonly #chunks: AsyncIterator<Uint8Array, void>;
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  #onAbort = (): void => {};
  #isOver = false;

  constructor(items: AsyncIterable<StreamItem>, options: EventBodyOptions) {
    this.#options = options;
    this.#chunks = broken(textsOf(items), options);
  }

  start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    const { signal, fault } = this.#options;
    const isSilent = fault.kind === "cut" && fault.how === "stall";
    // By the machine's clock, not the script's: a client's idle deadline is its own too.
    this.#heartbeat = setInterval(() => {
      if ((controller.desiredSize ?? 0) > 0 && !isSilent) controller.enqueue(new TextEncoder().encode(HEARTBEAT));
    }, HEARTBEAT_MS);
    this.#onAbort = () => {
      this.#end();
      controller.error(signal.reason);
    };
    signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  async pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    try {
      const { done, value } = await this.#chunks.next();
      if (this.#isOver) return;
      if (done !== true) return controller.enqueue(value);
      this.#end();
      controller.close();
    } catch (error) {
      if (this.#isOver) return;
      this.#end();
      controller.error(error);
    }
  }

  cancel(): void {
    this.#end();
  }

  #end(): void {
    this.#isOver = true;
    clearInterval(this.#heartbeat);
    this.#options.signal.removeEventListener("abort", this.#onAbort);
    this.#options.onClose();
  }
}

async function* textsOf(items: AsyncIterable<StreamItem>): AsyncGenerator<Sent, void> {
  yield { seq: undefined, text: OPENING };
  for await (const item of items) yield { seq: item.seq, text: frameOf(item) };
}

/** The frames as bytes, one chunk each, as the fault has them. */
async function* broken(
  frames: AsyncIterable<Sent>,
  { fault, clock, signal }: EventBodyOptions,
): AsyncGenerator<Uint8Array, void> {
  const encoder = new TextEncoder();
  let sentBytes = 0;
  for await (const frame of frames) {
    const bytes = encoder.encode(distorted(frame, fault));
    const room = fault.kind === "cut" ? roomFor(fault.at, { ...frame, bytes, sentBytes }) : undefined;
    yield* fault.kind === "slow" ? slowly(bytes, fault, clock, signal) : nonEmpty(bytes.slice(0, room));
    if (fault.kind === "cut" && room !== undefined) return await cut(fault.how);
    sentBytes += bytes.length;
  }
}

function* nonEmpty(bytes: Uint8Array): Generator<Uint8Array, void> {
  if (bytes.length > 0) yield bytes;
}

/** How many of the frame's bytes are sent before the cut; `undefined` when it is not in this frame. */
function roomFor(
  at: Place,
  { seq, bytes, sentBytes }: Sent & { readonly bytes: Uint8Array; readonly sentBytes: number },
): number | undefined {
  if ("afterBytes" in at) return at.afterBytes <= sentBytes + bytes.length ? at.afterBytes - sentBytes : undefined;
  if ("insideEvent" in at) return seq === at.insideEvent ? Math.floor(bytes.length / 2) : undefined;
  if (seq === undefined) return at.afterEvent === 0 ? bytes.length : undefined;
  return seq === at.afterEvent ? bytes.length : undefined;
}

async function cut(how: "reset" | "end" | "stall"): Promise<void> {
  if (how === "reset") throw new TypeError("terminated");
  if (how === "stall") await new Promise(() => {});
}

function distorted({ seq, text }: Sent, fault: Fault): string {
  if (fault.kind === "malform" && fault.event === seq) return text.replace(/^data: .*$/m, 'data: {"broken');
  if (fault.kind === "repeat" && fault.event === seq) return text + text;
  if (fault.kind === "unknown" && fault.afterEvent === seq)
    return `${text}event: step_sighed\ndata: {"deeply":true}\n\n`;
  return text;
}

async function* slowly(
  bytes: Uint8Array,
  { bytes: size, every }: Fault & { readonly kind: "slow" },
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  for (let start = 0; start < bytes.length; start += size) {
    if (every > 0) await clock.sleep(every, signal);
    yield bytes.slice(start, start + size);
  }
}
