import type { FlowRunList, operations, RunSummary, StepTraceResponse, Trace } from "@noukai/core/schema";
import type { Route, RunAddress } from "./routes.ts";

type StepTraceQuery = NonNullable<operations["getRunStepTrace"]["parameters"]["query"]>;
type RunListQuery = NonNullable<operations["listFlowRuns"]["parameters"]["query"]>;
/** Members that are `undefined` stay out of the address. */
type WithGaps<Query> = { readonly [Name in keyof Query]: Query[Name] | undefined };

export function getRuns(query: WithGaps<RunListQuery>): Route<FlowRunList> {
  return (client, init) => client.GET("/flow-runs", { ...init, params: { query: query as RunListQuery } }); // see WithGaps
}

export function getRun({ flow, executionId }: RunAddress): Route<RunSummary> {
  return (client, init) =>
    flow
      ? client.GET("/seq/{org}/{project}/{flow}/runs/{executionId}", {
          ...init,
          params: { path: { ...flow, executionId } },
        })
      : client.GET("/flow-runs/{flowRunId}", { ...init, params: { path: { flowRunId: executionId } } });
}

export function getTrace({ flow, executionId }: RunAddress): Route<Trace> {
  return (client, init) =>
    flow
      ? client.GET("/seq/{org}/{project}/{flow}/runs/{executionId}/trace", {
          ...init,
          params: { path: { ...flow, executionId } },
        })
      : client.GET("/flow-runs/{flowRunId}/trace", { ...init, params: { path: { flowRunId: executionId } } });
}

export function getStepTrace(
  { flow, executionId }: RunAddress,
  stepId: string,
  gaps: WithGaps<StepTraceQuery>,
): Route<StepTraceResponse> {
  const query = gaps as StepTraceQuery; // see WithGaps
  return (client, init) =>
    flow
      ? client.GET("/seq/{org}/{project}/{flow}/runs/{executionId}/steps/{stepId}/trace", {
          ...init,
          params: { path: { ...flow, executionId, stepId }, query },
        })
      : client.GET("/flow-runs/{flowRunId}/steps/{stepId}/trace", {
          ...init,
          params: { path: { flowRunId: executionId, stepId }, query },
        });
}
