import { hash } from "node:crypto";
import {
  type AcceptedCall,
  type Engine,
  EngineError,
  type RunRecord,
  type RunRequest,
  StoreUnavailableError,
  type TriggerType,
} from "@noukai/engine";
import { type Principal, requireProject } from "../auth.ts";
import type { ServerContext, Services } from "../context.ts";
import { AnswerLostError, refusalOf } from "../errors.ts";
import { refusal } from "../body.ts";
import { requireSlug, toCancelsOnDisconnect, toIdempotencyKey, toUuid, toSessionId, toVersionRef } from "../params.ts";

/** What path and headers say of a call that runs a flow. */
export type FlowCall = Pick<RunRequest, "projectId" | "flow" | "version" | "sessionId">;

export function readCall(c: ServerContext, principal: Principal): FlowCall {
  const { org = "", project: projectSlug = "", flow = "", version } = c.req.param() as Record<string, string>; // the same handler serves two paths
  requireSlug("org", org);
  requireSlug("project", projectSlug);
  requireSlug("flow", flow);
  const project = requireProject(principal, org, projectSlug);
  const sessionId = toSessionId(c.req.header("x-session-id"));
  return { projectId: project.id, flow, version: toVersionRef(version), ...(sessionId !== undefined && { sessionId }) };
}

/** Equal calls are those with the same path and the same bytes. */
export function readIdempotency(c: ServerContext, text: string): Pick<RunRequest, "idempotency"> {
  const key = toIdempotencyKey(c.req.header("idempotency-key"));
  if (key === undefined) return {};
  return { idempotency: { key, requestHash: hash("sha256", `${c.req.path}\n${text}`, "hex") } };
}

/** Accepts a run. A caller that could not know whether its run exists, and could not safely ask again, gets a broken connection. */
export async function submit(engine: Engine, request: RunRequest): Promise<AcceptedCall> {
  try {
    return await engine.submit(request);
  } catch (error) {
    const isRefusal = error instanceof EngineError && !(error instanceof StoreUnavailableError);
    // Whether the run was stored is not known. With a key the call may be made again; without one, a 5xx would make old clients run it twice.
    if (isRefusal || request.idempotency !== undefined) throw error;
    throw new AnswerLostError(error);
  }
}

/**
 * The run that a body names, when the flow at the call's path began it in the same way; else 400 `EXECUTION_ID_INVALID`, the same for a run
 * that does not exist.
 */
export async function findCalled(
  { store }: Engine,
  { projectId, flow: slug }: FlowCall,
  named: { readonly executionId: string; readonly trigger: TriggerType },
): Promise<RunRecord> {
  const runId = toUuid(named.executionId);
  const run = runId === undefined ? undefined : await store.run(runId);
  const flow = run?.projectId === projectId ? await store.flowById(run.flowId) : undefined;
  if (run !== undefined && flow?.slug === slug && run.trigger === named.trigger) return run;
  const message = `names no run that /${named.trigger} of this flow began`;
  throw refusal("EXECUTION_ID_INVALID", [{ path: "executionId", message }]);
}

/** What goes on with `runId`; a refusal names that run. */
export async function goOn(runId: string, call: Promise<AcceptedCall>): Promise<AcceptedCall> {
  try {
    return await call;
  } catch (error) {
    throw refusalOf(error, runId);
  }
}

/** What is to be done when the caller's connection goes: cancel the run if the call asks for that, else nothing. A connection that this server breaks is not the caller's wish. */
export function onDisconnect(
  c: ServerContext,
  { engine, log }: Services,
  { projectId }: FlowCall,
): (runId: string) => void {
  if (!toCancelsOnDisconnect(c.req.header("x-noukai-on-disconnect"))) return () => undefined;
  return (runId) => {
    const { isReset, requestId } = c.get("call");
    if (isReset) return;
    engine
      .cancel({ projectId, runId })
      .catch((error: unknown) => log.error({ requestId, err: error }, "not cancelled"));
  };
}
