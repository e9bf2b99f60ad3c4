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
  | "listRuns"
  | ExecutionOperation;

/** What a request asks of executions. */
export type ExecutionOperation =
  | "createExecution"
  | "listExecutions"
  | "getExecution"
  | "deleteExecution"
  | "cancelExecution"
  | "reexecute"
  | "streamExecution"
  | "listTasks"
  | "getTask"
  | "editOutput";

/** A request's address, read. */
export interface Route {
  readonly operation: TestOperation;
  /** As `acme/spelling/grade-3`; `undefined` where a run is addressed by its id alone. */
  readonly flow: string | undefined;
  /** The path's version segment without its `v`; `undefined` without one. */
  readonly version: string | undefined;
  /** The run, or the execution. */
  readonly executionId: string | undefined;
  readonly taskId: string | undefined;
  readonly stepId: string | undefined;
  readonly sessionId: string | undefined;
}

const FLOW = "seq/(?<flow>[^/]+/[^/]+/[^/]+)";
const VERSION = "(?:/v(?<version>[^/]+))?";
const EXECUTION = "flow-executions/(?<executionId>[^/]+)";
const TASK = "task-executions/(?<taskId>[^/]+)";
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
  ["POST", "flow-executions", "createExecution"],
  ["GET", "flow-executions", "listExecutions"],
  ["GET", EXECUTION, "getExecution"],
  ["DELETE", EXECUTION, "deleteExecution"],
  ["POST", `${EXECUTION}/cancel`, "cancelExecution"],
  ["POST", `${EXECUTION}/execute`, "reexecute"],
  ["GET", `${EXECUTION}/events`, "streamExecution"],
  ["GET", "task-executions", "listTasks"],
  ["GET", TASK, "getTask"],
  ["PUT", TASK, "editOutput"],
];

const EXECUTION_OPERATIONS: ReadonlySet<TestOperation> = new Set(
  ROUTES.filter(([, path]) => /^(flow|task)-executions/.test(path)).map(([, , operation]) => operation),
);

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
    const { flow, version, executionId, stepId, sessionId, taskId: task } = match.groups ?? {};
    const taskId = task && decodeURIComponent(task);
    return { operation: route.operation, flow, version, executionId, stepId, sessionId, taskId };
  }
  return undefined;
}

/** Is it about executions, whose errors have an envelope of their own? */
export function isExecutionOperation(operation: TestOperation): operation is ExecutionOperation {
  return EXECUTION_OPERATIONS.has(operation);
}
