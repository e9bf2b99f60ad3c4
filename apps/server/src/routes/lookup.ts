import type { Engine, Project, RunRecord } from "@noukai/engine";
import { opens, type Principal, requireProject } from "../auth.ts";
import type { ServerContext } from "../context.ts";
import { ApiError } from "../errors.ts";
import { requireSlug, toUuid } from "../params.ts";

/** Finds what a path names; throws 404 `RUN_NOT_FOUND` for what is not there. */
export type FindRun = (c: ServerContext, principal: Principal) => Promise<RunRecord>;

/** The flow at the path, which need not exist. */
export function readFlowPath(
  c: ServerContext,
  principal: Principal,
): { readonly project: Project; readonly slug: string } {
  const { org = "", project = "", flow: slug = "" } = c.req.param() as Record<string, string>; // the same parameters in several paths
  requireSlug("org", org);
  requireSlug("project", project);
  requireSlug("flow", slug);
  return { project: requireProject(principal, org, project), slug };
}

/** Is this the run's project, and its flow? */
export async function isRunOf(
  { store }: Engine,
  run: RunRecord,
  place: { readonly project: Project; readonly slug: string },
): Promise<boolean> {
  if (run.projectId !== place.project.id) return false;
  return (await store.flowById(run.flowId))?.slug === place.slug;
}

/** The run at `…/{flow}/…/{executionId}`, and the one at `/flow-runs/{flowRunId}`. */
export function runFinders(engine: Engine): { readonly byPath: FindRun; readonly byRunId: FindRun } {
  const findById = async (id: string, principal: Principal): Promise<RunRecord> => {
    const runId = toUuid(id);
    const run = runId === undefined ? undefined : await engine.run(runId);
    if (run === undefined || !opens(principal, run.projectId)) throw noSuchRun();
    return run;
  };
  return {
    byPath: async (c, principal) => {
      const place = readFlowPath(c, principal);
      const run = await findById(c.req.param("executionId") ?? "", principal);
      if (!(await isRunOf(engine, run, place))) throw noSuchRun();
      return run;
    },
    byRunId: (c, principal) => findById(c.req.param("flowRunId") ?? "", principal),
  };
}

/** The same for a run that does not exist, one of another project, and one of another flow. */
export function noSuchRun(): ApiError {
  return new ApiError(
    "RUN_NOT_FOUND",
    "There is no such run here. Is the id right, and does the key belong to the run's project?",
  );
}
