import type { Exchange, WireClient, WireInit } from "@noukai/core";
import type { CancelAccepted, ExecuteRequest, ExecuteResponse, StepRequest, Trace } from "@noukai/core/schema";
import type { FlowAddress } from "./identifiers.ts";

/** Where a run is: below its flow, or by its id alone. Both lead to the same run. */
export interface RunAddress {
  readonly executionId: string;
  readonly flow?: FlowAddress | undefined;
}

/** A flow, and which version of it: 0 is the draft, `undefined` production. */
export interface VersionAddress {
  readonly flow: FlowAddress;
  readonly version: number | undefined;
}

type Route<Data> = (client: WireClient, init: WireInit) => Promise<Exchange<Data>>;
type StreamRoute = (client: WireClient, init: WireInit & { readonly parseAs: "stream" }) => Promise<Exchange<unknown>>;

/** As `POST acme/spelling/grade-3/v0/execute`: what messages call the operation. */
export function flowOperation({ flow, version }: VersionAddress, verb: "execute" | "step"): string {
  return `POST ${flow.org}/${flow.project}/${flow.flow}${version === undefined ? "" : `/v${version}`}/${verb}`;
}

/** As `GET acme/spelling/grade-3/runs/0199…/trace`. */
export function traceOperation({ flow, executionId }: RunAddress): string {
  const run = flow ? `${flow.org}/${flow.project}/${flow.flow}/runs` : "flow-runs";
  return `GET ${run}/${executionId}/trace`;
}

export function postExecute({ flow, version }: VersionAddress, body: ExecuteRequest): Route<ExecuteResponse> {
  return (client, init) =>
    version === undefined
      ? client.POST("/seq/{org}/{project}/{flow}/execute", { ...init, params: { path: flow }, body })
      : client.POST("/seq/{org}/{project}/{flow}/v{version}/execute", {
          ...init,
          params: { path: { ...flow, version } },
          body,
        });
}

export function postStep({ flow, version }: VersionAddress, body: StepRequest): StreamRoute {
  return (client, init) =>
    version === undefined
      ? client.POST("/seq/{org}/{project}/{flow}/step", { ...init, params: { path: flow }, body })
      : client.POST("/seq/{org}/{project}/{flow}/v{version}/step", {
          ...init,
          params: { path: { ...flow, version } },
          body,
        });
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

export function getTraceStream({ flow, executionId }: RunAddress): StreamRoute {
  return (client, init) =>
    flow
      ? client.GET("/seq/{org}/{project}/{flow}/runs/{executionId}/trace/stream", {
          ...init,
          params: { path: { ...flow, executionId } },
        })
      : client.GET("/flow-runs/{flowRunId}/trace/stream", { ...init, params: { path: { flowRunId: executionId } } });
}

export function postCancel(flow: FlowAddress, executionId: string): Route<CancelAccepted> {
  return (client, init) =>
    client.POST("/seq/{org}/{project}/{flow}/runs/{executionId}/cancel", {
      ...init,
      params: { path: { ...flow, executionId } },
    });
}

export function postCancelByKey(flow: FlowAddress, idempotencyKey: string): Route<CancelAccepted> {
  return (client, init) =>
    client.POST("/seq/{org}/{project}/{flow}/runs/cancel", {
      ...init,
      params: { path: flow },
      body: { idempotencyKey },
    });
}
