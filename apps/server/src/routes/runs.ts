import { latestAttempts, type RunRecord } from "@noukai/engine";
import { opens, type Principal, requireProject } from "../auth.ts";
import type { Handler, ServerContext, Services } from "../context.ts";
import { ApiError } from "../errors.ts";
import { isStepId, requireSlug, toAttempt, toCursor, toLoopIndex, toRunId } from "../params.ts";
import { json } from "../respond.ts";
import { toRunSummary, toStepTrace, toTrace } from "../wire.ts";
import { startOf, streamRun } from "./stream.ts";

/** Runs and their traces, below a flow's path and by the run's id alone. */
export function runRoutes(services: Services) {
  const { engine } = services;

  type FindRun = (c: ServerContext, principal: Principal) => Promise<RunRecord>;

  const findById = async (id: string, principal: Principal): Promise<RunRecord> => {
    const runId = toRunId(id);
    const run = runId === undefined ? undefined : await engine.run(runId);
    if (run === undefined || !opens(principal, run.projectId)) throw noSuchRun();
    return run;
  };

  const findByPath: FindRun = async (c, principal) => {
    const { org = "", project = "", flow: slug = "", executionId = "" } = c.req.param();
    requireSlug("org", org);
    requireSlug("project", project);
    requireSlug("flow", slug);
    const { id: projectId } = requireProject(principal, org, project);
    const run = await findById(executionId, principal);
    const flow = await engine.store.flowById(run.flowId);
    if (run.projectId !== projectId || flow?.slug !== slug) throw noSuchRun();
    return run;
  };

  const findByRunId: FindRun = (c, principal) => findById(c.req.param("flowRunId") ?? "", principal);

  const getRun: Handler = async (c, principal) => {
    const run = await findByPath(c, principal);
    return json(c, 200, toRunSummary(await engine.trace(run)));
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
    getRun,
    getRunTrace: traceOf(findByPath),
    getRunStepTrace: stepTraceOf(findByPath),
    streamRunTrace: streamOf(findByPath),
    getFlowRunTrace: traceOf(findByRunId),
    getFlowRunStepTrace: stepTraceOf(findByRunId),
    streamFlowRunTrace: streamOf(findByRunId),
  };
}

/** The same for a run that does not exist, one of another project, and one of another flow. */
function noSuchRun(): ApiError {
  return new ApiError(
    "RUN_NOT_FOUND",
    "There is no such run here. Is the id right, and does the key belong to the run's project?",
  );
}
