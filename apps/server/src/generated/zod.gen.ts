// Generated from openapi/ by `npm run generate`; do not edit.

import * as z from 'zod';

/**
 * Every code that this server writes. Which status each one travels with is listed at the responses (`x-error-codes`).
 */
export const zErrorCode = z.enum([
    'INVALID_REQUEST',
    'INVALID_VERSION',
    'TOOLS_INVALID',
    'TOOL_NAME_INVALID',
    'TOOLS_NOT_ENABLED',
    'TOOLS_IN_NON_SEQUENTIAL_STEP',
    'TOOLS_REQUIRE_SYNC_EXECUTE',
    'PAUSED_STEP_INVALID',
    'EXECUTION_ID_INVALID',
    'TOOL_RESULTS_MISMATCH',
    'INVALID_STEP_INDEX',
    'INVALID_FIRST_CALL',
    'MISSING_MESSAGE',
    'MESSAGES_ROLE_INVALID',
    'PARAMETER_NAME_RESERVED',
    'MODEL_MIME_INCOMPATIBLE',
    'UNAUTHENTICATED',
    'INSUFFICIENT_CREDITS',
    'CREDITS_EXHAUSTED',
    'FORBIDDEN',
    'FLOW_NOT_FOUND',
    'VERSION_NOT_FOUND',
    'RUN_NOT_FOUND',
    'STEP_NOT_FOUND',
    'SESSION_NOT_FOUND',
    'KEY_NOT_FOUND',
    'EXECUTION_NOT_FOUND',
    'TASK_NOT_FOUND',
    'ROUTE_NOT_FOUND',
    'METHOD_NOT_ALLOWED',
    'TOOL_ITERATION_LIMIT',
    'ALREADY_RESUMED',
    'STALE_CURSOR',
    'STALE_TREE',
    'CANCELLED',
    'FLOW_EXISTS',
    'CREDITS_UNLIMITED',
    'EXECUTION_BUSY',
    'OUTPUTS_EXPIRED',
    'TASK_NOT_EDITABLE',
    'SESSION_EXPIRED',
    'MESSAGES_TOO_LARGE',
    'BODY_TOO_LARGE',
    'UNSUPPORTED_MEDIA_TYPE',
    'INPUT_INVALID',
    'STEP_FAILED',
    'MODEL_PROVIDER_ERROR',
    'CODE_ERROR',
    'OUTPUT_SCHEMA_MISMATCH',
    'STEP_TIMEOUT',
    'BYOK_KEY_REJECTED',
    'WORKER_LOST',
    'TOKEN_LIMIT_REACHED',
    'COST_LIMIT_REACHED',
    'PAUSE_EXPIRED',
    'INVALID_TREE',
    'NO_STEPS',
    'FLOW_NOT_PUBLISHED',
    'IDEMPOTENCY_KEY_REUSED',
    'RATE_LIMITED',
    'TOO_MANY_KEYS',
    'INTERNAL_ERROR',
    'NOT_IMPLEMENTED',
    'BILLING_UNAVAILABLE',
    'SHUTTING_DOWN'
]);

/**
 * Lowercase letters, digits and hyphens, 2 to 50 characters, no hyphen at either end.
 */
export const zSlug = z.string().min(2).max(50).regex(/^[a-z0-9][a-z0-9-]*[a-z0-9]$/);

/**
 * Names a session, a UUID that the caller chose. Any version will do, so this is a pattern and not the stricter `format`.
 */
export const zSessionId = z.string().regex(/^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$/);

/**
 * Chosen by the caller, one per logical call; a random UUID serves well.
 */
export const zIdempotencyKey = z.string().min(1).max(255);

/**
 * Shorthand for the flow's first declared input: the property named `message` when there is one, else the first in the definition's order. May be absent when `parameters` carries every required input. Given both ways with different values, the call is refused.
 */
export const zMessage = z.string().nullable();

/**
 * One part of a turn's content. Unknown kinds are passed through to the model.
 */
export const zContentPart = z.looseObject({
    type: z.string(),
    text: z.string().optional()
});

/**
 * One call that the model asks the caller to make.
 */
export const zToolCall = z.object({
    id: z.string().min(1),
    type: z.enum(['function']),
    function: z.object({
        name: z.string().min(1),
        arguments: z.string()
    })
});

/**
 * One turn of a conversation. Unknown members are passed through.
 */
export const zConversationMessage = z.looseObject({
    role: z.enum([
        'user',
        'assistant',
        'tool'
    ]),
    content: z.union([
        z.string(),
        z.array(zContentPart)
    ]).nullish(),
    name: z.string().nullish(),
    toolCalls: z.array(zToolCall).nullish(),
    toolCallId: z.string().nullish()
});

/**
 * A whole conversation instead of `message`: the last user entry's text fills `message`, the entries before it become turns of the first top-level llm step, and entries after it are not used. Not together with `message`. At most 1 000 000 bytes serialised, else 413 `MESSAGES_TOO_LARGE`.
 */
export const zMessages = z.array(zConversationMessage).nullable();

/**
 * Input name → value. Names that the flow does not declare are tolerated; `attachments` is reserved (`PARAMETER_NAME_RESERVED`).
 */
export const zParameters = z.record(z.string(), z.unknown()).nullable();

/**
 * Any JSON object.
 */
export const zJsonObject = z.record(z.string(), z.unknown());

