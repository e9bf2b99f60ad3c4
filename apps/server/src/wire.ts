import type {
  ApiKeyRecord,
  FlowRecord,
  FlowVersion,
  JsonObject,
  PartialOutput,
  Project,
  RunEvent,
  RunTrace,
  StepTrace,
  StreamItem,
  SubmittedRun,
  Usage,
} from "@noukai/engine";
import { frame } from "./sse.ts";

/** Where engine words become wire words, and the only place. Shapes: `openapi/schemas/`; counting rules: `contract.md` §5 and §6. */

/** What the frames of a run say about the run itself. */
export interface RunIdentity {
  readonly runId: string;
  readonly flowId: string;
}

/** One SSE frame; only logged events carry an id. */
export function toFrame(item: StreamItem, run: RunIdentity): string {
  return item.type === "step_output"
    ? frame(item.type, outputData(item))
    : frame(item.type, eventData(item, run), item.seq);
}

function outputData(partial: PartialOutput): object {
  const { stepId, attempt, loopPath, offset, delta } = partial;
  return { stepId, attempt, loopPath, offset, outputData: { delta } };
}

const noTokens: Usage = { prompt: 0, completion: 0, total: 0 };

/** Figures are never null here, or old clients drop the frame (contract §6); what is not known is null in the trace. */
function eventData(event: RunEvent, { runId, flowId }: RunIdentity): object {
  switch (event.type) {
    case "run_started":
      return { runId, executionId: runId, flowId, stepCount: event.stepCount };
    case "step_started":
      return { stepId: event.stepId, name: event.name, stepIndex: event.stepIndex };
    case "step_input":
      return { stepId: event.stepId, inputData: event.inputData };
    case "step_retrying":
      return { stepId: event.stepId, loopPath: [], attempt: event.attempt, delayMs: event.delayMs, error: event.error };
    case "step_completed":
      return {
        stepId: event.stepId,
        name: event.name,
        output: event.output,
        durationMs: event.durationMs,
        tokens: event.tokens ?? noTokens,
        costUsd: event.costUsd ?? "0",
        modelUsed: event.modelUsed ?? null,
        stepIndex: event.stepIndex,
      };
    case "step_error":
      return { stepId: event.stepId, name: event.name, error: event.error };
    case "flow_completed":
      return {
        runId,
        executionId: runId,
        result: event.result,
        summary: { ...event.summary, costUsd: event.summary.costUsd ?? "0" },
      };
  }
}

export function toExecuteResponse(run: SubmittedRun, result: JsonObject): object {
  return { status: "completed", result, flowId: run.flowId, blockCount: run.stepCount, executionId: run.runId };
}

/** A run with what came of it so far. */
export function toRunSummary(trace: RunTrace): object {
  const { end } = trace;
  return {
    ...toFlowRun(trace),
    result: end?.status === "completed" ? end.result : null,
    error: end?.status === "failed" ? { ...end.error, stepId: end.stepId } : null,
    pause: null,
  };
}

export function toTrace(trace: RunTrace, steps: readonly StepTrace[]): object {
  return { flowRun: toFlowRun(trace), steps: steps.map(toStepTrace) };
}

function toFlowRun(trace: RunTrace): object {
  const { run } = trace;
  const hasCalledModel = trace.attempts.some((attempt) => attempt.tokens !== null);
  return {
    id: run.id,
    flowId: run.flowId,
    version: run.flowVersion,
    status: run.status,
    triggerType: run.trigger,
    startedAt: toTime(run.startedAt),
    completedAt: toTime(run.completedAt),
    durationMs: trace.durationMs,
    stepCount: trace.stepCount,
    totalTokens: hasCalledModel ? trace.totalTokens : null,
    totalCostUsd: hasCalledModel ? trace.totalCostUsd : null,
  };
}

export function toStepTrace(step: StepTrace): object {
  return {
    stepId: step.stepId,
    name: step.name,
    kind: step.kind,
    attempt: step.attempt,
    loopIndex: step.loopPath.at(-1) ?? null,
    loopPath: step.loopPath,
    status: step.status,
    startedAt: toTime(step.startedAt),
    completedAt: toTime(step.completedAt),
    durationMs: step.durationMs,
    modelUsed: step.modelUsed,
    tokens: step.tokens,
    costUsd: step.costUsd,
    inputContext: step.input,
    outputContext: step.output,
    errorContext: step.error,
    inputSizeBytes: step.inputSizeBytes,
    outputSizeBytes: step.outputSizeBytes,
    truncated: step.truncated,
  };
}

export function toFlow(flow: FlowRecord, project: Project): object {
  return {
    id: flow.id,
    org: project.org,
    project: project.slug,
    slug: flow.slug,
    name: flow.name,
    description: flow.description,
    kind: "seq",
    latestVersion: flow.latestVersion === 0 ? null : flow.latestVersion,
    productionVersion: flow.productionVersion,
    draftUpdatedAt: toTime(flow.updatedAt),
    createdAt: toTime(flow.createdAt),
    archivedAt: toTime(flow.archivedAt),
  };
}

export function toFlowVersion(version: FlowVersion): object {
  return {
    version: version.version,
    note: version.note,
    hash: version.definitionHash,
    publishedAt: toTime(version.createdAt),
  };
}

/** Never with its hash. */
export function toApiKey(key: ApiKeyRecord, project: Project): object {
  return {
    id: key.id,
    name: key.name,
    mode: key.mode,
    org: project.org,
    project: project.slug,
    scopes: key.scopes,
    createdAt: toTime(key.createdAt),
    expiresAt: toTime(key.expiresAt),
  };
}

function toTime(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
