import { APIConnectionError, type Frame } from "@noukai/core";
import { decodeFrame, type StepCompleted, type StepOutput, type StepProgress, type StreamEvent } from "./events.ts";

/** What frames were worth: the events to hand on, and what ended the reading, if anything did. */
export interface Taken {
  readonly events: readonly StreamEvent[];
  readonly fault: unknown;
  /** The last of the events, when it is the one to stop behind. */
  readonly last?: StreamEvent;
}

export interface CursorOptions {
  /** The `seq` to begin behind. Default 0: the run's beginning. */
  readonly after?: number;
  /** The run, where it is known beforehand. */
  readonly executionId?: string;
  /** Who starts a run sees all its text; who joins it later, only that of the steps that are being written then. Default `false`. */
  readonly isStarter?: boolean;
  /** Begins behind whatever event comes first: a reader who was handed a part of a run, and cannot ask for another. Default `false`. */
  readonly beginsAnywhere?: boolean;
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
  readonly #beginsAnywhere: boolean;
  #hasStarted = false;
  /** The containers at work: their output was written by the steps in them. */
  readonly #containers = new Set<string>();
  #textLength = 0;
  /** What the step at work wrote ahead of its tool calls: its output has only what came behind them. */
  #textAhead = "";
  readonly #openTexts = new Map<string, OpenText>();

  constructor({ after = 0, executionId, isStarter = false, beginsAnywhere = false }: CursorOptions = {}) {
    this.position = after;
    this.executionId = executionId;
    this.#isStarter = isStarter;
    this.#beginsAnywhere = beginsAnywhere;
    this.#hasStarted = after > 0;
  }

  /** Grows with each logged event and each new character, and with nothing else: what is not numbered may come for ever. */
  get progress(): number {
    return this.position + this.#textLength;
  }

  /** Takes the frames in. What follows a fault or the event to stop behind is left, unread: the reader returns for it. */
  take(frames: readonly Frame[], isLast?: (event: StreamEvent) => boolean): Taken {
    const events: StreamEvent[] = [];
    try {
      for (const frame of frames) {
        const event = decodeFrame(frame);
        if (this.#accept(event, events) && isLast?.(event)) return { events, fault: undefined, last: event };
      }
      return { events, fault: undefined };
    } catch (fault) {
      return { events, fault };
    }
  }

  /** Adds what is new in the event; false when nothing is. */
  #accept(event: StreamEvent, events: StreamEvent[]): boolean {
    if (event.type === "step_output" || (event.type === "step_progress" && event.phase === "output")) {
      const piece = this.#unseen(event);
      if (piece) events.push(piece);
      return piece !== undefined;
    }
    if (!this.#advance(event)) return false;
    const rest = this.#note(event);
    if (rest) events.push(rest);
    events.push(event);
    return true;
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
    const isFirst = this.#beginsAnywhere && this.position === 0;
    if (seq !== this.position + 1 && !isFirst) {
      throw new APIConnectionError(`Event ${seq} came after event ${this.position}: some are missing.`, {
        code: "STREAM_GAP",
      });
    }
    this.position = seq;
    return true;
  }

  /** What an event says about the texts that are being written; gives the rest of one that was missed. */
  #note(event: StreamEvent): StepOutput | StepProgress | undefined {
    switch (event.type) {
      case "run_started":
        this.#hasStarted = true;
        this.executionId ??= event.executionId ?? event.runId;
        return undefined;
      case "step_retrying":
        this.#openTexts.set(keyOf(event), newText(event.attempt));
        return undefined;
      case "step_progress":
        return this.#progressInside(event);
      case "step_completed":
        return this.#complete(event);
      case "tool_calls_required":
        // Optional, as what a server leaves out must not end the stream.
        this.#textAhead =
          event.toolCallMessages
            ?.map(({ role, content }) => (role === "assistant" && typeof content === "string" ? content : ""))
            .join("") ?? "";
        return undefined;
      default:
        return undefined;
    }
  }

  #progressInside(event: StepProgress): StepProgress | undefined {
    const { stepId, parentStepId, loopIndex, loopPath, attempt, phase } = event;
    this.#containers.add(parentStepId);
    if (phase === "started") return undefined;
    const missed = phase === "completed" ? this.#missedText(event, Boolean(event.tokens)) : undefined;
    this.#openTexts.delete(keyOf(event));
    return (
      missed && {
        type: "step_progress",
        stepId,
        parentStepId,
        loopIndex,
        loopPath,
        attempt,
        phase: "output",
        ...missed,
      }
    );
  }

  /** A top-level step is done: nothing inside it is being written any more. */
  #complete(event: StepCompleted): StepOutput | undefined {
    const { stepId, modelUsed, tokens } = event;
    // A step that called no model wrote no text; older servers say so by having no tokens.
    const missed = this.#missedText(event, modelUsed === undefined ? Boolean(tokens) : modelUsed !== null);
    const attempt = this.#openTexts.get(stepId)?.attempt ?? 1;
    this.#openTexts.clear();
    this.#containers.clear();
    this.#textAhead = "";
    return missed && { type: "step_output", stepId, attempt, loopPath: [], ...missed };
  }

  /** What the output of a finished step holds beyond the text that was seen of it. */
  #missedText(
    event: StepCompleted | StepProgress,
    hasCalledModel: boolean,
  ): Pick<StepOutput, "offset" | "outputData"> | undefined {
    if (!this.mayHaveMissed || !hasCalledModel || this.#containers.has(event.stepId)) return undefined;
    const { length: offset, head } = this.#openTexts.get(keyOf(event)) ?? newText(1);
    if (offset === 0 && !this.#isStarter) return undefined;
    const whole = textsOf(event.output)
      .map((text) => this.#textAhead + text)
      .find((text) => text.startsWith(head));
    const delta = whole?.slice(offset);
    return delta ? { offset, outputData: { delta } } : undefined;
  }

  /** The part of a piece of text that was not handed on before; `undefined` when there is none. */
  #unseen(event: StepOutput | StepProgress): StepOutput | StepProgress | undefined {
    const delta = event.outputData?.["delta"];
    const { offset, attempt } = event;
    if (typeof delta !== "string" || offset === undefined || attempt === undefined) return event;
    const key = keyOf(event);
    let open = this.#openTexts.get(key);
    if (open === undefined || open.attempt < attempt) {
      this.#openTexts.set(key, (open = newText(attempt)));
      if (this.#beginsAnywhere) open.length = offset;
    }
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
function keyOf({ stepId, loopPath }: { readonly stepId: string; readonly loopPath?: readonly number[] }): string {
  return loopPath?.length ? `${stepId} ${loopPath.join()}` : stepId;
}

/** The texts that an llm step may have written for its output: without a schema `{text}`, with one the output's JSON, as most models space it. */
function textsOf(output: unknown): readonly string[] {
  if (typeof output !== "object" || output === null) return [];
  const json = JSON.stringify(output);
  return "text" in output && typeof output.text === "string" ? [output.text, json] : [json];
}