/**
 * Step id → the members of its configuration to replace for this run (`prompt`, `model`, `temperature` …). An unknown step id is refused. `block_overrides` is read as well.
 */
export const zBlockOverrides = z.record(z.string(), zJsonObject).nullable();

/**
 * An image by its address.
 */
export const zAttachment = z.object({
    kind: z.enum(['url']).optional(),
    url: z.url().max(2048).regex(/^https:\/\//),
    mimeType: z.enum([
        'image/jpeg',
        'image/png',
        'image/webp',
        'image/gif'
    ]),
    filename: z.string().min(1).max(255).regex(/^(?!.*\.\.)[^\/\\]+$/).optional()
});

/**
 * Passed through to the model, never fetched or stored by the server. A model without the modality answers 400 `MODEL_MIME_INCOMPATIBLE`.
 */
export const zAttachments = z.array(zAttachment).max(10).nullable();

/**
 * A JSON Schema (draft 2020-12), written as an object.
 */
export const zJsonSchema = z.record(z.string(), z.unknown());

/**
 * What the model is told of a tool.
 */
export const zToolFunction = z.object({
    name: z.string().min(1).max(64).regex(/^[A-Za-z0-9_-]+$/),
    description: z.string().nullish(),
    parameters: zJsonSchema.nullish(),
    strict: z.boolean().nullish()
});

/**
 * A function that the model may ask the caller to run, in OpenAI's form.
 */
export const zTool = z.object({
    type: z.enum(['function']),
    function: zToolFunction
});

/**
 * Functions that the caller can run. Allowed when a sequential llm step of the flow has `tools` set to true.
 */
export const zTools = z.array(zTool).max(64).nullable();

/**
 * `auto` leaves it to the model.
 */
export const zToolChoiceMode = z.enum([
    'auto',
    'none',
    'required'
]);

/**
 * The one tool that the model must call.
 */
export const zToolChoiceFunction = z.object({
    type: z.enum(['function']),
    function: z.object({
        name: z.string().min(1).max(64).regex(/^[A-Za-z0-9_-]+$/)
    })
});

/**
 * Whether the model may, must or must not call a tool, or which one it must call.
 */
export const zToolChoice = z.union([
    zToolChoiceMode,
    zToolChoiceFunction
]).nullable();

/**
 * One message of the exchange between model and tools. What the server sent is opaque and goes back verbatim. A tool's answer names its call in `tool_call_id` or `toolCallId` and carries its result in `content` or `output`.
 */
export const zToolCallMessage = z.looseObject({
    role: z.string(),
    content: z.unknown().optional(),
    output: z.unknown().optional(),
    tool_call_id: z.string().nullish(),
    toolCallId: z.string().nullish(),
    tool_calls: z.array(zToolCall).nullish()
});

/**
 * Resume only. The pause's `toolCallMessages` unchanged, then one tool message per call.
 */
export const zToolCallMessages = z.array(zToolCallMessage).nullable();

/**
 * Resume only. The pause's `iterationsUsed`, echoed. The server keeps its own count; 25 rounds are its bound.
 */
export const zIterationsUsed = z.int().gte(0).nullable();

/**
 * Step id → output, echoed from the last answer. Ignored for steps that the run's log knows.
 */
export const zAccumulatedOutputs = z.record(z.string(), z.unknown()).nullable();

/**
 * True captures whole inputs and outputs for this run, whatever the capture mode.
 */
export const zTraceFlag = z.boolean().nullable();

/**
 * Runs a flow, or resumes a pause when `executionId`, `pausedAtStep` and `toolCallMessages` are all present. A resume carries the first call's `parameters`, `blockOverrides`, `attachments`, `tools`, `toolChoice` and `trace` again; the server remembers `tools` when it does not. A top-level member that is null or empty counts as absent.
 */
export const zExecuteRequest = z.object({
    message: zMessage.optional(),
    messages: zMessages.optional(),
    parameters: zParameters.optional(),
    blockOverrides: zBlockOverrides.optional(),
    attachments: zAttachments.optional(),
    tools: zTools.optional(),
    toolChoice: zToolChoice.optional(),
    executionId: z.string().max(200).nullish(),
    pausedAtStep: z.string().max(64).nullish(),
    toolCallMessages: zToolCallMessages.optional(),
    iterationsUsed: zIterationsUsed.optional(),
    accumulatedOutputs: zAccumulatedOutputs.optional(),
    trace: zTraceFlag.optional()
});

/**
 * Names one run. Ours are UUIDv7; treat it as opaque.
 */
export const zExecutionId = z.string().min(1).max(200);

/**
 * Names one flow for ever, also when its slug changes. Ours are UUIDs.
 */
export const zFlowId = z.string().min(1).max(200);

/**
 * How many top-level nodes the flow's tree has. Equal to the trace's `stepCount`.
 */
export const zBlockCount = z.int().gte(1);

/**
 * The run is finished.
 */
export const zExecuteCompletedResponse = z.object({
    status: z.enum(['completed']),
    result: z.unknown(),
    flowId: zFlowId,
    blockCount: zBlockCount,
    executionId: zExecutionId
});

/**
 * The `id` of a node, unique in its flow's tree. A letter or underscore, then letters, digits, hyphens and underscores, at most 64 characters.
 */
export const zStepId = z.string().max(64).regex(/^[A-Za-z_][A-Za-z0-9_-]*$/);

/**
 * The run waits for the results of `toolCalls`. It holds nothing meanwhile, and may be resumed days later.
 */
export const zExecutePausedResponse = z.object({
    status: z.enum(['tool_calls_required']),
    executionId: zExecutionId,
    pausedAtStep: zStepId,
    iterationsUsed: z.int().gte(0),
    toolCallMessages: z.array(zToolCallMessage),
    toolCalls: z.array(zToolCall).min(1),
    accumulatedOutputs: z.record(z.string(), z.unknown()),
    flowId: zFlowId,
    blockCount: zBlockCount
});

/**
 * The run failed, told with status 200. Older servers answer so; this one answers 422. Kept so that a client knows it for a failure.
 */
export const zExecuteFailedResponse = z.object({
    status: z.enum(['failed']),
    result: z.unknown().optional(),
    error: z.unknown().optional(),
    flowId: zFlowId.optional(),
    blockCount: zBlockCount.optional(),
    executionId: zExecutionId.optional()
});

/**
 * How an execute ended. Switch on `status`.
 */
export const zExecuteResponse = z.discriminatedUnion('status', [
    zExecuteCompletedResponse.extend({ status: z.literal('completed') }),
    zExecutePausedResponse.extend({ status: z.literal('tool_calls_required') }),
    zExecuteFailedResponse.extend({ status: z.literal('failed') })
]);

/**
 * One fault in a body or a definition.
 */
export const zIssue = z.object({
    path: z.string(),
    message: z.string(),
    fix: z.string().optional(),
    line: z.int().gte(1).optional(),
    column: z.int().gte(1).optional()
});

/**
 * One error. Never a stack, a statement of SQL, a key, or a body from elsewhere.
 */
export const zErrorDetail = z.object({
    code: z.string().max(64).regex(/^[A-Z][A-Z0-9_]*$/),
    message: z.string(),
    executionId: zExecutionId.optional(),
    stepId: zStepId.optional(),
    issues: z.array(zIssue).optional(),
    doc: z.url().optional()
});

/**
 * The body of every answer that is not a success.
 */
export const zErrorResponse = z.object({
    detail: zErrorDetail
});

/**
 * A version as it stands in a path. `0` is the draft, N ≥ 1 the published version N.
 */
export const zVersionNumber = z.int().gte(0).lte(2147483647);

/**
 * The place of an event in its run's log, counted 1, 2, 3 … without gaps. `0` stands before the first one.
 */
export const zEventCursor = z.int().gte(0);

/**
 * Runs the step at `stepIndex`, or with `runRemaining` everything from there. The first call creates the run; later ones name it by `executionId` and need not repeat the input. The log wins: a repeated segment joins the running step or replays what is stored, and never runs a completed step again; another input for a completed index is 409 `STALE_CURSOR`. A resume names the same `executionId` and `stepIndex` and carries `toolCallMessages`. A top-level member that is null or empty counts as absent.
 */
export const zStepRequest = z.object({
    executionId: z.string().max(200).nullish(),
    stepIndex: z.int().gte(0).nullish(),
    accumulatedOutputs: zAccumulatedOutputs.optional(),
    message: zMessage.optional(),
    messages: zMessages.optional(),
    parameters: zParameters.optional(),
    inputOverrides: z.record(z.string(), z.unknown()).nullish(),
    blockOverrides: zBlockOverrides.optional(),
    runRemaining: z.boolean().nullish(),
    attachments: zAttachments.optional(),
    tools: zTools.optional(),
    toolChoice: zToolChoice.optional(),
    toolCallMessages: zToolCallMessages.optional(),
    iterationsUsed: zIterationsUsed.optional(),
    trace: zTraceFlag.optional()
});

/**
 * The event's place in its run's log, counted from 1.
 */
export const zFrameId = z.int().gte(1);

/**
 * The run's first event. Later segments open with a copy of it without `id`. Older servers name it `flow_started`.
 */
export const zRunStartedData = z.object({
    runId: zExecutionId,
    executionId: zExecutionId,
    flowId: zFlowId,
    stepCount: z.int().gte(0)
});

/**
 * Which top-level node of the flow, from 0; absolute, also on a later segment.
 */
export const zStepIndex = z.int().gte(0);

/**
 * A top-level node begins.
 */
export const zStepStartedData = z.object({
    stepId: zStepId,
    name: z.string(),
    stepIndex: zStepIndex
});

/**
 * What the node was given.
 */
export const zStepInputData = z.object({
    stepId: zStepId,
    inputData: zJsonObject
});

/**
 * The `id` of a node that ran. Inside a sub-flow it stands behind those of the flow steps around it, with dots between: `sub.check`.
 */
export const zStepPath = z.string().max(2080).regex(/^[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z_][A-Za-z0-9_-]*)*$/);

