import { Hono } from "hono";
import { cors } from "hono/cors";
import { requireScope } from "./auth.ts";
import { type Operation, type OperationId, operations, routePattern } from "./contract/operations.ts";
import type { Call, Handler, PublicHandler, ServerContext, ServerEnv, Services } from "./context.ts";
import { AnswerLostError, ApiError, toAnswer } from "./errors.ts";
import { openapiDocument } from "./generated/openapi.gen.ts";
import { RequestCounts } from "./metrics.ts";
import { nextRequestId } from "./request-id.ts";
import { json, resetConnection } from "./respond.ts";
import { cancelRoutes } from "./routes/cancel.ts";
import { executeRoutes } from "./routes/execute.ts";
import { flowRoutes } from "./routes/flows.ts";
import { jobRoutes } from "./routes/jobs.ts";
import { keyRoutes } from "./routes/keys.ts";
import { operationRoutes } from "./routes/operations.ts";
import { runRoutes } from "./routes/runs.ts";
import { sessionRoutes } from "./routes/sessions.ts";
import { stepRoutes } from "./routes/step.ts";

export interface AppOptions extends Services {
  /** Origins whose pages may call directly. None: no CORS header is ever sent. */
  readonly corsOrigins?: readonly string[];
}

/** The whole contract as one Hono app: every operation of the document is mounted, those without a handler answer 501. */
export function createApp(options: AppOptions): Hono<ServerEnv> {
  const app = new Hono<ServerEnv>();
  const { corsOrigins = [] } = options;
  if (corsOrigins.length > 0) app.use(crossOrigin(corsOrigins));
  const requests = new RequestCounts();
  const handlerOf = handlerTable(options, requests);
  for (const operation of operations) {
    app.on(
      operation.method.toUpperCase(),
      routePattern(operation),
      answering(operation, handlerOf(operation), options, requests),
    );
  }
  app.notFound(refuseUnknownPath);
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

/** Which handler answers an operation. */
function handlerTable(services: Services, requests: RequestCounts): (operation: Operation) => AnyHandler {
  const guarded: Partial<Record<OperationId, Handler>> = {
    ...executeRoutes(services),
    ...stepRoutes(services),
    ...jobRoutes(services),
    ...cancelRoutes(services),
    ...runRoutes(services),
    ...sessionRoutes(services),
    ...flowRoutes(services),
    ...keyRoutes(services),
  };
  const open: Partial<Record<OperationId, PublicHandler>> = operationRoutes(services, openapiDocument, requests);
  return ({ operationId, isPublic }) =>
    isPublic ? { open: open[operationId] ?? notImplemented } : { guarded: guarded[operationId] ?? notImplemented };
}

function notImplemented(): never {
  throw new ApiError("NOT_IMPLEMENTED", "The contract names this operation, and this server does not serve it yet.");
}

/** One function per operation and no chain of middleware: what every request pays is in view here. */
function answering(
  operation: Operation,
  handler: AnyHandler,
  { auth, log }: Services,
  requests: RequestCounts,
): (c: ServerContext) => Promise<Response> {
  const answer = async (c: ServerContext): Promise<Response> => {
    if ("open" in handler) return handler.open(c);
    const principal = await auth.authenticate(c.req.header("authorization"));
    requireScope(principal, operation.scopes);
    return handler.guarded(c, principal);
  };
  return async (c) => {
    c.set("call", newCall(operation.operationId));
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
  return json(c, status, body, headers);
}

const routes = operations.map(({ method, path }) => ({
  pattern: new RegExp(`^${path.replaceAll(".", "\\.").replace(/v?\{\w+\}/g, "[^/]+")}$`),
  method: method.toUpperCase(),
}));

function refuseUnknownPath(c: ServerContext): never {
  c.set("call", newCall("none"));
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

function newCall(operation: OperationId | "none"): Call {
  return { requestId: nextRequestId(), operation, startedAt: performance.now(), isReset: false };
}

/** What a log line says of a request: never its path, its headers or its body, which carry what callers wrote. */
function describe(c: ServerContext, status: number): object {
  const { requestId, operation, startedAt } = c.get("call");
  return { requestId, method: c.req.method, operation, status, ms: Math.round(performance.now() - startedAt) };
}

function crossOrigin(origins: readonly string[]) {
  return cors({
    origin: [...origins],
    allowMethods: ["GET", "POST", "PUT", "DELETE"],
    allowHeaders: [
      "authorization",
      "content-type",
      "idempotency-key",
      "last-event-id",
      "x-noukai-api-version",
      "x-noukai-on-disconnect",
      "x-session-id",
    ],
    exposeHeaders: ["retry-after", "x-noukai-execution-id", "x-request-id", "x-should-retry"],
    maxAge: 600,
  });
}
