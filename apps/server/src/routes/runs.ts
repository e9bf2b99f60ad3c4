import { latestAttempts, type Project, type RunRecord } from "@noukai/engine";
import { opens, type Principal } from "../auth.ts";
import type { Handler, Services } from "../context.ts";
import { ApiError } from "../errors.ts";
import { decodeCursor, encodeCursor } from "../page.ts";
import { invalid, isStepId, toAttempt, toCursor, toLoopIndex, toPageLimit, toUuid, toRunStatus } from "../params.ts";
import { json } from "../respond.ts";
import { toFlowRun, toRunSummary, toStepTrace, toTrace } from "../wire.ts";
import { type FindRun, runFinders } from "./lookup.ts";
import { startOf, streamRun } from "./stream.ts";

/** Runs and their traces, below a flow's path and by the run's id alone, and the list of them. */
export function runRoutes(services: Services) {
  const { engine } = services;

  const { byPath, byRunId } = runFinders(engine);

  const summaryOf =
    (find: FindRun): Handler =>
    async (c, principal) =>
      json(c, 200, toRunSummary(await engine.trace(await find(c, principal))));

  /** The projects whose runs are listed: all that the key opens, or that of the flow that is asked for. */
  const projectsOf = async (flowId: string | undefined, principal: Principal): Promise<readonly Project[]> => {
    if (flowId === undefined) return principal.projects;
    const id = toUuid(flowId);
    const flow = id === undefined ? undefined : await engine.store.flowById(id);
    if (flow === undefined || !opens(principal, flow.projectId)) {
      throw new ApiError(
        "FLOW_NOT_FOUND",
        "There is no flow of this flow_id here. It is the UUID that answers call flowId.",
      );
    }
    return principal.projects.filter(({ id }) => id === flow.projectId);
  };

  const listFlowRuns: Handler = async (c, principal) => {
    const { flow_id: flowId, status } = c.req.query();
    const limit = toPageLimit(c.req.query("limit"));
    const before = toPosition(c.req.query("cursor"));
    const wanted = toRunStatus(status);
    const projects = await projectsOf(flowId === "" ? undefined : flowId, principal);
    const query = {
      limit: limit + 1,
      ...(flowId && { flowId: flowId.toLowerCase() }),
      ...(wanted !== undefined && { statuses: [wanted] }),
      ...(before !== undefined && { before }),
    };
    const found = await Promise.all(projects.map(({ id: projectId }) => engine.store.runs({ ...query, projectId })));
    const newestFirst = found.flat().toSorted(byIdDescending);
    const page = newestFirst.slice(0, limit);
    const last = newestFirst.length > limit ? page.at(-1) : undefined;
    const items = [];
    // One log in memory at a time, however long the page and large the logs.
    for (const run of page) items.push(toFlowRun(await engine.trace(run)));
    return json(c, 200, { items, nextCursor: last === undefined ? null : encodeCursor(last.id) });
  };

  const traceOf =
    (find: FindRun): Handler =>
    async (c, principal) => {
      const trace = await engine.trace(await find(c, principal));
      return json(c, 200, toTrace(trace, latestAttempts(trace)));
    };

  const stepTraceOf =
    (find: FindRun): Handler =>
    async (c, principal) => {
      const attempt = toAttempt(c.req.query("attempt"));
      const loopIndex = toLoopIndex(c.req.query("loop_index"));
      const stepId = c.req.param("stepId") ?? "";
      const run = await find(c, principal);
      const { attempts } = isStepId(stepId) ? await engine.trace(run) : { attempts: [] };
      const found = attempts.filter(
        (step) => step.stepId === stepId && (loopIndex === undefined || step.loopPath.at(-1) === loopIndex),
      );
      if (attempt === "all" && found.length > 0) {
        return json(c, 200, { stepId, attempts: found.map(toStepTrace) });
      }
      const wanted = attempt === "latest" ? found.at(-1) : found.findLast((step) => step.attempt === attempt);
      if (wanted === undefined) {
        throw new ApiError("STEP_NOT_FOUND", "The run has not started such a step, attempt or pass.", {
          executionId: run.id,
        });
      }
      return json(c, 200, toStepTrace(wanted));
    };

  const streamOf =
    (find: FindRun): Handler =>
    async (c, principal) => {
      const cursor = toCursor(c.req.header("last-event-id"));
      const run = await find(c, principal);
      return streamRun(c, services, { runId: run.id, flowId: run.flowId }, startOf(run, cursor));
    };

  return {
    getRun: summaryOf(byPath),
    getFlowRun: summaryOf(byRunId),
    listFlowRuns,
    getRunTrace: traceOf(byPath),
    getRunStepTrace: stepTraceOf(byPath),
    streamRunTrace: streamOf(byPath),
    getFlowRunTrace: traceOf(byRunId),
    getFlowRunStepTrace: stepTraceOf(byRunId),
    streamFlowRunTrace: streamOf(byRunId),
  };
}

/** Ids of runs grow with time. */
function byIdDescending(a: RunRecord, b: RunRecord): number {
  return a.id < b.id ? 1 : -1;
}

/** The run behind which a page starts. */
function toPosition(cursor: string | undefined): string | undefined {
  if (cursor === undefined || cursor === "") return undefined;
  const runId = toUuid(decodeCursor(cursor));
  if (runId === undefined) throw invalid("cursor", "is not one that this list gave; start again without it");
  return runId;
}