/**
 * The index of each enclosing loop's pass, outermost first. Empty outside loops.
 */
export const zLoopPath = z.array(z.int().gte(0)).max(32);

/**
 * A piece of output as it is produced. Not logged, no `id`. Fold the pieces by `(stepId, attempt, loopPath)` and `offset`; after a reconnect the text so far comes again from offset 0. A `step_retrying` voids the text before it; `step_completed.output` is what counts.
 */
export const zStepOutputData = z.object({
    stepId: zStepPath,
    attempt: z.int().gte(1),
    loopPath: zLoopPath,
    offset: z.int().gte(0),
    outputData: z.looseObject({
        delta: z.string().optional()
    })
});

/**
 * Milliseconds of work, pauses not counted.
 */
export const zDurationMs = z.int().gte(0);

/**
 * What the model counted. `prompt` includes cached tokens, `completion` includes reasoning.
 */
export const zTokenCounts = z.object({
    prompt: z.int().gte(0),
    completion: z.int().gte(0),
    total: z.int().gte(0)
});

/**
 * US dollars as a decimal string, exact. Add such strings as decimals, not as floating-point numbers.
 */
export const zCostUsd = z.string().max(40).regex(/^\d+(\.\d+)?$/);

/**
 * A top-level node is done. Exactly one per node.
 */
