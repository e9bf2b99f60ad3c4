import { joinBytes } from "../bytes.ts";
import type { Gate } from "../passing.ts";
import { conceal, type Concealment, mayConceal } from "./concealment.ts";

const LINE_FEED = 0x0a;
const DATA = /^data: ?/;
/** Events that end a stream (contract §6). One that ends otherwise has broken off: an old client would ask for ever. */
const TERMINATOR = /^event: ?(step_paused|step_paused_for_tool_calls|step_error|flow_completed)$/;

export interface GateOptions extends Concealment {
  /** What must not be in anything that goes on. */
  readonly key: string;
}

/** Lets a stream's events through, frame by frame: the bytes as they came, but for what is to be concealed. Heartbeats are frames too. */
export class FrameGate implements Gate {
  readonly #options: GateOptions;
  readonly #decoder = new TextDecoder();
  readonly #encoder = new TextEncoder();
  /** Of a frame that has not ended yet. */
  #pieces: Uint8Array[] = [];
  #isAtLineStart = false;
  #hasTerminated = false;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  pass(bytes: Uint8Array): Uint8Array {
    const end = this.#endOfFrames(bytes);
    if (end === 0) {
      if (bytes.length > 0) this.#pieces.push(bytes);
      return new Uint8Array();
    }
    const whole = joinBytes([...this.#pieces, bytes.subarray(0, end)]);
    this.#pieces = end < bytes.length ? [bytes.subarray(end)] : [];
    return this.#checked(whole);
  }

  isWhole(): boolean {
    return this.#hasTerminated && this.#pieces.length === 0;
  }

  /** Behind the last blank line of these bytes; 0 when no frame ends in them. */
  #endOfFrames(bytes: Uint8Array): number {
    let end = 0;
    let start = 0;
    for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, start)) {
      if (at === start && this.#isAtLineStart) end = at + 1;
      this.#isAtLineStart = true;
      start = at + 1;
    }
    if (start < bytes.length) this.#isAtLineStart = false;
    return end;
  }

  #checked(bytes: Uint8Array): Uint8Array {
    const text = this.#decoder.decode(bytes);
    if (text.includes(this.#options.key)) throw new Error("The server has sent the key that it was asked with.");
    const frames = text.split("\n\n").filter((frame) => frame !== "");
    const last = frames.findLast((frame) => !frame.startsWith(":"));
    if (last !== undefined) this.#hasTerminated = last.split("\n").some((line) => TERMINATOR.test(line));
    if (!mayConceal(text, this.#options)) return bytes;
    return this.#encoder.encode(frames.map((frame) => `${this.#concealed(frame)}\n\n`).join(""));
  }

  /** Throws for data that is not JSON: what cannot be read cannot be concealed. */
  #concealed(frame: string): string {
    if (!mayConceal(frame, this.#options)) return frame;
    const lines = frame.split("\n").map((line) => {
      if (!DATA.test(line)) return line;
      return `data: ${JSON.stringify(conceal(JSON.parse(line.replace(DATA, "")), this.#options))}`;
    });
    return lines.join("\n");
  }
}
