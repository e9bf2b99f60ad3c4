import { APIConnectionError, type Frame } from "@noukai/core";
import {
  decodeFrame,
  type StepCompleted,
  type StepOutput,
  type StepProgress,
  type StepRetrying,
  type StreamEvent,
} from "./events.ts";

/** What frames were worth: the events to hand on, and what ended the reading, if anything did. */
export interface Taken {
  readonly events: readonly StreamEvent[];
  readonly fault: unknown;
}

export interface CursorOptions {
  /** The `seq` to begin behind. Default 0: the run's beginning. */
  readonly after?: number;
  /** The run, where it is known beforehand. */
  readonly executionId?: string;
  /** Who starts a run sees all its text; who joins it later, only that of the steps that are being written then. Default `false`. */
  readonly isStarter?: boolean;
}

/** The text of one step that is being written. */
interface OpenText {
  attempt: number;
  /** How much was handed on so far, in UTF-16 units. */
  length: number;
  /** How it begins: enough to tell what it is, since the whole may be megabytes. */
  head: string;
}

const HEAD_LENGTH = 200;

function newText(attempt: number): OpenText {
  return { attempt, length: 0, head: "" };
}

/**
 * A reader's place in a run. Over any number of connections it hands on each logged event once and in order, and each character of an
 * attempt's text once: servers repeat both when a reader returns.
 */
export class Cursor {
  /** The last logged event seen; 0 before the first. */
  position: number;
  executionId: string | undefined;
  /** Events came without their place: a server that cannot be asked for what follows. */
  isUnnumbered = false;
  /**
   * Text may have been written while nobody was reading; it is not sent again once its step is done. Then the rest is taken from the
   * step's output, so that the pieces add up to the text all the same.
   */
  mayHaveMissed = false;
  readonly #isStarter: boolean;
  #hasStarted = false;
  #isInContainer = false;
  #textLength = 0;
  readonly #openTexts = new Map<string, OpenText>();

  constructor({ after = 0, executionId, isStarter = false }: CursorOptions = {}) {
    this.position = after;
    this.executionId = executionId;
    this.#isStarter = isStarter;
    this.#hasStarted = after > 0;
  }

  /** Grows with each logged event and each new character, and with nothing else: what is not numbered may come for ever. */
  get progress(): number {
    return this.position + this.#textLength;
  }

  /** Takes the frames in. What follows a fault is left: the reader returns for it. */
  take(frames: readonly Frame[]): Taken {
    const events: StreamEvent[] = [];
    try {
      for (const frame of frames) this.#accept(decodeFrame(frame), events);
      return { events, fault: undefined };
    } catch (fault) {
      return { events, fault };
    }
  }

  #accept(event: StreamEvent, events: StreamEvent[]): void {
    if (event.type === "step_output" || (event.type === "step_progress" && event.phase === "output")) {
      const piece = this.#unseen(event);
      if (piece) events.push(piece);
      return;
    }
    if (!this.#advance(event)) return;
    if (event.type === "step_completed") this.#complete(event, events);
    else this.#note(event);
    events.push(event);
  }

  /** Is the event new? Moves on to it if so. */
  #advance(event: StreamEvent): boolean {
    const { seq, type } = event;
    if (seq === undefined) {
      if (type === "run_started") return !this.#hasStarted;
      if (type !== "unknown") this.isUnnumbered = true;
      return true;
    }
    if (seq <= this.position) return false;
    if (seq !== this.position + 1) {
      throw new APIConnectionError(`Event ${seq} came after event ${this.position}: some are missing.`, {
        code: "STREAM_GAP",
      });
    }
    this.position = seq;
    return true;
  }

  /** What an event says about the texts that are being written. */
  #note(event: StreamEvent): void {
    switch (event.type) {
      case "run_started":
        this.#hasStarted = true;
        this.executionId ??= event.executionId ?? event.runId;
        break;
      case "step_retrying":
        this.#openTexts.set(keyOf(event), newText(event.attempt));
        break;
      case "step_progress":
        this.#isInContainer = true;
        if (event.phase !== "started") this.#openTexts.delete(keyOf(event));
        break;
      default:
    }
  }

  /** A top-level step is done: nothing inside it is being written any more. */
  #complete(event: StepCompleted, events: StreamEvent[]): void {
    const rest = this.mayHaveMissed && !this.#isInContainer ? this.#missedText(event) : undefined;
    if (rest) events.push(rest);
    this.#openTexts.clear();
    this.#isInContainer = false;
  }

  #missedText({ stepId, tokens, modelUsed, output }: StepCompleted): StepOutput | undefined {
    const { attempt, length, head } = this.#openTexts.get(stepId) ?? newText(1);
    // A step that called no model wrote no text; older servers say so by having no tokens.
    const hasCalledModel = modelUsed === undefined ? Boolean(tokens) : modelUsed !== null;
    if (!hasCalledModel || (length === 0 && !this.#isStarter)) return undefined;
    const whole = textsOf(output).find((text) => text.startsWith(head));
    const delta = whole?.slice(length);
    return delta
      ? { type: "step_output", stepId, attempt, loopPath: [], offset: length, outputData: { delta } }
      : undefined;
  }

  /** The part of a piece of text that was not handed on before; `undefined` when there is none. */
  #unseen(event: StepOutput | StepProgress): StepOutput | StepProgress | undefined {
    const delta = event.outputData?.["delta"];
    const { offset, attempt } = event;
    if (typeof delta !== "string" || offset === undefined || attempt === undefined) return event;
    const key = keyOf(event);
    let open = this.#openTexts.get(key);
    if (open === undefined || open.attempt < attempt) this.#openTexts.set(key, (open = newText(attempt)));
    if (open.attempt > attempt) return undefined;
    const start = open.length;
    if (offset > start) {
      throw new APIConnectionError(`Text of the step ${event.stepId} is missing.`, { code: "STREAM_GAP" });
    }
    const unseen = delta.slice(start - offset);
    if (unseen === "") return undefined;
    open.length += unseen.length;
    if (open.head.length < HEAD_LENGTH) open.head = (open.head + unseen).slice(0, HEAD_LENGTH);
    this.#textLength += unseen.length;
    return offset === start ? event : { ...event, offset: start, outputData: { ...event.outputData, delta: unseen } };
  }
}

/** Steps are told apart by id, and inside loops by the pass. At the top level the id alone will do, and saves building a string per piece. */
function keyOf({ stepId, loopPath }: StepOutput | StepProgress | StepRetrying): string {
  return loopPath?.length ? `${stepId} ${loopPath.join()}` : stepId;
}

/** The texts that an llm step may have written for its output: without a schema `{text}`, with one the output's JSON, as most models space it. */
function textsOf(output: unknown): readonly string[] {
  if (typeof output !== "object" || output === null) return [];
  const json = JSON.stringify(output);
  return "text" in output && typeof output.text === "string" ? [output.text, json] : [json];
}
