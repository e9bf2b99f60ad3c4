/** What a request asks for. */
export type TestOperation =
  | "execute"
  | "step"
  | "submitJob"
  | "getJob"
  | "cancel"
  | "cancelByKey"
  | "getRun"
  | "getTrace"
  | "streamTrace"
  | "getStepTrace"
  | "getSession"
  | "listRuns";

/** A request's address, read. */
export interface Route {
  readonly operation: TestOperation;
  /** As `acme/spelling/grade-3`; `undefined` where a run is addressed by its id alone. */
  readonly flow: string | undefined;
  /** The path's version segment without its `v`; `undefined` without one. */
  readonly version: string | undefined;
  readonly executionId: string | undefined;
  readonly stepId: string | undefined;
  readonly sessionId: string | undefined;
}

const FLOW = "seq/(?<flow>[^/]+/[^/]+/[^/]+)";
const VERSION = "(?:/v(?<version>[^/]+))?";
const RUN = `(?:${FLOW}/runs|flow-runs)/(?<executionId>[^/]+)`;

/** The contract's routes for calling flows and looking after their runs. Earlier ones win. */
const ROUTES: readonly (readonly [method: string, path: string, operation: TestOperation])[] = [
  ["GET", "seq/sessions/(?<sessionId>[^/]+)", "getSession"],
  ["POST", `${FLOW}/runs/cancel`, "cancelByKey"],
  ["POST", `${RUN}/cancel`, "cancel"],
  ["POST", `${FLOW}/jobs/(?<executionId>[^/]+)/cancel`, "cancel"],
  ["POST", `${FLOW}${VERSION}/execute`, "execute"],
  ["POST", `${FLOW}${VERSION}/step`, "step"],
  ["POST", `${FLOW}${VERSION}/jobs`, "submitJob"],
  ["GET", `${FLOW}/jobs/(?<executionId>[^/]+)`, "getJob"],
  ["GET", `${RUN}/trace/stream`, "streamTrace"],
  ["GET", `${RUN}/trace`, "getTrace"],
  ["GET", `${RUN}/steps/(?<stepId>[^/]+)/trace`, "getStepTrace"],
  ["GET", RUN, "getRun"],
  ["GET", "flow-runs", "listRuns"],
];

const PATTERNS = ROUTES.map(([method, path, operation]) => ({
  method,
  pattern: new RegExp(`^/api/v1/${path}$`),
  operation,
}));

/** What the request asks for; `undefined` for what no flow or run is. */
export function routeOf(method: string, path: string): Route | undefined {
  for (const route of PATTERNS) {
    const match = route.method === method ? route.pattern.exec(path) : null;
    if (!match) continue;
    const { flow, version, executionId, stepId, sessionId } = match.groups ?? {};
    return { operation: route.operation, flow, version, executionId, stepId, sessionId };
  }
  return undefined;
}
