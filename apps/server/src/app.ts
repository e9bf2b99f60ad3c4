import type { Role } from "@noukai/engine";
import { Hono } from "hono";
import { networkOfCaller } from "./address.ts";
import { requireScope } from "./auth.ts";
import { type Operation, type OperationId, operations, routePattern } from "./contract/operations.ts";
import type { Call, Handler, PublicHandler, ServerContext, ServerEnv, Services } from "./context.ts";
import { crossOrigin } from "./cross-origin.ts";
import { AnswerLostError, ApiError, toAnswer, toExecutionError } from "./errors.ts";
import { openapiDocument } from "./generated/openapi.gen.ts";
import { metricList } from "./metric-list.ts";
import { createMetricsText, RequestCounts } from "./metrics.ts";
import { admitRequest } from "./request-limits.ts";
import { nextRequestId } from "./request-id.ts";
import { json, resetConnection } from "./respond.ts";
import { RememberingRouter } from "./router.ts";
import { cancelRoutes } from "./routes/cancel.ts";
import { creditRoutes } from "./routes/credits.ts";
import { executeRoutes } from "./routes/execute.ts";
import { flowExecutionRoutes } from "./routes/flow-executions.ts";
import { flowRoutes } from "./routes/flows.ts";
import { jobRoutes } from "./routes/jobs.ts";
import { keyRoutes } from "./routes/keys.ts";
import { operationRoutes } from "./routes/operations.ts";
import { pageRoutes } from "./routes/pages.ts";
import { runRoutes } from "./routes/runs.ts";
import { sessionRoutes } from "./routes/sessions.ts";
import { stepRoutes } from "./routes/step.ts";
import { taskExecutionRoutes } from "./routes/task-executions.ts";

export interface AppOptions extends Services {
  /** A worker answers probes and tells its figures; nothing else is mounted. */
  readonly role: Role;
  /** Origins whose pages may call every project directly; projects name more of their own. */
  readonly corsOrigins?: readonly string[];
  /** WebSockets that are open, which no request of the app is. */
  readonly openSockets: () => number;
}

/** What a process answers whatever its role. */
const probes: ReadonlySet<OperationId> = new Set(["getHealth", "getReadiness", "getMetrics"]);

/** The whole contract as one Hono app: every operation of the document is mounted where the API is served. */
export function createApp(options: AppOptions): Hono<ServerEnv> {
  const app = new Hono<ServerEnv>({ router: new RememberingRouter() });
  app.use(crossOrigin(options.corsOrigins ?? [], options.engine.projects));
  const requests = new RequestCounts();
  const handlerOf = handlerTable(options, requests);
  const isWorker = options.role === "worker";
  for (const operation of operations) {
    if (isWorker && !probes.has(operation.operationId)) continue;
    app.on(
      operation.method.toUpperCase(),
      routePattern(operation),
      answering(operation, handlerOf(operation), options, requests),
    );
  }
  for (const [path, page] of isWorker ? [] : pageRoutes()) {
    app.get(path, (c) => {
      c.set("call", newCall("none", 0));
      return page(c);
    });
  }
  app.notFound(isWorker ? refuseOnWorker : refuseUnknownPath);
  app.onError((error, c) => {
    if (error instanceof AnswerLostError) {
      // Thrown on, it passes here once more for each middleware.
      if (!c.get("call").isReset) resetConnection(c, options.log, error.cause);
      throw error;
    }
    return refuse(c, error, options, requests);
  });
  return app;
}

type AnyHandler = { readonly open: PublicHandler } | { readonly guarded: Handler };

/** Operations that ask for no key. */
type PublicOperationId = Extract<Operation, { readonly isPublic: true }>["operationId"];

/** Which handler answers an operation. */
function handlerTable(services: AppOptions, requests: RequestCounts): (operation: Operation) => AnyHandler {
  const guarded: Record<Exclude<OperationId, PublicOperationId>, Handler> = {
    ...executeRoutes(services),
    ...stepRoutes(services),
    ...jobRoutes(services),
    ...cancelRoutes(services),
    ...runRoutes(services),
    ...sessionRoutes(services),
    ...flowRoutes(services),
    ...keyRoutes(services),
    ...creditRoutes(services),
    ...flowExecutionRoutes(services),
    ...taskExecutionRoutes(services),
  };
  const metrics = createMetricsText(metricList({ ...services, requests, openStreams: () => services.streams.open }));
  const open: Record<PublicOperationId, PublicHandler> = operationRoutes(services, openapiDocument, metrics);
  return (operation) =>
    operation.isPublic ? { open: open[operation.operationId] } : { guarded: guarded[operation.operationId] };
}

