import { hash } from "node:crypto";
import {
  EngineError,
  type JsonObject,
  type RunRequest,
  StoreUnavailableError,
  type SubmittedRun,
  type TriggerType,
} from "@noukai/engine";
import { type Principal, requireProject } from "../auth.ts";
import { objectAsItCame, parseBody, readBody } from "../body.ts";
import type { Handler, ServerContext, Services } from "../context.ts";
import { AnswerLostError, ApiError, RunFailedError } from "../errors.ts";
import { zExecuteRequest, zStepRequest } from "../generated/zod.gen.ts";
import { requireSlug, toCursor, toIdempotencyKey, toSessionId, toVersionRef } from "../params.ts";
import { json } from "../respond.ts";
import { toExecuteResponse } from "../wire.ts";
import { startOf, streamRun } from "./stream.ts";

/** Members that the contract has and this server does not act on yet. */
const unbuiltMembers = [
  "messages",
  "attachments",
  "tools",
  "toolChoice",
  "executionId",
  "pausedAtStep",
  "toolCallMessages",
  "inputOverrides",
] as const;

const blockOverrides = objectAsItCame("must be an object of step ids").optional();
const executeBody = zExecuteRequest.extend({ blockOverrides });
const stepBody = zStepRequest.extend({ blockOverrides });

/** What `/execute` and `/step` read alike. */
type RunBody = Pick<ReturnType<typeof executeBody.parse>, "message" | "parameters" | "blockOverrides" | "trace">;

/** Running a flow: whole and waited for, or streamed. */
export function seqRoutes(services: Services) {
  const { engine } = services;

  const submit = async (call: RunCall, body: RunBody, trigger: TriggerType): Promise<SubmittedRun> => {
    try {
      return await engine.submit({ ...call, ...toRunInput(body), trigger });
    } catch (error) {
      const isRefusal = error instanceof EngineError && !(error instanceof StoreUnavailableError);
      // Whether the run was stored is not known. With a key the call may be made again; without one, a 5xx would make old clients run it twice.
      if (isRefusal || call.idempotency !== undefined) throw error;
      throw new AnswerLostError(error);
    }
  };

  const executeFlow: Handler = async (c, principal) => {
    const call = readCall(c, principal);
    const text = await readBody(c.req);
    const body = parseBody(text, executeBody);
    requireBuilt(body);
    const run = await submit(withIdempotency(c, call, text), body, "execute");
    const end = await engine.outcome(run.runId, c.req.raw.signal).catch((error: unknown) => {
      throw new AnswerLostError(error);
    });
    if (end.status === "failed") throw new RunFailedError(end.error, { runId: run.runId, stepId: end.stepId });
    return json(c, 200, toExecuteResponse(run, end.result), { "x-noukai-execution-id": run.runId });
  };

  const stepFlow: Handler = async (c, principal) => {
    const cursor = toCursor(c.req.header("last-event-id"));
    const call = readCall(c, principal);
    const text = await readBody(c.req);
    const body = parseBody(text, stepBody);
    requireBuilt(body);
    if (body.runRemaining !== true || (body.stepIndex ?? 0) > 0) {
      throw new ApiError(
        "NOT_IMPLEMENTED",
        "This server does not run single segments yet. Send `runRemaining: true` without `stepIndex`.",
      );
    }
    const run = await submit(withIdempotency(c, call, text), body, "step");
    const known = run.repeated && cursor > 0 ? await engine.run(run.runId) : undefined;
    return streamRun(c, services, run, known === undefined ? 0 : startOf(known, cursor));
  };

  return { executeFlow, executeFlowVersion: executeFlow, stepFlow, stepFlowVersion: stepFlow };
}

/** What path and headers say of a run to be made. */
type RunCall = Pick<RunRequest, "projectId" | "flow" | "version" | "sessionId" | "idempotency">;

function readCall(c: ServerContext, principal: Principal): RunCall {
  const { org = "", project: projectSlug = "", flow = "", version } = c.req.param() as Record<string, string>; // the same handler serves two paths
  requireSlug("org", org);
  requireSlug("project", projectSlug);
  requireSlug("flow", flow);
  const project = requireProject(principal, org, projectSlug);
  const sessionId = toSessionId(c.req.header("x-session-id"));
  return { projectId: project.id, flow, version: toVersionRef(version), ...(sessionId !== undefined && { sessionId }) };
}

/** Equal calls are those with the same path and the same bytes. */
function withIdempotency(c: ServerContext, call: RunCall, text: string): RunCall {
  const key = toIdempotencyKey(c.req.header("idempotency-key"));
  if (key === undefined) return call;
  return { ...call, idempotency: { key, requestHash: hash("sha256", `${c.req.path}\n${text}`, "hex") } };
}

function toRunInput(body: RunBody) {
  return {
    ...(typeof body.message === "string" && { message: body.message }),
    ...(body.parameters && { parameters: body.parameters as JsonObject }), // was read from JSON text
    ...(body.blockOverrides && { blockOverrides: body.blockOverrides as { readonly [stepId: string]: JsonObject } }), // likewise
    ...(body.trace === true && { trace: true }),
  };
}

function requireBuilt(body: Readonly<Record<string, unknown>>): void {
  const unbuilt = unbuiltMembers.filter((member) => member in body);
  if (unbuilt.length === 0) return;
  throw new ApiError(
    "NOT_IMPLEMENTED",
    `This server does not act on ${unbuilt.join(", ")} yet. Leave ${unbuilt.length === 1 ? "it" : "them"} out.`,
    {
      issues: unbuilt.map((path) => ({ path, message: "is not built yet" })),
    },
  );
}
