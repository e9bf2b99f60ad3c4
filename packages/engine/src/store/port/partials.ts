import type { PartialOutput } from "../../events.ts";

/** A piece of the text that a step in flight has written. */
export interface PartialChunk extends Omit<PartialOutput, "type" | "parentStepId"> {
  readonly runId: string;
  /** Where the run's log ended when this text began: not before the event that opened the step, its attempt or its round. */
  readonly afterSeq: number;
}

/**
 * A port: text of steps in flight, for readers in other processes. Not the log: nothing here needs to outlive its step, and all of it may
 * be lost with the database. Every promise may reject with `StoreUnavailableError`.
 */
export interface PartialStore {
  /** A chunk of the same text at the same offset is replaced. */
  append(chunks: readonly PartialChunk[]): Promise<void>;
  /** Of each text all that there is from its beginning, as one chunk at offset 0. Texts of attempts that are over may be among them; the log tells. */
  read(runId: string): Promise<readonly PartialChunk[]>;
  /** Forgets the texts of each step in its pass that began no later than `afterSeq`: a later hold of the run may write on. */
  drop(texts: readonly Pick<PartialChunk, "runId" | "stepId" | "loopPath" | "afterSeq">[]): Promise<void>;
  /** Resolves at the next chunk of the run, or when `signal` aborts. A hint. */
  changed(runId: string, signal: AbortSignal): Promise<void>;
}
