import { redactEvents } from "./capture/events.ts";
import { createRedactor, type Redactor } from "./capture/redactor.ts";
import type { FlowCache } from "./flow/compile.ts";
import type { Projects } from "./projects.ts";
import { standingOf } from "./run-end.ts";
import { wholeLog } from "./run-log.ts";
import { readRunOptions } from "./run-options.ts";
import type { RunRecord, Store } from "./store/store.ts";
import { foldTrace, type RunTrace } from "./trace.ts";

/** Reads traces as the run's capture mode lets them be read. */
export interface TraceReader {
  /** See `Engine.trace`. */
  trace(run: RunRecord): Promise<RunTrace>;
  /** What hides secrets of the run under `redacted`: the rules of its project as they are now, and those of the definitions that it walks. */
  redactorOf(run: RunRecord): Promise<Redactor>;
}

export function createTraceReader({
  store,
  flows,
  projects,
}: {
  readonly store: Store;
  readonly flows: FlowCache;
  readonly projects: Projects;
}): TraceReader {
  async function redactorOf({ projectId, definitionHash, options }: RunRecord): Promise<Redactor> {
    const hashes = new Set([definitionHash, ...Object.values(readRunOptions(options).subflows ?? {})]);
    const walked = await Promise.all([...hashes].map((hash) => flows.get(hash)));
    const project = await projects.byId(projectId);
    return createRedactor([
      ...(project?.settings.redact ?? []),
      ...walked.flatMap((flow) => flow.definition.redact ?? []),
    ]);
  }

  async function trace(run: RunRecord): Promise<RunTrace> {
    const [log, flow] = await Promise.all([wholeLog(store, run.id), flows.get(run.definitionHash)]);
    // A caller who asked for the trace of this run gets all of it, whatever the mode. In a log that was pruned nothing is left to hide.
    const hides = run.capture === "redacted" && !run.traced && !run.isPruned;
    const shown = hides ? await redactEvents(log, await redactorOf(run)) : log;
    const read = foldTrace(run, shown, (stepId) => flow.stepsById.get(stepId)?.kind ?? "passthrough");
    const last = log.at(-1);
    // How it ended and what it waits for is an answer to the caller and no part of the trace.
    return { ...read, standing: last === undefined ? undefined : standingOf(last) };
  }

  return { trace, redactorOf };
}
