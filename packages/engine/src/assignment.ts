import type { CompiledFlow } from "./flow/compile.ts";
import type { Hold } from "./hold.ts";
import type { Interpretation } from "./interpreter.ts";
import { joinSegments, type RunPast } from "./run-log.ts";
import { readRunOptions, toolboxOf } from "./run-options.ts";
import type { RunRecord } from "./store/store.ts";

/** What is needed to work a run off. */
export type Assignment = Pick<
  Interpretation,
  "flow" | "input" | "past" | "isInterrupted" | "segment" | "toolbox" | "history" | "attachments"
>;

/** Of the run as it was called, from where its log leaves it. */
export function assignmentOf(
  run: Pick<RunRecord, "input" | "options">,
  { flow, past, isInterrupted }: Pick<Assignment, "flow" | "past" | "isInterrupted">,
): Assignment {
  const options = readRunOptions(run.options);
  return {
    flow,
    input: run.input,
    past,
    isInterrupted,
    segment: past.segment === undefined ? options.segment : joinSegments(options.segment, past.segment),
    toolbox: toolboxOf(options),
    history: options.history ?? [],
    attachments: options.attachments ?? [],
  };
}

/** Tells the hold where the run stands in its flow. */
export function standAt(hold: Hold, flow: CompiledFlow, { outputs, open, openTimes }: RunPast): void {
  hold.step = flow.steps.find(({ id }) => !outputs.has(id));
  if (open !== undefined) hold.stepStartedAt = openTimes.startedAt + openTimes.pausedMs;
  hold.kindOf = (stepId) => flow.stepsById.get(stepId)?.kind;
}