export const zStepCompletedData = z.object({
    stepId: zStepId,
    name: z.string(),
    output: z.unknown(),
    durationMs: zDurationMs,
    tokens: zTokenCounts,
    costUsd: zCostUsd,
    modelUsed: z.string().max(200).nullish(),
    stepIndex: zStepIndex
});

/**
 * Why a run or step failed.
 */
export const zErrorInfo = z.object({
    code: z.string().max(64).regex(/^[A-Z][A-Z0-9_]*$/),
    message: z.string(),
    stepId: zStepId.optional()
});

/**
 * The run ended here, by this step or by its own fault, which then names the step in flight or next. Terminal. A cancelled run ends with code `CANCELLED`.
 */
export const zStepErrorData = z.object({
    stepId: zStepId,
    name: z.string(),
    error: zErrorInfo
});

/**
 * The segment ends here; the run waits for the next one.
 */
export const zStepPausedData = z.object({
    stepId: zStepId,
    stepIndex: zStepIndex,
    nextStepIndex: zStepIndex
});

/**
 * The run waits for the results of `toolCalls`. The segment ends here; the live trace stays open.
 */
export const zStepPausedForToolCallsData = z.object({
    runId: zExecutionId,
    executionId: zExecutionId,
    stepId: zStepId,
    stepIndex: zStepIndex,
    iterationsUsed: z.int().gte(0),
    toolCallMessages: z.array(zToolCallMessage),
    toolCalls: z.array(zToolCall),
    accumulatedOutputs: z.record(z.string(), z.unknown())
});

/**
 * The run in figures, over all attempts.
 */
export const zFlowCompletedSummary = z.object({
    durationMs: zDurationMs,
    stepCount: z.int().gte(0),
    tokens: zTokenCounts,
    costUsd: zCostUsd
});

/**
 * The run is finished. Terminal.
 */
export const zFlowCompletedData = z.object({
    runId: zExecutionId,
    executionId: zExecutionId,
    result: z.unknown(),
    summary: zFlowCompletedSummary
});

/**
 * A step inside a container moved on. `phase` says which of the optional members are there.
 */
export const zStepProgressData = z.object({
    stepId: zStepPath,
    parentStepId: zStepPath,
    name: z.string().optional(),
    loopIndex: z.int().gte(0).nullable(),
    loopPath: zLoopPath,
    attempt: z.int().gte(1),
    phase: z.enum([
        'started',
        'output',
        'completed',
        'failed'
    ]),
    inputData: zJsonObject.optional(),
    offset: z.int().gte(0).optional(),
    outputData: zJsonObject.optional(),
    output: z.unknown().optional(),
    durationMs: zDurationMs.optional(),
    tokens: zTokenCounts.nullish(),
    costUsd: zCostUsd.nullish(),
    error: zErrorInfo.optional()
});

/**
 * A loop went through its items.
 */
export const zLoopCompletedData = z.object({
    stepId: zStepPath,
    loopPath: zLoopPath,
    itemCount: z.int().gte(0),
    failedCount: z.int().gte(0),
    durationMs: zDurationMs
});

/**
 * An attempt failed and another one follows. Text that the failed one wrote is void.
 */
export const zStepRetryingData = z.object({
    stepId: zStepPath,
    loopPath: zLoopPath,
    attempt: z.int().gte(2),
    delayMs: z.int().gte(0),
    error: zErrorInfo
});

/**
 * The caller has answered the tool calls; the step goes on within its attempt.
 */
export const zStepResumedData = z.object({
    stepId: zStepId,
    iterationsUsed: z.int().gte(1)
});

/**
 * Puts a run into the queue. `tools` are refused with `TOOLS_REQUIRE_SYNC_EXECUTE` and `attachments` with `INVALID_REQUEST`. A top-level member that is null or empty counts as absent.
 */
