import { opens } from "../auth.ts";
import type { Handler, Services } from "../context.ts";
import { ApiError } from "../errors.ts";
import { requireSessionId } from "../params.ts";
import { json } from "../respond.ts";
import { toSessionExecution } from "../wire.ts";

/** A session can be read this long after its latest run was made, in milliseconds. */
const keptMs = 30 * 24 * 60 * 60 * 1000;

/** What runs did that were recorded together. */
export function sessionRoutes({ engine, now }: Services) {
  const getSession: Handler = async (c, principal) => {
    const sessionId = requireSessionId(c.req.param("sessionId") ?? "");
    const runs = (await engine.store.sessionRuns(sessionId)).filter(({ projectId }) => opens(principal, projectId));
    const latest = runs.at(-1);
    if (latest === undefined) {
      throw new ApiError(
        "SESSION_NOT_FOUND",
        "No run of this session is here. Does the key belong to the session's project?",
      );
    }
    if (latest.createdAt + keptMs <= now()) {
      throw new ApiError(
        "SESSION_EXPIRED",
        "The session's recording has expired: 30 days have passed since its latest run.",
      );
    }
    const executions = [];
    // One log in memory at a time: only what the recording shows of each is kept.
    for (const run of runs) {
      const [trace, flow] = await Promise.all([engine.trace(run), engine.store.flowById(run.flowId)]);
      executions.push(toSessionExecution(trace, flow?.slug));
    }
    return json(c, 200, { sessionId, executions });
  };

  return { getSession };
}
