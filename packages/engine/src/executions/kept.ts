import type { RunEvent, RunEventBody } from "../events.ts";
import type { CompiledFlow } from "../flow/compile.ts";
import { foldPast } from "../run-log.ts";
import type { ExecutionRecord } from "../store/store.ts";
import { isOutdated } from "./edits.ts";

/**
 * The steps whose outputs a new run of the execution takes over from its latest one, as the beginning of the new log: each is opened and
 * completed at once, with the name of the run that it comes from and without a cost, since nothing is paid for it again. What is out of date,
 * or has no output, is left out: it runs.
 */
export function keptEvents(
  { edits, runId }: Pick<ExecutionRecord, "edits" | "runId">,
  flow: Pick<CompiledFlow, "steps">,
  log: readonly RunEvent[],
): readonly RunEventBody[] {
  const { outputs } = foldPast(log);
  return flow.steps.flatMap(({ id: stepId, name, stepIndex }): readonly RunEventBody[] => {
    const edited = Object.hasOwn(edits, stepId) ? edits[stepId]?.output : undefined;
    const output = edited ?? (isOutdated(edits, stepId, stepIndex) ? undefined : outputs.get(stepId));
    if (output === undefined) return [];
    const about = { stepId, name, stepIndex };
    return [
      { type: "step_started", ...about },
      { type: "step_completed", ...about, attempt: 1, output, durationMs: 0, keptFrom: runId },
    ];
  });
}
