import { type ExecutionChange, firstChange, isSettled, type JsonObject } from "@noukai/engine";
import type { Principal } from "../auth.ts";
import { objectAsItCame, parseExactBody, readBody } from "../body.ts";
import type { Handler, ServerContext, Services } from "../context.ts";
import { ApiError } from "../errors.ts";
import { readExecutionQuery, requireUuid, toChangeCursor, toFlag } from "../execution-params.ts";
import { type ExecutionView, toChangeFrame, toExecutionDetail, toFlowExecution } from "../execution-wire.ts";
import { zFlowExecutionCreateRequest } from "../generated/zod.gen.ts";
import { toUuid } from "../params.ts";
import { json, resetConnection } from "../respond.ts";
import { eventStream, eventStreamHeaders } from "../sse.ts";
import { readIdempotency } from "./call.ts";

const zCreateBody = zFlowExecutionCreateRequest.extend({ input: objectAsItCame("must be an object") });

/** Executions by their id; see `contract.md` §10. */
export function flowExecutionRoutes(services: Services) {
  const { executions } = services.engine;

  const createFlowExecution: Handler = async (c, principal) => {
    const text = await readBody(c);
    const body = parseExactBody(text, zCreateBody);
    const execution = await executions.create(callerOf(principal), {
      flowId: requireUuid("flow_id", body.flow_id),
      input: body.input as JsonObject, // was read from JSON text
      ...(body.webhook_url && { webhookUrl: body.webhook_url }),
      ...readIdempotency(c, text),
    });
    return json(c, 201, toFlowExecution(execution, { projects: principal.projects, includesRunNumber: false }));
  };

  const listFlowExecutions: Handler = async (c, principal) => {
    const view = viewOf(c, principal);
    const found = await executions.list(callerOf(principal), readExecutionQuery(c));
    return json(
      c,
      200,
      found.map((execution) => toFlowExecution(execution, view)),
    );
  };

  const getFlowExecution: Handler = async (c, principal) => {
    const view = viewOf(c, principal);
    return json(c, 200, toExecutionDetail(await executions.read(callerOf(principal), idOf(c)), view));
  };

  const deleteFlowExecution: Handler = async (c, principal) => {
    await executions.remove(callerOf(principal), idOf(c));
    return nothing(c);
  };

  const cancelFlowExecution: Handler = async (c, principal) => {
    await executions.cancel(callerOf(principal), idOf(c));
    return nothing(c);
  };

  const reexecuteFlowExecution: Handler = async (c, principal) => {
    const onlyStale = toFlag("only_stale", c.req.query("only_stale"));
    const idempotency = readIdempotency(c, String(onlyStale));
    await executions.reexecute(callerOf(principal), idOf(c), { onlyStale, ...idempotency });
    return nothing(c);
  };

  const streamFlowExecution: Handler = async (c, principal) => {
    const caller = callerOf(principal);
    const { execution } = await executions.read(caller, idOf(c));
    const cursor = toChangeCursor("Last-Event-ID", c.req.header("last-event-id"), firstChange);
    const headers = { ...eventStreamHeaders, "x-request-id": c.get("call").requestId };
    if (c.req.method === "HEAD") return new Response(null, { headers });
    const stop = new AbortController();
    const pagesAfter = (after: string): AsyncIterable<readonly ExecutionChange[]> =>
      executions.changes(caller, { executionId: execution.id, after }, stop.signal);
    const body = eventStream(changeFrames(pagesAfter, cursor), {
      heartbeatMs: services.heartbeatMs,
      stop,
      reset: (cause) => resetConnection(c, services.log, cause),
      streams: services.streams,
    });
    return new Response(body, { headers });
  };

  return {
    createFlowExecution,
    listFlowExecutions,
    getFlowExecution,
    deleteFlowExecution,
    cancelFlowExecution,
    reexecuteFlowExecution,
    streamFlowExecution,
    watchFlowExecutions: refuseWithoutUpgrade,
  };
}

/** Asked for as a socket it does not come here; see `ExecutionSockets`. */
function refuseWithoutUpgrade(): never {
  throw new ApiError("INVALID_REQUEST", "This is a WebSocket. Open it with `Upgrade: websocket`, over HTTP/1.1.");
}

/** Who calls, as the engine knows callers. */
export function callerOf({ projects, key }: Principal): {
  readonly projectIds: readonly string[];
  readonly by: string;
} {
  return { projectIds: projects.map(({ id }) => id), by: key.id };
}

/** 204. */
function nothing(c: ServerContext): Response {
  return new Response(null, { status: 204, headers: { "x-request-id": c.get("call").requestId } });
}

function idOf(c: ServerContext): string {
  return toUuid(c.req.param("flowExecutionId") ?? "") ?? "";
}

function viewOf(c: ServerContext, { projects }: Principal): ExecutionView {
  return { projects, includesRunNumber: toFlag("include_run_number", c.req.query("include_run_number")) };
}

/**
 * The changes of an execution until it has come to rest. A reader that has seen the last of them gets it again: a stream that ends without one
 * would make it ask for ever.
 */
async function* changeFrames(
  pagesAfter: (after: string) => AsyncIterable<readonly ExecutionChange[]>,
  cursor: string,
): AsyncGenerator<string, void, undefined> {
  let last: ExecutionChange | undefined;
  for await (const page of pagesAfter(cursor)) {
    for (const change of page) {
      yield toChangeFrame(change);
      last = change;
    }
    if (page.length > 0) continue;
    const latest = last ?? (await latestOf(pagesAfter(firstChange)));
    if (latest === undefined || !isSettled(latest.status)) continue;
    // At the reader's own place, which may be that of a later change of another execution: it is nothing new.
    if (last === undefined) yield toChangeFrame({ ...latest, cursor });
    return;
  }
}

/** The newest change that there is now. */
async function latestOf(pages: AsyncIterable<readonly ExecutionChange[]>): Promise<ExecutionChange | undefined> {
  let latest: ExecutionChange | undefined;
  for await (const page of pages) {
    if (page.length === 0) break;
    latest = page.at(-1);
  }
  return latest;
}
