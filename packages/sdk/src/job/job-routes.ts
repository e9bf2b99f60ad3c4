import type { JobAccepted, JobRequest, JobStatus } from "@noukai/core/schema";
import type { FlowAddress } from "../identifiers.ts";
import type { Route, VersionAddress } from "../routes.ts";

export function postJob({ flow, version }: VersionAddress, body: JobRequest): Route<JobAccepted> {
  return (client, init) =>
    version === undefined
      ? client.POST("/seq/{org}/{project}/{flow}/jobs", { ...init, params: { path: flow }, body })
      : client.POST("/seq/{org}/{project}/{flow}/v{version}/jobs", {
          ...init,
          params: { path: { ...flow, version } },
          body,
        });
}

export function getJob(flow: FlowAddress, executionId: string): Route<JobStatus> {
  return (client, init) =>
    client.GET("/seq/{org}/{project}/{flow}/jobs/{executionId}", {
      ...init,
      params: { path: { ...flow, executionId } },
    });
}