export const zJobRequest = z.object({
    message: zMessage.optional(),
    messages: zMessages.optional(),
    parameters: zParameters.optional(),
    blockOverrides: zBlockOverrides.optional(),
    trace: zTraceFlag.optional(),
    priority: z.int().gte(-100).lte(100).nullish(),
    startAfter: z.iso.datetime({ offset: true }).nullish(),
    webhookUrl: z.url().max(2048).regex(/^https?:\/\//).nullish()
});

/**
 * The run is stored; it survives a restart from here on.
 */
export const zJobAccepted = z.object({
    executionId: zExecutionId,
    status: z.enum(['started']),
    flowId: zFlowId,
    blockCount: zBlockCount
});

/**
 * Where a run stands. `pending`: stored, no worker yet. `paused`: waits for tool results or for its next segment. `stale`: an edited step made later results out of date, or its worker was lost and no other may take it.
 */
export const zRunStatus = z.enum([
    'pending',
    'running',
    'paused',
    'completed',
    'failed',
    'cancelled',
    'stale'
]);

/**
 * Where a job stands.
 */
export const zJobStatus = z.object({
    executionId: zExecutionId,
    status: z.enum([
        'pending',
        'running',
        'completed',
        'failed'
    ]),
    state: zRunStatus.optional(),
    result: z.unknown().optional(),
    error: z.string().nullish()
});

/**
 * The run that is to end.
 */
export const zCancelAccepted = z.object({
    executionId: zExecutionId,
    status: zRunStatus
});

/**
 * Names the run by the key of the call that created it, for a caller who never saw its id.
 */
export const zCancelByKeyRequest = z.object({
    idempotencyKey: zIdempotencyKey
});

/**
 * Which call started a run.
 */
export const zTriggerType = z.enum([
    'execute',
    'step',
    'job',
    'api',
    'schedule'
]);

/**
 * A moment in ISO 8601 with its offset, to the millisecond.
 */
export const zTimestamp = z.iso.datetime({ offset: true });

/**
 * One execution of one version of one flow.
 */
export const zFlowRun = z.object({
    id: zExecutionId,
    flowId: zFlowId,
    version: z.int().gte(0).optional(),
    status: zRunStatus,
    triggerType: zTriggerType.nullable(),
    startedAt: zTimestamp.nullable(),
    completedAt: zTimestamp.nullable(),
    durationMs: zDurationMs.nullable(),
    stepCount: z.int().gte(0).nullable(),
    totalTokens: zTokenCounts.nullable(),
    totalCostUsd: zCostUsd.nullable()
});

/**
 * What came of a run.
 */
export const zRunOutcome = z.object({
    result: z.unknown(),
    error: zErrorInfo.nullable(),
    pause: zExecutePausedResponse.nullable()
});

/**
 * A run with what came of it.
 */
export const zRunSummary = zFlowRun.and(zRunOutcome);

/**
 * How an attempt stands. `skipped` is a branch's untaken step.
 */
export const zStepStatus = z.enum([
    'running',
    'completed',
    'failed',
    'skipped'
]);

/**
 * The node's `type`.
 */
export const zStepKind = z.enum([
    'llm',
    'code',
    'passthrough',
    'loop',
    'parallel',
    'branch',
    'flow'
]);

/**
 * One attempt of one step.
 */
export const zStepTrace = z.object({
    stepId: zStepPath,
    attempt: z.int().gte(1),
    loopIndex: z.int().gte(0).nullable(),
    status: zStepStatus,
    startedAt: zTimestamp.nullable(),
    completedAt: zTimestamp.nullable(),
    durationMs: zDurationMs.nullable(),
    modelUsed: z.string().nullable(),
    tokens: zTokenCounts.nullable(),
    costUsd: zCostUsd.nullable(),
    inputContext: zJsonObject.nullable(),
    outputContext: zJsonObject.nullable(),
    errorContext: zJsonObject.nullable(),
    inputSizeBytes: z.int().gte(0).nullable(),
    outputSizeBytes: z.int().gte(0).nullable(),
    truncated: z.boolean(),
    keptFrom: zExecutionId.optional(),
    name: z.string().optional(),
    kind: zStepKind.optional(),
    parentStepId: zStepPath.nullish(),
    loopPath: zLoopPath.optional()
});

/**
 * The run's log read as a tree. Adding up `steps` gives the latest attempts' cost, since rows of containers carry none.
 */
export const zTrace = z.object({
    flowRun: zFlowRun,
    steps: z.array(zStepTrace)
});

/**
 * An attempt's number, or `all`.
 */
export const zAttemptSelector = z.union([
    z.int().gte(1),
    z.enum(['all'])
]);

/**
 * Every attempt of one step, the answer to `attempt=all`.
 */
export const zStepAttempts = z.object({
    stepId: zStepPath,
    attempts: z.array(zStepTrace)
});

/**
 * One attempt, or with `attempt=all` every one.
 */
export const zStepTraceResponse = z.union([
    zStepTrace,
    zStepAttempts
]);

/**
 * How much of inputs and outputs traces and sessions show. `full`: all of it. `redacted`: all but what the project's rules remove. `metadata_only`: sizes, times, tokens and costs, and a failed step's input and error. `off`: not even those.
 */
export const zCaptureMode = z.enum([
    'full',
    'redacted',
    'metadata_only',
    'off'
]);

/**
 * One top-level node of a recorded run.
 */
export const zSessionStep = z.object({
    stepId: zStepId,
    attempt: z.int().gte(1),
    loopIndex: z.int().gte(0).nullable(),
    status: zStepStatus,
    startedAt: zTimestamp.nullable(),
    completedAt: zTimestamp.nullable(),
    durationMs: zDurationMs.nullable(),
    inputSnapshot: zJsonObject.nullable(),
    outputSnapshot: zJsonObject.nullable(),
    errorSnapshot: zErrorInfo.nullable(),
    truncated: z.boolean()
});

/**
 * One run of the session.
 */
export const zSessionExecution = z.object({
    executionId: zExecutionId,
    flowId: zFlowId.nullable(),
    slug: z.string().nullable(),
    triggerType: zTriggerType.nullable(),
    status: z.enum([
        'pending',
        'running',
        'completed',
        'failed',
        'cancelled'
    ]),
    startedAt: zTimestamp.nullable(),
    completedAt: zTimestamp.nullable(),
    traceCaptureMode: zCaptureMode.nullable(),
    snapshotsAvailable: z.boolean(),
    errorAtStep: zStepId.nullable(),
    steps: z.array(zSessionStep)
});

/**
 * What a session's runs did, enough to replay them.
 */
export const zSessionRecording = z.object({
    sessionId: zSessionId,
    executions: z.array(zSessionExecution)
});

/**
 * How many entries a page holds at most.
 */
export const zPageLimit = z.int().gte(1).lte(100);

/**
 * Where a list goes on. Opaque.
 */
export const zPageCursor = z.string().min(1).max(512);

/**
 * What to send as `cursor` for the next page; null on the last one.
 */
export const zNextCursor = z.string().nullable();

/**
 * A page of runs, newest first.
 */
export const zFlowRunList = z.object({
    items: z.array(zFlowRun),
    nextCursor: zNextCursor
});

/**
 * Where an execution stands. `queued`: stored, no worker yet. `running`: a worker holds it. `in_progress`: at least one step has started. `awaiting_input`: it waits for tool results. `cancel_requested`: it is being cancelled. `stale`: an edited output made later results out of date, or its worker was lost and no other may take it. `deleted` is told by changes only.
 */
export const zExecutionStatus = z.enum([
    'queued',
    'running',
    'in_progress',
    'awaiting_input',
    'cancel_requested',
    'completed',
    'failed',
    'cancelled',
    'stale',
    'deleted'
]);

/**
 * Some statuses.
 */
export const zExecutionStatuses = z.array(zExecutionStatus);

/**
 * Names one execution. It is also the id of its first run; treat it as opaque.
 */
export const zFlowExecutionId = z.string().min(1).max(200);

/**
 * An execution came to another status.
 */
export const zExecutionChange = z.object({
    flow_execution_id: zFlowExecutionId,
    flow_id: zFlowId,
    status: zExecutionStatus,
    run_number: z.int().gte(1),
    at: zTimestamp
});

/**
 * A published, immutable version. The first one is 1.
 */
export const zPublishedVersion = z.int().gte(1).lte(2147483647);

/**
 * Why an execution or a task failed.
 */
export const zExecutionFault = z.object({
    code: z.string().max(64).regex(/^[A-Z][A-Z0-9_]*$/),
    message: z.string(),
    step_id: zStepPath.optional()
});

/**
 * An execution.
 */
export const zFlowExecution = z.object({
    id: zFlowExecutionId,
    flow_id: zFlowId,
    flow_version: zPublishedVersion,
    input: zJsonObject,
    organization_id: zSlug,
    status: zExecutionStatus,
    created_at: zTimestamp,
    updated_at: zTimestamp,
    modified_by: z.string(),
    run_id: zExecutionId,
    run_number: z.int().gte(1).optional(),
    webhook_url: z.string().optional(),
    result: zJsonObject.nullish(),
    error: zExecutionFault.nullish()
});

/**
 * A page of executions.
 */
export const zFlowExecutionList = z.array(zFlowExecution);

/**
 * What else there is to know.
 */
export const zExecutionErrorDetails = z.object({
    issues: z.array(zIssue).optional()
});

/**
 * One error. Never a stack, a statement of SQL, a key, or a body from elsewhere.
 */
export const zExecutionErrorDetail = z.object({
    code: z.string().max(64).regex(/^[A-Z][A-Z0-9_]*$/),
    message: z.string(),
    details: zExecutionErrorDetails.optional()
});

/**
 * The body of every answer below `/flow-executions` and `/task-executions` that is not a success.
 */
export const zExecutionErrorResponse = z.object({
    error: zExecutionErrorDetail,
    request_id: z.string()
});

/**
 * What to run.
 */
export const zFlowExecutionCreateRequest = z.object({
    flow_id: zFlowId,
    input: zJsonObject,
    webhook_url: z.string().max(2048).nullish()
});

/**
 * A place among the status changes. Opaque.
 */
export const zChangesCursor = z.string().min(1).max(64);

/**
 * What the server sends on `/flow-executions/ws`. `ready` opens it; each `status_changed` is a change, with the cursor to resume from.
 */
export const zExecutionSocketMessage = z.object({
    type: z.enum(['ready', 'status_changed']),
    cursor: zChangesCursor,
    change: zExecutionChange.optional()
});

/**
 * The first message of a client that could set no headers.
 */
export const zExecutionSocketRequest = z.object({
    type: z.enum(['authenticate']),
    token: z.string().max(200),
    cursor: zChangesCursor.optional()
});

/**
 * Server-sent events. The data of each `status_changed` is an `ExecutionChange`.
 */
export const zExecutionEventStream = z.string();

/**
 * Names one top-level step of one execution, whichever run it is in. Opaque.
 */
export const zTaskExecutionId = z.string().min(1).max(300);

/**
 * Where a task stands. `queued`: it has not begun. `stale`: a step before it was edited since, or its run ended before it did.
 */
export const zTaskStatus = z.enum([
    'queued',
    'in_progress',
    'awaiting_input',
    'completed',
    'failed',
    'cancelled',
    'stale'
]);

/**
 * A top-level step of an execution, as its latest run left it. What lies inside a container is in the run's trace.
 */
export const zTaskExecution = z.object({
    id: zTaskExecutionId,
    flow_execution_id: zFlowExecutionId,
    run_id: zExecutionId,
    step_id: zStepId,
    name: z.string(),
    kind: z.enum([
        'llm',
        'code',
        'passthrough',
        'parallel',
        'loop',
        'branch',
        'flow'
    ]),
    index: z.int().gte(0),
    status: zTaskStatus,
    input: zJsonObject.nullable(),
    output: zJsonObject.nullable(),
    error: zExecutionFault.nullable(),
    tokens: zTokenCounts.nullable(),
    cost_usd: zCostUsd.nullable(),
    duration_ms: zDurationMs.nullable(),
    started_at: zTimestamp.nullable(),
    completed_at: zTimestamp.nullable(),
    kept_from_run_id: zExecutionId.nullable(),
    edited_at: zTimestamp.nullable()
});

/**
 * An execution's tasks, in the flow's order.
 */
export const zTaskExecutionList = z.array(zTaskExecution);

/**
 * A new output for a task.
 */
export const zTaskOutputRequest = z.object({
    output: zJsonObject
});

/**
 * The public part of a key.
 */
export const zKeyId = z.string().regex(/^[A-Za-z0-9]{8}$/);

/**
 * Which prefix the key carries, `nk_live_` or `nk_test_`. It changes nothing else.
 */
export const zKeyMode = z.enum(['live', 'test']);

/**
 * What a key may do. `run`: run flows, follow and cancel runs. `trace:read`: read traces, run lists and sessions. `flow:write`: read and change definitions. `flow:promote`: move the production pointer. `key:write`: make, list and revoke keys. `admin`: all of these, and the project's credits.
 */
export const zKeyScope = z.enum([
    'run',
    'trace:read',
    'flow:write',
    'flow:promote',
    'key:write',
    'admin'
]);

/**
 * A key without its secret.
 */
export const zApiKey = z.object({
    id: zKeyId,
    name: z.string(),
    mode: zKeyMode,
    org: zSlug,
    project: zSlug.nullable(),
    scopes: z.array(zKeyScope),
    createdAt: zTimestamp,
    expiresAt: zTimestamp.nullable(),
    lastUsedAt: zTimestamp.nullish()
});

/**
 * The project's keys, newest first, revoked ones left out.
 */
export const zKeyList = z.object({
    items: z.array(zApiKey)
});

/**
 * A new key for the project of the key that asks. It cannot be given a scope that the asking key lacks.
 */
export const zKeyCreateRequest = z.object({
    name: z.string().min(1).max(100),
    mode: zKeyMode.optional(),
    scopes: z.array(zKeyScope).nullish(),
    expiresAt: z.iso.datetime({ offset: true }).nullish(),
    organisation: z.boolean().nullish()
});

/**
 * A new key with its secret, which is shown this once.
 */
export const zCreatedKey = z.object({
    key: zApiKey,
    secret: z.string().regex(/^nk_(live|test)_[A-Za-z0-9]{8}_[A-Za-z0-9]{32}$/)
});

/**
 * How the flow is called: `seq` flows live under `/seq`.
 */
export const zFlowKind = z.enum(['seq']);

/**
 * A flow, its draft and its production pointer.
 */
export const zFlow = z.object({
    id: zFlowId,
    org: zSlug,
    project: zSlug,
    slug: zSlug,
    name: z.string(),
    description: z.string().nullable(),
    kind: zFlowKind,
    latestVersion: zPublishedVersion.nullable(),
    productionVersion: zPublishedVersion.nullable(),
    draftUpdatedAt: zTimestamp,
    createdAt: zTimestamp,
    archivedAt: zTimestamp.nullable()
});

/**
 * A page of the project's active flows, by slug.
 */
export const zFlowList = z.object({
    items: z.array(zFlow),
    nextCursor: zNextCursor
});

/**
 * Each match of the pattern is replaced by `[redacted:<name>]`.
 */
export const zRedactionRule = z.strictObject({
    name: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/),
    pattern: z.string().min(1).max(500)
});

