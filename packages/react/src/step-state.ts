import type { TokenCounts } from "@noukai/sdk";
import type { RunFault } from "./run-state.ts";

/** How a step stands. `waiting`: for the answers to its tool calls. */
export type StepPhase = "running" | "waiting" | "completed" | "failed";

interface StepFigures {
  readonly id: string;
  readonly name: string;
  readonly status: StepPhase;
  /** The present attempt, from 1. */
  readonly attempt: number;
  readonly output: unknown;
  readonly durationMs: number | undefined;
  readonly tokens: TokenCounts | undefined;
  /** A decimal string. */
  readonly costUsd: string | undefined;
  readonly error: RunFault | undefined;
}

/** A top-level step. */
export interface StepState extends StepFigures {
  /** Its place in the flow, from 0. */
  readonly index: number;
  /** What happens inside a container, in the order in which it began. */
  readonly inner: readonly InnerStepState[];
}

/** A step inside a container. */
export interface InnerStepState extends StepFigures {
  /** The container. */
  readonly parentId: string;
  /** The passes of the loops around it, from the outermost. */
  readonly loopPath: readonly number[];
}

/** A step of which nothing is known but that it has begun. */
export function begun(id: string, name: string): StepFigures {
  return {
    id,
    name,
    status: "running",
    attempt: 1,
    output: undefined,
    durationMs: undefined,
    tokens: undefined,
    costUsd: undefined,
    error: undefined,
  };
}
