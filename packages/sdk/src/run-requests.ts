import { ValueError } from "@noukai/core";
import type { CancelAccepted, FlowRunList, RunSummary, StepTraceResponse, Trace } from "@noukai/core/schema";
import { loaded, type PausedResult, postCancel, runOperation } from "./streaming.ts";
import type { ClientContext } from "./context.ts";
import { requestJson, type RequestOptions } from "./request-json.ts";
import type { RunAddress } from "./routes.ts";
import { getRun, getRuns, getTrace } from "./run-routes.ts";
import type { ListRunsOptions } from "./runs.ts";
import { stepTraceRequest, type StepTraceOptions } from "./step-trace.ts";
import type { FlowSchemas } from "./typed-flow/flow-schemas.ts";

/** Whose run it is, and where. */
export interface RunPlace {
  readonly context: ClientContext;
  readonly address: RunAddress;
  /** Of its flow, where the caller said them. */
  readonly schemas?: FlowSchemas | undefined;
}

export function requestSummary({ context, address }: RunPlace, options: RequestOptions): Promise<RunSummary> {
  return requestJson(context, { operation: runOperation("GET", address), route: getRun(address) }, options);
}

export function requestTrace({ context, address }: RunPlace, options: RequestOptions): Promise<Trace> {
  return requestJson(context, { operation: runOperation("GET", address, "/trace"), route: getTrace(address) }, options);
}

/** What the run waits for; few ask. */
export async function requestPause(place: RunPlace, options: RequestOptions): Promise<PausedResult | undefined> {
  return (await loaded(import("./run-pause.ts"))).requestPause(place, options);
}

/** Throws `ValueError` for arguments that no row can have. */
export function requestStepTrace(
  { context, address }: RunPlace,
  options: StepTraceOptions,
  stepId: string,
): Promise<StepTraceResponse> {
  return requestJson(context, stepTraceRequest(address, stepId, options), options);
}

/** Ends the run. */
export function requestCancel({ context, address }: RunPlace, options: RequestOptions): Promise<CancelAccepted> {
  const operation = runOperation("POST", address, "/cancel");
  return requestJson(context, { operation, route: postCancel(address), idempotent: true }, options);
}

/** What the methods of a run do, by their names. */
export const runCalls = {
  summary: requestSummary,
  pause: requestPause,
  trace: requestTrace,
  stepTrace: requestStepTrace,
  cancel: requestCancel,
};

/** One page of a project's runs. Throws `ValueError` for a `limit` that no page can have. */
export async function requestRuns(context: ClientContext, options: ListRunsOptions): Promise<FlowRunList> {
  const { flowId, status, limit, cursor } = options;
  checkLimit(limit);
  const route = getRuns({ flow_id: flowId, status, limit, cursor });
  return requestJson(context, { operation: "GET flow-runs", route }, options);
}

function checkLimit(limit: number | undefined): void {
  if (limit === undefined || (Number.isInteger(limit) && limit >= 1 && limit <= 100)) return;
  throw new ValueError(`\`limit\` is ${String(limit)}. A page holds 1 to 100 runs.`);
}