/**
 * Patterns of your own, for flows under the capture mode `redacted`.
 */
export const zRedactionRules = z.array(zRedactionRule).max(20);

/**
 * How long runs are kept. Then all of them goes, the run itself with its trace.
 */
export const zRetention = z.strictObject({
    days: z.int().gte(1).lte(36500)
});

/**
 * For people. Absent = the step's `id`.
 */
export const zStepName = z.string().min(1).max(200);

/**
 * For people.
 */
export const zStepDescription = z.string().max(2000);

/**
 * `provider/model`. `noukai/echo` is built in and needs no network.
 */
export const zModelName = z.string().max(200).regex(/^[A-Za-z0-9_-]+\/\S+$/);

/**
 * Text with `{{path}}` in it: `{{field}}` of the step's input, `{{initial.field}}` of the flow's, `{{steps.<id>.field}}` of an earlier step's output, `{{item}}` and `{{index}}` inside a loop. What is not a string is written as JSON.
 */
export const zTemplate = z.string().min(1);

/**
 * How long one attempt may take, in milliseconds.
 */
export const zTimeoutMs = z.int().gte(1).lte(86400000);

/**
 * When and how often a failed attempt is followed by another. Full jitter.
 */
export const zRetryPolicy = z.strictObject({
    maxAttempts: z.int().gte(1).lte(20).optional(),
    initialMs: z.int().gte(0).lte(3600000).optional(),
    factor: z.number().gte(1).lte(10).optional()
});

