"use client";
import type { ReactElement } from "react";
import type { RunState } from "../run-state.ts";
import { useReducedMotion } from "./reduced-motion.ts";

/** How far a run has got. */
export interface FlowProgressState {
  readonly status: RunState["status"];
  /** Top-level steps that are done. */
  readonly done: number;
  /** All of them; `undefined` before the run has begun. */
  readonly total: number | undefined;
  /** The name of the one under way. */
  readonly current: string | undefined;
}

/** Props of `<FlowProgress>`. */
export interface FlowProgressProps {
  /** What `useFlowEvents` or `useLiveTrace` gave. */
  readonly run: Pick<RunState, "status" | "steps" | "stepCount">;
  /** Names the bar for screen readers. Default `Progress`. */
  readonly label?: string | undefined;
  /** Says how far the run is, in other words or another language. */
  readonly describe?: ((progress: FlowProgressState) => string) | undefined;
  readonly className?: string | undefined;
}

/**
 * A progress bar of a run's steps, with a line of text that screen readers are told politely when a step begins or ends, never for text.
 * The browser's own element, without a style of its own: `[data-status]` and `[data-part]` are there to be styled by.
 */
export function FlowProgress({
  run,
  label = "Progress",
  describe = described,
  className,
}: FlowProgressProps): ReactElement {
  const isStill = useReducedMotion();
  const progress = progressOf(run);
  const text = describe(progress);
  const { total, done } = progress;
  // Without a value, browsers show that something happens by moving something.
  const value = total === undefined && run.status === "starting" && !isStill ? {} : { value: done };
  return (
    <div className={className} data-status={run.status} data-part="progress">
      <progress aria-label={label} aria-valuetext={text} max={Math.max(total ?? 1, 1)} {...value} />
      <p aria-live="polite" aria-atomic="true" data-part="text">
        {text}
      </p>
    </div>
  );
}

function progressOf({ status, steps, stepCount: total }: FlowProgressProps["run"]): FlowProgressState {
  const done = steps.filter((step) => step.status === "completed").length;
  const current = steps.findLast((step) => step.status === "running" || step.status === "waiting")?.name;
  return { status, done, total, current };
}

function described({ status, done, total, current }: FlowProgressState): string {
  switch (status) {
    case "idle":
      return "Not started";
    case "starting":
      return "Starting";
    case "running":
      return current === undefined ? `${done} of ${total} steps done` : `Step ${done + 1} of ${total}: ${current}`;
    case "paused":
      return `Step ${done + 1} of ${total} waits for an answer`;
    case "completed":
      return `Done, ${total} of ${total} steps`;
    case "failed":
      return current === undefined ? "Failed" : `Failed at ${current}`;
    case "cancelled":
      return `Stopped after ${done} of ${total ?? done} steps`;
  }
}
