import type { JsonObject } from "@noukai/engine";
import { objectAsItCame, parseExactBody, readBody } from "../body.ts";
import type { Handler, ServerContext, Services } from "../context.ts";
import { requireUuid, toFlag } from "../execution-params.ts";
import { toTaskExecution } from "../execution-wire.ts";
import { zTaskOutputRequest } from "../generated/zod.gen.ts";
import { json } from "../respond.ts";
import { callerOf } from "./flow-executions.ts";

const zOutputBody = zTaskOutputRequest.extend({ output: objectAsItCame("must be an object") });

/** The top-level steps of executions. */
export function taskExecutionRoutes({ engine: { executions } }: Services) {
  const listTaskExecutions: Handler = async (c, principal) => {
    const executionId = requireUuid("flow_execution_id", c.req.query("flow_execution_id"));
    return json(c, 200, (await executions.tasks(callerOf(principal), executionId)).map(toTaskExecution));
  };

  const getTaskExecution: Handler = async (c, principal) =>
    json(c, 200, toTaskExecution(await executions.task(callerOf(principal), idOf(c))));

  const replaceTaskOutput: Handler = async (c, principal) => {
    const executeFlow = toFlag("execute_flow", c.req.query("execute_flow"));
    const { output } = parseExactBody(await readBody(c), zOutputBody);
    const caller = callerOf(principal);
    // As: it was read from JSON text.
    const task = await executions.editOutput(caller, idOf(c), output as JsonObject);
    if (!executeFlow) return json(c, 200, toTaskExecution(task));
    await executions.reexecute(caller, task.executionId, { onlyStale: true });
    return json(c, 200, toTaskExecution(await executions.task(caller, task.id)));
  };

  return { listTaskExecutions, getTaskExecution, replaceTaskOutput };
}

function idOf(c: ServerContext): string {
  return c.req.param("taskExecutionId") ?? "";
}