/**
 * Asks a model. Its output is `{text}`, or an object of the schema in `output`.
 */
export const zLlmStep = z.strictObject({
    id: zStepId,
    name: zStepName.optional(),
    description: zStepDescription.optional(),
    type: z.enum(['llm']),
    model: zModelName,
    system: zTemplate.optional(),
    prompt: zTemplate,
    temperature: z.number().gte(0).lte(2).optional(),
    maxOutputTokens: z.int().gte(1).optional(),
    tools: z.boolean().optional(),
    output: zJsonSchema.optional(),
    timeoutMs: zTimeoutMs.optional(),
    retry: zRetryPolicy.optional(),
    fallback: z.array(zModelName).max(10).optional()
});

/**
 * Runs JavaScript in a sandbox without imports, network, timers, clock or randomness.
 */
export const zCodeStep = z.strictObject({
    id: zStepId,
    name: zStepName.optional(),
    description: zStepDescription.optional(),
    type: z.enum(['code']),
    language: z.enum(['javascript']),
    code: z.string().min(1).max(262144),
    timeoutMs: zTimeoutMs.optional(),
    retry: zRetryPolicy.optional()
});

/**
 * Hands its input on. It marks a place, or makes an input the flow's result.
 */
export const zPassthroughStep = z.strictObject({
    id: zStepId,
    name: zStepName.optional(),
    description: zStepDescription.optional(),
    type: z.enum(['passthrough'])
});

