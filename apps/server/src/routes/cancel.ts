import type { RunRecord } from "@noukai/engine";
import { parseBody, readBody } from "../body.ts";
import type { Handler, ServerContext, Services } from "../context.ts";
import { zCancelByKeyRequest } from "../generated/zod.gen.ts";
import { json } from "../respond.ts";
import { isRunOf, noSuchRun, readFlowPath, runFinders } from "./lookup.ts";

/** Ending a run before its time: by its id, as a job, or by the key of the call that made it. */
export function cancelRoutes({ engine }: Services) {
  const { byPath, byRunId } = runFinders(engine);

  const cancel = async (c: ServerContext, { id: runId, projectId }: RunRecord): Promise<Response> => {
    const run = await engine.cancel({ projectId, runId });
    if (run === undefined) throw noSuchRun();
    return json(c, 202, { executionId: runId, status: run.status }, { "x-noukai-execution-id": runId });
  };

  const cancelRun: Handler = async (c, principal) => cancel(c, await byPath(c, principal));

  const cancelFlowRun: Handler = async (c, principal) => cancel(c, await byRunId(c, principal));

  const cancelRunByKey: Handler = async (c, principal) => {
    const place = readFlowPath(c, principal);
    const { idempotencyKey } = parseBody(await readBody(c), zCancelByKeyRequest);
    const run = await engine.store.runByKey(place.project.id, idempotencyKey);
    if (run === undefined || !(await isRunOf(engine, run, place))) throw noSuchRun();
    return cancel(c, run);
  };

  return { cancelRun, cancelJob: cancelRun, cancelFlowRun, cancelRunByKey };
}