/** One function per operation and no chain of middleware: what every request pays is in view here. */
function answering(
  operation: Operation,
  handler: AnyHandler,
  { auth, log, engine: { allowances }, limits, requestLimiter: limiter }: Services,
  requests: RequestCounts,
): (c: ServerContext) => Promise<Response> {
  const answer = async (c: ServerContext): Promise<Response> => {
    if ("open" in handler) return handler.open(c);
    const principal = await auth.authenticate(authorizationOf(c), networkOfCaller(c));
    await admitRequest({ allowances, limiter }, principal, c.req.param());
    requireScope(principal, operation.scopes);
    return handler.guarded(c, principal);
  };
  return async (c) => {
    c.set("call", newCall(operation.operationId, limits.bodyBytes));
    const response = await answer(c);
    requests.add(operation.operationId, response.status);
    // Only when asked for: at thousands of requests a second a line for each would cost more than it tells.
    if (log.isLevelEnabled("debug")) log.debug(describe(c, response.status), "answered");
    return response;
  };
}

/** The answer to an error, which is logged where it is told: with its cause when it is a fault of our own. */
function refuse(c: ServerContext, error: Error, { log }: Services, requests: RequestCounts): Response {
  const { status, body, headers, isForeseen } = toAnswer(error);
  requests.add(c.get("call").operation, status);
  if (isForeseen) log.info({ ...describe(c, status), code: body.detail.code }, "refused");
  // A body that broke off because its sender left is nobody's fault.
  else if (!c.req.raw.signal.aborted) log.error({ ...describe(c, status), err: error }, "failed");
  return json(c, status, isOfExecutions(c) ? toExecutionError(body, c.get("call").requestId) : body, headers);
}

const executionPath = /^\/api\/v1\/(?:flow|task)-executions(?:\/|$)/u;

/** Is this a call of the API that has names and an envelope of its own? */
function isOfExecutions(c: ServerContext): boolean {
  return executionPath.test(c.req.path);
}

/** That API takes the key in a header of its own too. */
function authorizationOf(c: ServerContext): string | undefined {
  const authorization = c.req.header("authorization");
  if (authorization !== undefined || !isOfExecutions(c)) return authorization;
  const key = c.req.header("x-api-key");
  return key === undefined ? undefined : `Bearer ${key}`;
}

const routes = operations.map(({ method, path }) => ({
  pattern: new RegExp(`^${path.replaceAll(".", "\\.").replace(/v?\{\w+\}/g, "[^/]+")}$`),
  method: method.toUpperCase(),
}));

function refuseUnknownPath(c: ServerContext): never {
  c.set("call", newCall("none", 0));
  const { path, method } = c.req;
  const allowed = routes.filter(({ pattern }) => pattern.test(path)).map((route) => route.method);
  if (allowed.length === 0) {
    throw new ApiError(
      "ROUTE_NOT_FOUND",
      `There is nothing at ${path.slice(0, 200)}. The document at /openapi.json lists every route.`,
    );
  }
  throw new ApiError("METHOD_NOT_ALLOWED", `${method} is not a method of this path. Use ${allowed.join(" or ")}.`, {
    headers: { allow: allowed.join(", ") },
  });
}

function refuseOnWorker(c: ServerContext): never {
  c.set("call", newCall("none", 0));
  const message =
    "This process has the role worker (NOUKAI_ROLE): it works runs off, and answers /healthz, /readyz and /metrics. Call one of the role api or all.";
  throw new ApiError("ROUTE_NOT_FOUND", message);
}

function newCall(operation: OperationId | "none", bodyLimitBytes: number): Call {
  return { requestId: nextRequestId(), operation, startedAt: performance.now(), isReset: false, bodyLimitBytes };
}

/** What a log line says of a request: never its path, its headers or its body, which carry what callers wrote. */
function describe(c: ServerContext, status: number): object {
  const { requestId, operation, startedAt } = c.get("call");
  return { requestId, method: c.req.method, operation, status, ms: Math.round(performance.now() - startedAt) };
}
