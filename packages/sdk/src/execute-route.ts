import type { ExecuteRequest, ExecuteResponse } from "@noukai/core/schema";
import type { Route, VersionAddress } from "./routes.ts";

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
