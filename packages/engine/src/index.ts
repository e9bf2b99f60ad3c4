export type { Allowances } from "./allowances.ts";
export type { Catalog, FlowVersionRef, LoadedFile } from "./catalog.ts";
export { createEgress } from "./egress/egress.ts";
export type { Egress } from "./egress/egress.ts";
export { parseEgressAllow } from "./egress/allow-list.ts";
export type { EgressRule } from "./egress/allow-list.ts";
export { createEngine, roles } from "./engine.ts";
export type { Engine, EngineOptions, Role } from "./engine.ts";
export { Executions } from "./executions/executions.ts";
export type { ExecutionCaller, ExecutionDetail, ExecutionRequest } from "./executions/executions.ts";
export { executionStatuses, isSettled } from "./executions/statuses.ts";
export type { ExecutionStatus } from "./executions/statuses.ts";
export type { Task, TaskStatus } from "./executions/tasks.ts";
export type { AcceptedCall, RunRequest } from "./submission.ts";
export type { ResumeRequest, SegmentRequest } from "./continuation.ts";
export {
  EngineError,
  HandedOverError,
  InvalidDefinitionError,
  RequestError,
  RetryableError,
  StoreUnavailableError,
  TerminalError,
} from "./errors.ts";
export { endsCall, isTerminal } from "./events.ts";
export type {
  CallKey,
  ErrorInfo,
  PartialOutput,
  RunEvent,
  RunSummary,
  Segment,
  StreamItem,
  ToolCall,
  Usage,
} from "./events.ts";
export type { ProjectLimits } from "./flow/project.ts";
export { defaultDefinitionLimits } from "./flow/definition-limits.ts";
export type { DefinitionLimits } from "./flow/definition-limits.ts";
export { defaultRunLimits } from "./limits.ts";
export type { RunLimits } from "./limits.ts";
export type { Durations } from "./measures.ts";
export type { KindCheck } from "./moving/check.ts";
export { MoveMismatchError, moveStore } from "./moving/move.ts";
export type { Moved, MoveProgress } from "./moving/move.ts";
export type { CaptureMode, DefinitionIssue, FlowDefinition, Json, JsonObject, StepKind } from "./flow/definition.ts";
export { firstChange, isChangeCursor } from "./store/store.ts";
export type {
  ApiKeyRecord,
  Backlog,
  ExecutionChange,
  ExecutionQuery,
  ExecutionRecord,
  FlowRecord,
  FlowVersion,
  Nodes,
  Project,
  RunRecord,
  RunStatus,
  Store,
  TriggerType,
} from "./store/store.ts";
export type { WebhookMessage } from "./webhooks/message.ts";
export type { Fault } from "./worker.ts";
export { latestAttempts, snapshotLimitBytes } from "./trace.ts";
export type { RunEnd, RunPause, ToolPause } from "./run-end.ts";
export type { RunTrace, StepTrace } from "./trace.ts";
export type { LoadedProject, Projects } from "./projects.ts";
export { echoModel as builtInModel } from "./models/echo.ts";
export { modelsConfigFromEnv } from "./models/config.ts";
export type { ModelsConfig } from "./models/config.ts";
export type {
  Attachment,
  ChatMessage,
  ModelProvider,
  ModelRequest,
  ModelResponse,
  Models,
  ToolChoice,
  ToolDefinition,
} from "./models/model.ts";
export { createModels } from "./models/registry.ts";
export { createSandbox } from "./sandbox/on-demand.ts";
export type { SandboxOnDemand } from "./sandbox/on-demand.ts";
export { openPostgresStore } from "./store/postgres/postgres-store.ts";
export { openMemoryStore, openSqliteStore } from "./store/sqlite-store.ts";
export { findJsonFault } from "./flow/json-fault.ts";
