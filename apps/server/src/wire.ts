import {
  type AcceptedCall,
  type ApiKeyRecord,
  type FlowRecord,
  type FlowVersion,
  type JsonObject,
  latestAttempts,
  type PartialOutput,
  type Project,
  type RunEnd,
  type RunEvent,
  type RunPause,
  type RunRecord,
  type RunStatus,
  type RunTrace,
  snapshotLimitBytes,
  type StepTrace,
  type StreamItem,
  type ToolCall,
  type ToolPause,
  type Usage,
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
  return item.type === "step_output" ? partialFrame(item) : frame(item.type, eventData(item, run), item.seq);
}

/** The first frame of a call that goes on with a run: the run's first event, without an id because it is not logged a second time. */
export function runStartedCopy({ runId, flowId, stepCount }: AcceptedCall): string {
  return frame("run_started", { runId, executionId: runId, flowId, stepCount });
}

/** Text of a step inside a container is progress of that container's. */
function partialFrame({ stepId, parentStepId, attempt, loopPath, offset, delta }: PartialOutput): string {
  const piece = { attempt, offset, outputData: { delta } };
  if (parentStepId === undefined) return frame("step_output", { stepId, loopPath, ...piece });
  return frame("step_progress", { stepId, parentStepId, ...toPass(loopPath), phase: "output", ...piece });
}

function toPass(loopPath: readonly number[]): {
  readonly loopIndex: number | null;
  readonly loopPath: readonly number[];
} {
  return { loopIndex: loopPath.at(-1) ?? null, loopPath };
}

type StepProgress = Extract<RunEvent, { type: "step_progress" }>;

