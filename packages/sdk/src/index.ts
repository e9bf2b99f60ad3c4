export {
  AbortError,
  AlreadyResumedError,
  APIConnectionError,
  APITimeoutError,
  AuthenticationError,
  type Billed,
  type Clock,
  type ConfigOptions,
  type ConnectionOptions,
  type Fetch,
  FlowExecutionError,
  FlowNotFoundError,
  InsufficientCreditsError,
  type LogEvent,
  type LogLevel,
  NotImplementedError,
  NoukaiError,
  type NoukaiErrorOptions,
  type OnLog,
  PermissionDeniedError,
  RateLimitError,
  ReplayDisabledError,
  ReplayError,
  ReplayForbiddenError,
  ReplayInvalidSessionError,
  ReplayLeftoverError,
  ReplayMissError,
  ReplayNoSnapshotsError,
  ReplaySessionExpiredError,
  ReplaySessionNotFoundError,
  StreamDecodeError,
  StreamTruncatedError,
  ToolCallLimitError,
  ValidationError,
  ValueError,
  VERSION,
} from "@noukai/core";
export type {
  Attachment,
  CancelAccepted,
  CaptureMode,
  ConversationMessage,
  ExecutionStatus,
  FlowRun,
  JsonObject,
  JsonSchema,
  RunStatus,
  RunSummary,
  StepAttempts,
  StepKind,
  StepStatus,
  StepTrace,
  TaskStatus,
  TokenCounts,
  Tool,
  ToolCall,
  ToolCallMessage,
  ToolChoice,
  ToolFunction,
  Trace,
  TriggerType,
} from "@noukai/core/schema";
export { Noukai, type NoukaiOptions } from "./client.ts";
export { type ConnectionState, EventStream } from "./event-stream.ts";
export type {
  EventBase,
  FlowCompleted,
  LoopCompleted,
  RunStarted,
  StepCompleted,
  StepFailed,
  StepInput,
  StepOutput,
  StepPaused,
  StepProgress,
  StepResumed,
  StepRetrying,
  StepStarted,
  StreamEvent,
  ToolCallsRequired,
  UnknownEvent,
} from "./events.ts";
export { Flow } from "./flow.ts";
export type { EventsOptions, EventsOptions as StepsOptions, InputOverrides } from "./stream-options.ts";
export { fromReadableStream, type ReadableOptions } from "./stream-reader.ts";
export type { TextOptions } from "./stream-text.ts";
export type { FlowReference } from "./flow-reference.ts";
export type { FlowVersion } from "./identifiers.ts";
export type { ExecuteOptions } from "./options.ts";
export type { StoredResumeOptions } from "./execute-call.ts";
export type { Pause, ResumeOptions, StepPlace } from "./pause.ts";
export type { PauseJson } from "./pause-json.ts";
export { pauseOf } from "./pause-of.ts";
export { ExecuteResult, PausedResult } from "./results.ts";
export type { Approval, Approvals, PendingApproval } from "./tools/approvals.ts";
export type { ExecutableTool, ToolContext } from "./tools/executable-tool.ts";
export { answerToolCall } from "./tools/answer-tool-call.ts";
export { tool, type ToolOptions } from "./tools/tool.ts";
export type { ToolAnswers, ToolHandler, ToolHandlerContext, ToolResult } from "./tools/tool-handler.ts";
export type { CallTools, DescribedTool } from "./tools/wire-tools.ts";
export type { ExecuteAsyncOptions } from "./job/job-options.ts";
export { type CreatedExecution, Execution } from "./executions/execution.ts";
export type { ExecutionPage } from "./executions/execution-list.ts";
export type {
  CreateExecutionOptions,
  EditOutputOptions,
  ExecutionChangesOptions,
  ExecutionEventsOptions,
  ExecutionWaitOptions,
  GetExecutionOptions,
  ListExecutionsOptions,
  ReexecuteOptions,
} from "./executions/execution-options.ts";
export type { ExecutionChange, ExecutionFault, FlowExecution, TaskExecution } from "./executions/execution-shapes.ts";
export { Executions } from "./executions/executions.ts";
export type { JobProgress } from "./job/job-progress.ts";
export type { JobStatus } from "./job/job-status.ts";
export type { JobWaitOptions } from "./job/job-wait.ts";
export { Job, JobHandle } from "./job/job.ts";
export type { LiveTraceOptions } from "./live-trace.ts";
export { createRelayFlow, type RelayFlow, type RelayOptions } from "./relay/relay.ts";
export type { RequestOptions, RequestOptions as TraceOptions } from "./request-json.ts";
export { Run } from "./run.ts";
export type { RunPage } from "./run-list.ts";
export { type ListRunsOptions, Runs } from "./runs.ts";
export type { StepTraceOptions } from "./step-trace.ts";
export {
  type StepFigures,
  type StepsOrTrace,
  type TotalCost,
  totalCostUsd,
  totalDurationMs,
  totalTokens,
} from "./trace-totals.ts";
export type { AnyInput, FlowSchemas, InputOf, OutputOf } from "./typed-flow/flow-schemas.ts";
export { SchemaIssuesError } from "./typed-flow/schema-issues-error.ts";
export { ServerErrorCode, type ServerErrorCodeValue, type TokenBreakdown, type TraceScopeOptions } from "./compat.ts";
export type {
  ExecuteRequest,
  JobAccepted,
  SessionExecution,
  SessionRecording,
  SessionStep,
  StepRequest,
} from "@noukai/core/schema";
export type {
  Cassette,
  CassetteEntry,
  RecordedBody,
  RecordedRequest,
  RecordedResponse,
} from "./session/cassette/cassette.ts";
export { createRecordingFetch, type RecordingFetch, type RecordingOptions } from "./session/cassette/record.ts";
export { type CassetteFetch, type CassetteOptions, createReplayFetch } from "./session/cassette/replay.ts";
export type { ReplayScopeOptions } from "./session/open-session.ts";
export { currentScope, currentSessionId, replayScope, replayScope as traceScope } from "./session/scope.ts";
export type { Session } from "./session/session.ts";
export { Sessions } from "./session/sessions.ts";
export type { Middleware, Operation } from "./middleware.ts";
export { type OpenTelemetryOptions, openTelemetry, tracedFetch } from "./telemetry.ts";
export type {
  TelemetryContext,
  TelemetrySpan,
  TelemetrySpanContext,
  TelemetrySpanOptions,
  TelemetryTracer,
  TelemetryValue,
} from "./telemetry-tracer.ts";
export {
  signWebhook,
  type SignWebhookOptions,
  verifyWebhook,
  type VerifyWebhookOptions,
  type WebhookEvent,
  type WebhookFault,
  type WebhookJob,
  WebhookVerificationError,
} from "./webhook.ts";
