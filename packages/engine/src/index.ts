export type { Catalog, FlowVersionRef, LoadedFile } from "./catalog.ts";
export { createEngine } from "./engine.ts";
export type { Engine, EngineOptions } from "./engine.ts";
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
export type { CaptureMode, DefinitionIssue, FlowDefinition, Json, JsonObject, StepKind } from "./flow/definition.ts";
export type {
  ApiKeyRecord,
  FlowRecord,
  FlowVersion,
  Project,
  RunRecord,
  RunStatus,
  Store,
  TriggerType,
} from "./store/store.ts";
export type { Fault } from "./worker.ts";
export { latestAttempts, snapshotLimitBytes } from "./trace.ts";
export type { RunEnd, RunPause, ToolPause } from "./run-end.ts";
export type { RunTrace, StepTrace } from "./trace.ts";
export { readProjectFiles } from "./flow/files.ts";
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
export { openPostgresStore } from "./store/postgres/postgres-store.ts";
export { openMemoryStore, openSqliteStore } from "./store/sqlite-store.ts";
export { findJsonFault } from "./flow/json-fault.ts";