function progressData(event: StepProgress): object {
  const { stepId, parentStepId, name, loopPath, phase } = event;
  const about = { stepId, parentStepId, name, ...toPass(loopPath), phase };
  if (event.phase === "started") return { ...about, attempt: 1, inputData: event.inputData };
  const { attempt, durationMs, tokens = null, costUsd = null } = event;
  const ended = { ...about, attempt, durationMs, tokens, costUsd };
  return event.phase === "completed" ? { ...ended, output: event.output } : { ...ended, error: event.error };
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
      return {
        stepId: event.stepId,
        loopPath: event.loopPath ?? [],
        attempt: event.attempt,
        delayMs: event.delayMs,
        error: event.error,
      };
    case "step_progress":
      return progressData(event);
    case "loop_completed": {
      const { stepId, loopPath, itemCount, failedCount, durationMs } = event;
      return { stepId, loopPath, itemCount, failedCount, durationMs };
    }
    case "step_paused_for_tool_calls":
      return {
        runId,
        executionId: runId,
        stepId: event.stepId,
        stepIndex: event.stepIndex,
        iterationsUsed: event.iterationsUsed,
        toolCallMessages: event.toolCallMessages,
        toolCalls: event.toolCalls.map(toToolCall),
        accumulatedOutputs: echoable(event.accumulatedOutputs),
      };
    case "step_resumed":
      return { stepId: event.stepId, iterationsUsed: event.iterationsUsed };
    case "step_paused":
      return { stepId: event.stepId, stepIndex: event.stepIndex, nextStepIndex: event.nextStepIndex };
    case "step_completed":
      return {
        stepId: event.stepId,
        name: event.name,
        output: event.output,
        durationMs: event.durationMs,
        tokens: event.inside?.tokens ?? event.tokens ?? noTokens,
        costUsd: event.inside?.costUsd ?? event.costUsd ?? "0",
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

/** OpenAI's form. */
function toToolCall({ id, name, arguments: text }: ToolCall): object {
  return { id, type: "function", function: { name, arguments: text } };
}

/** What `/execute` answers for a run that did not fail. */
export function toExecuteAnswer(call: CallIdentity, end: Exclude<RunEnd | RunPause, { status: "failed" }>): object {
  if (end.status === "paused") {
    if (end.reason === "toolCalls") return toPausedAnswer(call, end);
    throw new Error("A run that is walked as a whole does not stop behind a step.");
  }
  const { runId, flowId, stepCount } = call;
  return { status: "completed", result: end.result, flowId, blockCount: stepCount, executionId: runId };
}

type CallIdentity = Pick<AcceptedCall, "runId" | "flowId" | "stepCount">;

function toPausedAnswer({ runId, flowId, stepCount }: CallIdentity, pause: ToolPause): object {
  return {
    status: "tool_calls_required",
    executionId: runId,
    pausedAtStep: pause.stepId,
    iterationsUsed: pause.iterationsUsed,
    toolCallMessages: pause.toolCallMessages,
    toolCalls: pause.toolCalls.map(toToolCall),
    accumulatedOutputs: echoable(pause.accumulatedOutputs),
    flowId,
    blockCount: stepCount,
  };
}

export function toJobAccepted({ runId, flowId, stepCount }: CallIdentity): object {
  return { executionId: runId, status: "started", flowId, blockCount: stepCount };
}

/** The four states that clients in the field know, beside the run's own; `last` is the newest event of its log. */
export function toJobStatus(
  { id, status: state }: Pick<RunRecord, "id" | "status">,
  last: RunEvent | undefined,
): object {
  const job = { executionId: id, status: jobStatus[state], state };
  if (state === "cancelled") return { ...job, error: "cancelled" };
  if (last?.type === "flow_completed") return { ...job, result: last.result, error: null };
  return last?.type === "step_error" ? { ...job, error: last.error.message } : job;
}

const jobStatus: Readonly<Record<RunStatus, string>> = {
  pending: "pending",
  running: "running",
  paused: "running",
  completed: "completed",
  failed: "failed",
  cancelled: "failed",
  stale: "running",
};

/** A run with what came of it so far. */
export function toRunSummary(trace: RunTrace): object {
  const { run, standing, stepCount } = trace;
  const isAsking = standing?.status === "paused" && standing.reason === "toolCalls";
  return {
    ...toFlowRun(trace),
    result: standing?.status === "completed" ? standing.result : null,
    error: standing?.status === "failed" ? { ...standing.error, stepId: standing.stepId } : null,
    pause: isAsking ? toPausedAnswer({ runId: run.id, flowId: run.flowId, stepCount }, standing) : null,
  };
}

/** One run of a session, enough to replay it when its snapshots are there. `slug` is that of its flow. */
export function toSessionExecution(trace: RunTrace, slug: string | undefined): object {
  const { run, standing } = trace;
  const steps = latestAttempts(trace)
    .filter(({ parentStepId }) => parentStepId === null)
    .toSorted((a, b) => a.stepIndex - b.stepIndex);
  const capture = run.traced ? "full" : run.capture;
  const isWhole = steps.every(({ status, output, outputSizeBytes }) => {
    return status !== "completed" || (output !== null && (outputSizeBytes ?? 0) <= snapshotLimitBytes);
  });
  return {
    executionId: run.id,
    flowId: run.flowId,
    slug: slug ?? null,
    triggerType: run.trigger,
    status: run.status === "paused" || run.status === "stale" ? "running" : run.status,
    startedAt: toTime(run.startedAt),
    completedAt: toTime(run.completedAt),
    traceCaptureMode: capture,
    snapshotsAvailable: capture === "full" && run.completedAt !== null && isWhole,
    errorAtStep: standing?.status === "failed" ? standing.stepId : null,
    steps: steps.map(toSessionStep),
  };
}

function toSessionStep(step: StepTrace): object {
  return {
    stepId: step.stepId,
    attempt: step.attempt,
    loopIndex: step.loopPath.at(-1) ?? null,
    status: step.status,
    startedAt: toTime(step.startedAt),
    completedAt: toTime(step.completedAt),
    durationMs: step.durationMs,
    inputSnapshot: step.input,
    outputSnapshot: step.output,
    errorSnapshot: step.error,
    truncated: step.truncated,
  };
}

export function toTrace(trace: RunTrace, steps: readonly StepTrace[]): object {
  return { flowRun: toFlowRun(trace), steps: steps.map(toStepTrace) };
}

/** A run with its figures. */
export function toFlowRun(trace: RunTrace): object {
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
    parentStepId: step.parentStepId,
    attempt: step.attempt,
    ...toPass(step.loopPath),
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
    ...(step.keptFrom !== undefined && { keptFrom: step.keptFrom }),
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
    project: key.opensOrganisation === true ? null : project.slug,
    scopes: key.scopes,
    createdAt: toTime(key.createdAt),
    expiresAt: toTime(key.expiresAt),
  };
}

function toTime(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

/** Callers send back what a pause told them, within the bound of a body: outputs beyond this are left out, and the log has them. */
const maxEchoLength = 256 * 1024;

function echoable(outputs: JsonObject): JsonObject {
  return JSON.stringify(outputs).length > maxEchoLength ? {} : outputs;
}
