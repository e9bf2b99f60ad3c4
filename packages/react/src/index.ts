export type { Connection, RunView } from "./run-store.ts";
export type { AnyFlow, ArgumentsOf, FlowOf, FlowSource, OutputOf } from "./flow-types.ts";
export { foldRun } from "./fold-run.ts";
export type { HubOptions } from "./hub.ts";
export { type DehydratedRun, type PrefetchFlowOptions, type PrefetchOptions, prefetchRun } from "./prefetch.ts";
export { NoukaiProvider, type NoukaiProviderProps } from "./provider.ts";
export { type FlowQueryOptions, flowQueryOptions, type RunQueryOptions, runQueryOptions } from "./query-options.ts";
export type { RequestView } from "./request-store.ts";
export { isOver, NO_RUN, type RunFault, type RunPhase, type RunState, type StepText, textOf } from "./run-state.ts";
export type { InnerStepState, StepPhase, StepState } from "./step-state.ts";
export type { WaitingApproval } from "./tool-shelf.ts";
export { type ExecutionOptions, type UsedExecution, useExecution } from "./use-execution.ts";
export { type CallStatus, useFlow, type UsedFlow } from "./use-flow.ts";
export {
  type FlowEvents,
  type FlowEventsOptions,
  type RunCommands,
  type RunViewOptions,
  useFlowEvents,
} from "./use-flow-events.ts";
export { useFlowSteps } from "./use-flow-steps.ts";
export { type JobOptions, type UsedJob, useJob } from "./use-job.ts";
export { useLiveTrace } from "./use-live-trace.ts";
export { usePendingApprovals } from "./use-pending-approvals.ts";
export { type Requested, type RunOptions, useRun } from "./use-run.ts";
export { useRunResult } from "./use-run-result.ts";
export { type ToolCallback, type ToolDefinition, useTool } from "./use-tool.ts";
export { useTrace } from "./use-trace.ts";