/**
 * A CEL expression over the input's fields, `initial`, `steps`, `item` and `index`. Values are bound, never pasted in as text.
 */
export const zExpression = z.string().min(1).max(4096);

/**
 * Runs another flow of the same project. Cycles are refused.
 */
export const zFlowStep = z.strictObject({
    id: zStepId,
    name: zStepName.optional(),
    description: zStepDescription.optional(),
    type: z.enum(['flow']),
    flow: zSlug,
    version: z.union([
        z.enum(['production', 'draft']),
        zPublishedVersion
    ]).optional(),
    input: z.record(z.string(), z.unknown()).optional()
});

/**
 * What to check.
 */
export const zFlowValidateRequest = z.object({
    definition: z.unknown().optional()
});

/**
 * Every fault of a definition, each with its place and its fix.
 */
export const zValidationReport = z.object({
    valid: z.boolean(),
    issues: z.array(zIssue)
});

/**
 * A published version. It never changes.
 */
export const zFlowVersion = z.object({
    version: zPublishedVersion,
    note: z.string().nullable(),
    hash: z.string().regex(/^[0-9a-f]{64}$/),
    publishedAt: zTimestamp
});

/**
 * A page of versions, newest first.
 */
export const zFlowVersionList = z.object({
    items: z.array(zFlowVersion),
    nextCursor: zNextCursor
});

/**
 * Publishes the draft as the next version.
 */
export const zPublishRequest = z.object({
    note: z.string().max(2000).nullish()
});

/**
 * Moves the production pointer, forward or back.
 */
export const zPromoteRequest = z.object({
    version: zPublishedVersion
});

/**
 * US dollars as an exact decimal string; below zero where the steps in flight cost more than was left.
 */
export const zBalance = z.string().max(60).regex(/^-?\d+(\.\d+)?$/);

/**
 * A project's account. Runs are charged what their traces say, over all attempts.
 */
export const zCredits = z.object({
    balanceUsd: zBalance.nullable(),
    spentUsd: zBalance
});

/**
 * US dollars as a decimal string, never negative. At most twelve digits before the point and twelve behind it.
 */
export const zAmount = z.string().regex(/^\d{1,12}(\.\d{1,12})?$/);

/**
 * A new balance in place of what is left.
 */
export const zCreditsSetRequest = z.object({
    balanceUsd: zAmount
});

/**
 * Credits on top of what is left.
 */
export const zCreditsAddRequest = z.object({
    amountUsd: zAmount
});

/**
 * The process is up.
 */
export const zHealth = z.object({
    status: z.enum(['ok'])
});

/**
 * Whether this process should be given work.
 */
export const zReadiness = z.object({
    status: z.enum([
        'ready',
        'starting',
        'draining',
        'degraded'
    ]),
    checks: z.record(z.string(), z.string())
});

/**
 * An amount of US dollars, a number or a decimal string.
 */
export const zUsdAmount = z.union([
    z.number().gte(0),
    z.string().regex(/^\d{1,12}(\.\d{1,12})?$/)
]);

/**
 * What the project may use. Absent = unlimited.
 */
export const zProjectLimits = z.strictObject({
    requestsPerMinute: z.int().gte(1).lte(1000000).optional(),
    concurrentRuns: z.int().gte(1).lte(1000000).optional(),
    tokensPerRun: z.int().gte(1).lte(1000000000).optional(),
    usdPerRun: zUsdAmount.optional()
});

/**
 * The settings of one project. Each member is optional, and so is the file.
 */
export const zProjectSettings = z.strictObject({
    $schema: z.string().optional(),
    creditsUsd: zUsdAmount.optional(),
    limits: zProjectLimits.optional(),
    capture: zCaptureMode.optional(),
    redact: zRedactionRules.optional(),
    retention: zRetention.optional(),
    corsOrigins: z.array(z.string().regex(/^https?:\/\/[^\/\s?#@]+$/)).max(100).optional(),
    webhookSecret: z.string().regex(/^whsec_[A-Za-z0-9+\/]{32,86}={0,2}$/).optional()
});
