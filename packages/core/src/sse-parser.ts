/** One server-sent event, as the WHATWG rules read it. */
export interface Frame {
  /** `undefined` when the frame itself carries none: ids are not inherited from frames before it. */
  readonly id?: string | undefined;
  /** `undefined` stands for the default, `message`. */
  readonly event?: string | undefined;
  readonly data: string;
}

const LF = 10;
const SPACE = 32;
const COLON = 58;
const BYTE_ORDER_MARK = 0xfeff;

/**
 * Reads text as server-sent events, in pieces that may be cut anywhere. Follows "9.2.6 Interpreting an event stream" of the HTML standard:
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export class SseParser {
  /** The last `retry` that the server sent: how long it wants readers to wait before they return. */
  retryMs: number | undefined;
  #hasBegun = false;
  /** The last piece ended with CR: an LF before the next one belongs to it. */
  #isAfterCr = false;
  /** A line that has not ended yet, in pieces: joining them as they come would take the square of its length. */
  #line: string[] = [];
  #id: string | undefined;
  #event: string | undefined;
  #data: string | undefined;

  /** Takes the next piece and adds the frames that it completes. An unfinished frame at the end of the stream is never told. */
  feed(piece: string, frames: Frame[]): void {
    if (piece === "") return;
    let start = 0;
    if (!this.#hasBegun && piece.charCodeAt(0) === BYTE_ORDER_MARK) start = 1;
    if (this.#isAfterCr && piece.charCodeAt(0) === LF) start = 1;
    this.#hasBegun = true;
    this.#isAfterCr = false;
    if (this.#line.length === 0) return this.#takeLines(piece, start, frames);
    this.#line.push(piece); // `start` is 0: a line is unfinished, so neither of the two can be
    if (!piece.includes("\n") && !piece.includes("\r")) return;
    const text = this.#line.join("");
    this.#line = [];
    this.#takeLines(text, 0, frames);
  }

  #takeLines(text: string, from: number, frames: Frame[]): void {
    let start = from;
    let cr = text.indexOf("\r", start);
    if (cr === -1 && this.#isBetween) start = takeWhole(text, start, frames);
    let lf = text.indexOf("\n", start);
    while (cr !== -1 || lf !== -1) {
      const endsWithCr = lf === -1 || (cr !== -1 && cr < lf);
      const end = endsWithCr ? cr : lf;
      if (end === start) this.#dispatch(frames);
      else this.#takeField(text, start, end);
      start = endsWithCr && lf === end + 1 ? end + 2 : end + 1;
      if (cr === -1 && this.#isBetween) start = takeWhole(text, start, frames);
      // Only what was passed is looked for again: text that has but one of the two would be searched to its end for each line.
      if (cr !== -1 && cr < start) cr = text.indexOf("\r", start);
      if (lf !== -1 && lf < start) lf = text.indexOf("\n", start);
      if (endsWithCr) this.#isAfterCr = start === text.length && end === start - 1;
    }
    if (start < text.length) this.#line.push(text.slice(start));
  }

  get #isBetween(): boolean {
    return this.#data === undefined && this.#id === undefined && this.#event === undefined;
  }

  #takeField(text: string, start: number, end: number): void {
    // Comments and unknown fields match none of them.
    switch (text.charCodeAt(start)) {
      case 100: {
        const value = valueOf("data", text, start, end);
        if (value !== undefined) this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
        break;
      }
      case 101:
        this.#event = valueOf("event", text, start, end) ?? this.#event;
        break;
      case 105: {
        const value = valueOf("id", text, start, end);
        if (value !== undefined && !value.includes("\0")) this.#id = value;
        break;
      }
      case 114: {
        const value = valueOf("retry", text, start, end);
        if (value !== undefined && /^\d+$/.test(value)) this.retryMs = Number(value);
        break;
      }
      default:
    }
  }

  #dispatch(frames: Frame[]): void {
    if (this.#data !== undefined) frames.push({ id: this.#id, event: this.#event || undefined, data: this.#data });
    this.#id = undefined;
    this.#event = undefined;
    this.#data = undefined;
  }
}

/** The value of the line's field, if that is its name. A line without a colon is a name whose value is empty. */
function valueOf(name: string, text: string, start: number, end: number): string | undefined {
  if (!text.startsWith(name, start)) return undefined;
  const colon = start + name.length;
  if (colon === end) return "";
  if (text.charCodeAt(colon) !== COLON) return undefined;
  return text.slice(text.charCodeAt(colon + 1) === SPACE ? colon + 2 : colon + 1, end);
}

/**
 * Takes the frames that are written as our server writes them, `id: …`, `event: …`, `data: …` and a blank line, at once; gives where the
 * first begins that is not, or is not whole. A short way only: what it leaves, the rules above read alike.
 */
function takeWhole(text: string, from: number, frames: Frame[]): number {
  let start = from;
  for (;;) {
    let at = start;
    let id: string | undefined;
    if (text.startsWith("id: ", at)) {
      const end = text.indexOf("\n", at);
      if (end === -1) return start;
      id = text.slice(at + 4, end);
      if (id.includes("\0")) return start;
      at = end + 1;
    }
    if (!text.startsWith("event: ", at)) return start;
    const eventEnd = text.indexOf("\n", at);
    if (eventEnd === -1 || !text.startsWith("data: ", eventEnd + 1)) return start;
    const end = text.indexOf("\n", eventEnd + 7);
    if (end === -1 || text.charCodeAt(end + 1) !== LF) return start;
    frames.push({ id, event: text.slice(at + 7, eventEnd) || undefined, data: text.slice(eventEnd + 7, end) });
    start = end + 2;
  }
}
