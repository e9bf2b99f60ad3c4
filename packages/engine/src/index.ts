export type { Catalog, FlowVersionRef, LoadedFile } from "./catalog.ts";
export { createEngine } from "./engine.ts";
export type { Engine, EngineOptions, RunRequest, SubmittedRun } from "./engine.ts";
export {
  EngineError,
  HandedOverError,
  InvalidDefinitionError,
  RequestError,
  RetryableError,
  StoreUnavailableError,
  TerminalError,
} from "./errors.ts";
export { isTerminal } from "./events.ts";
export type { ErrorInfo, PartialOutput, RunEvent, RunSummary, StreamItem, Usage } from "./events.ts";
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
export { latestAttempts } from "./trace.ts";
export type { RunEnd, RunTrace, StepTrace } from "./trace.ts";
export { readProjectFiles } from "./flow/files.ts";
export { modelsConfigFromEnv } from "./models/config.ts";
export type { ModelsConfig } from "./models/config.ts";
export type { ChatMessage, ModelProvider, ModelRequest, ModelResponse, Models } from "./models/model.ts";
export { createModels } from "./models/registry.ts";
export { openMemoryStore, openSqliteStore } from "./store/sqlite-store.ts";
export { findJsonFault } from "./flow/json-fault.ts";
