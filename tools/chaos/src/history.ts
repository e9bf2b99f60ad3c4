import type { RunEvent, RunStatus } from "@noukai/engine";

/** Times are milliseconds of this process's own clock, which nobody moves. */

/** A run that a server said it has. */
export interface Accepted {
  readonly executionId: string;
  readonly kind: string;
}

/** What a caller was told that a run came to. */
export interface Told {
  readonly executionId: string;
  readonly status: string;
  readonly result: unknown;
}

/** A call of a model, as the model's own service saw it. */
export interface ModelCall {
  readonly runId: string;
  /** The step and the indices of the loops around it: `explain.3`. */
  readonly step: string;
  readonly attempt: number;
  /** Rounds of tool calls that were answered before. */
  readonly round: number;
  readonly at: number;
  /** When its connection went before it was answered. */
  readonly brokenAt?: number;
}

/** One unit of a stream, as it came. */
export interface SeenFrame {
  readonly id: number | undefined;
  readonly type: string;
  /** As text; undefined when the reader does not tell. */
  readonly data: string | undefined;
  readonly at: number;
}

/** What one reader saw of a run, through all its reconnects. Frames without an id are in `texts` only. */
export interface Reading {
  readonly reader: string;
  readonly runId: string;
  readonly frames: readonly SeenFrame[];
  /** The folded text of each attempt: `step attempt`. */
  readonly texts: ReadonlyMap<string, string>;
  /** Places where the text went on behind what was there. */
  readonly holes: readonly string[];
  /** Did it reach the run's end? */
  readonly isWhole: boolean;
}

/** An answer to a call that carried an idempotency key. */
export interface KeyUse {
  readonly key: string;
  readonly executionId: string;
}

/** A run as the store has it at the end. */
export interface StoredRun {
  readonly id: string;
  readonly status: RunStatus;
  readonly events: readonly RunEvent[];
  /** What the caller put into the input, to know the run by. */
  readonly tag: string | undefined;
  /** Of an execution, from 1. */
  readonly runNumber: number | undefined;
}

/** A fault that was made. */
export interface FaultRecord {
  readonly name: string;
  readonly target: string;
  readonly from: number;
  readonly to: number;
}

/** Everything that was seen from outside, and what the store has at the end. */
export interface History {
  readonly accepted: readonly Accepted[];
  readonly told: readonly Told[];
  readonly calls: readonly ModelCall[];
  readonly readings: readonly Reading[];
  /** What a reader sees who reads a run from its beginning when all is calm. */
  readonly references: ReadonlyMap<string, readonly SeenFrame[]>;
  readonly keys: readonly KeyUse[];
  readonly runs: readonly StoredRun[];
  /** Runs that asked to be told of their end, and those of which the receiver was told. */
  readonly webhooksWanted: readonly string[];
  readonly webhooksTold: ReadonlySet<string>;
  /** A decimal string: what the project was charged. */
  readonly spentUsd: string;
  readonly faults: readonly FaultRecord[];
}
