import type { Exchange, WireClient, WireInit } from "@noukai/core";
import type { CancelAccepted, StepRequest } from "@noukai/core/schema";
import { type FlowAddress, flowName } from "./identifiers.ts";

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

/** Makes one request of the contract, through the client and with the members that the transport gives. */
export type Route<Data> = (client: WireClient, init: WireInit) => Promise<Exchange<Data>>;
type StreamRoute = (client: WireClient, init: WireInit & { readonly parseAs: "stream" }) => Promise<Exchange<unknown>>;

/** As `POST acme/spelling/grade-3/v0/execute`: what messages call the operation. */
export function flowOperation({ flow, version }: VersionAddress, verb: "execute" | "step" | "jobs"): string {
  return `POST ${flowName(flow)}${version === undefined ? "" : `/v${version}`}/${verb}`;
}

/** As `GET acme/spelling/grade-3/runs/0199…/trace`. */
export function runOperation(method: "GET" | "POST", { flow, executionId }: RunAddress, path = ""): string {
  return `${method} ${flow ? `${flowName(flow)}/runs` : "flow-runs"}/${executionId}${path}`;
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

export function getTraceStream({ flow, executionId }: RunAddress): StreamRoute {
  return (client, init) =>
    flow
      ? client.GET("/seq/{org}/{project}/{flow}/runs/{executionId}/trace/stream", {
          ...init,
          params: { path: { ...flow, executionId } },
        })
      : client.GET("/flow-runs/{flowRunId}/trace/stream", { ...init, params: { path: { flowRunId: executionId } } });
}

export function postCancel({ flow, executionId }: RunAddress): Route<CancelAccepted> {
  return (client, init) =>
    flow
      ? client.POST("/seq/{org}/{project}/{flow}/runs/{executionId}/cancel", {
          ...init,
          params: { path: { ...flow, executionId } },
        })
      : client.POST("/flow-runs/{flowRunId}/cancel", { ...init, params: { path: { flowRunId: executionId } } });
}

export function postCancelByKey(flow: FlowAddress, idempotencyKey: string): Route<CancelAccepted> {
  return (client, init) =>
    client.POST("/seq/{org}/{project}/{flow}/runs/cancel", {
      ...init,
      params: { path: flow },
      body: { idempotencyKey },
    });
}
