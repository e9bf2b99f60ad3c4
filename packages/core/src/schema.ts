/**
 * The shapes that travel between client and server, by name. Types only: importing this module costs nothing at run time.
 * All of them come from `openapi/`; what each member means is said there and shown by the editor.
 */

import type { SseEventDataByName } from "./generated/sse-events.ts";

/** Every path and operation, for openapi-fetch. */
export type { components, operations, paths } from "./generated/openapi.ts";

// Calling flows
export type {
  Attachment,
  BlockOverrides,
  ContentPart,
  ConversationMessage,
  ExecuteCompletedResponse,
  ExecuteFailedResponse,
  ExecutePausedResponse,
  ExecuteRequest,
  ExecuteResponse,
  JobAccepted,
  JobRequest,
  JobStatus,
  StepRequest,
  Tool,
  ToolCall,
  ToolCallMessage,
  ToolChoice,
  ToolFunction,
} from "./generated/openapi.ts";

// Runs, traces and sessions
export type {
  CancelAccepted,
  CancelByKeyRequest,
  CaptureMode,
  FlowRun,
  FlowRunList,
  RunStatus,
  RunSummary,
  SessionExecution,
  SessionRecording,
  SessionStep,
  StepAttempts,
  StepKind,
  StepStatus,
  StepTrace,
  StepTraceResponse,
  TokenCounts,
  Trace,
  TriggerType,
} from "./generated/openapi.ts";

// Executions by their id, whose members are snake_case
export type {
  ExecutionChange,
  ExecutionSocketMessage,
  ExecutionStatus,
  FlowExecution,
  FlowExecutionList,
  TaskExecution,
  TaskExecutionList,
  TaskStatus,
} from "./generated/openapi.ts";

// Errors
export type { ErrorCode, ErrorDetail, ErrorInfo, ErrorResponse, Issue } from "./generated/openapi.ts";

// Events: the JSON behind a frame's `data:`. The name behind its `event:` is not repeated in it.
export type {
  FlowCompletedData,
  FlowCompletedSummary,
  LoopCompletedData,
  RunStartedData,
  StepCompletedData,
  StepErrorData,
  StepInputData,
  StepOutputData,
  StepPausedData,
  StepPausedForToolCallsData,
  StepProgressData,
  StepResumedData,
  StepRetryingData,
  StepStartedData,
} from "./generated/openapi.ts";
export type { SseEventDataByName };

// Flow definitions
export type {
  BranchCase,
  BranchStep,
  CodeStep,
  FlowDefinition,
  FlowStep,
  LlmStep,
  LoopStep,
  ParallelStep,
  PassthroughStep,
  RetryPolicy,
  Step,
  Steps,
} from "./generated/openapi.ts";

// Flow and key management
export type {
  ApiKey,
  CreatedKey,
  DraftUpdateRequest,
  Flow,
  FlowCreateRequest,
  FlowDetail,
  FlowList,
  FlowValidateRequest,
  FlowVersion,
  FlowVersionList,
  KeyCreateRequest,
  KeyList,
  KeyScope,
  PromoteRequest,
  PublishRequest,
  ValidationReport,
} from "./generated/openapi.ts";

// Small shapes
export type { JsonObject, JsonSchema } from "./generated/openapi.ts";

// Probes
export type { Health, Readiness } from "./generated/openapi.ts";

/** The name behind a frame's `event:`. A server may send others; a client passes them on as unknown. */
export type SseEventName = keyof SseEventDataByName;
