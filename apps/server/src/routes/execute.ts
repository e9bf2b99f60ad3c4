import type { AcceptedCall, Json, RunRequest } from "@noukai/engine";
import type { z } from "zod";
import { parseBody, readBody, refusal } from "../body.ts";
import type { Handler, Services } from "../context.ts";
import { AnswerLostError, RunFailedError } from "../errors.ts";
import { json } from "../respond.ts";
import { toRunInput, zExecuteBody } from "../run-input.ts";
import { readTools } from "../tools.ts";
import { toExecuteAnswer } from "../wire.ts";
import { findCalled, type FlowCall, goOn, onDisconnect, readCall, readIdempotency, submit } from "./call.ts";

type ExecuteBody = z.infer<typeof zExecuteBody>;

/** Running a flow and waiting for what it comes to: its end, or a request for tools, which a later call answers. */
export function executeRoutes(services: Services) {
  const { engine } = services;

  const resume = async (
    call: FlowCall,
    resumed: Resume,
    idempotency: Pick<RunRequest, "idempotency">,
  ): Promise<AcceptedCall> => {
    const { executionId, ...answers } = resumed;
    const run = await findCalled(engine, call, { executionId, trigger: "execute" });
    return goOn(run.id, engine.resume({ projectId: run.projectId, runId: run.id, ...answers, ...idempotency }));
  };

  const begin = (
    call: FlowCall,
    body: ExecuteBody,
    idempotency: Pick<RunRequest, "idempotency">,
  ): Promise<AcceptedCall> =>
    submit(engine, { ...call, ...toRunInput(body), ...readTools(body), ...idempotency, trigger: "execute" });

  const executeFlow: Handler = async (c, principal) => {
    const call = readCall(c, principal);
    const left = onDisconnect(c, services, call);
    const text = await readBody(c);
    const body = parseBody(text, zExecuteBody);
    const idempotency = readIdempotency(c, text);
    const resumed = readResume(body);
    const accepted = await (resumed === undefined
      ? begin(call, body, idempotency)
      : resume(call, resumed, idempotency));
    const { runId } = accepted;
    const end = await engine.outcome(accepted, c.req.raw.signal).catch((error: unknown) => {
      if (c.req.raw.signal.aborted) left(runId);
      throw new AnswerLostError(error);
    });
    if (end.status === "failed") throw new RunFailedError(end.error, { runId, stepId: end.stepId });
    return json(c, 200, toExecuteAnswer(accepted, end), { "x-noukai-execution-id": runId });
  };

  return { executeFlow, executeFlowVersion: executeFlow };
}

interface Resume {
  readonly executionId: string;
  readonly pausedAtStep: string;
  readonly toolCallMessages: readonly Json[];
}

/** The members that make a call a resume, all or none of them; what else an echoing client sends is known from the run's log. */
function readResume({ executionId, pausedAtStep, toolCallMessages }: ExecuteBody): Resume | undefined {
  if (!executionId && !pausedAtStep && !toolCallMessages) return undefined;
  const isMissing = "is missing; a resume names executionId, pausedAtStep and toolCallMessages as the pause gave them";
  if (!executionId) throw refusal("EXECUTION_ID_INVALID", [{ path: "executionId", message: isMissing }]);
  if (!pausedAtStep) throw refusal("PAUSED_STEP_INVALID", [{ path: "pausedAtStep", message: isMissing }]);
  if (!toolCallMessages) throw refusal("TOOL_RESULTS_MISMATCH", [{ path: "toolCallMessages", message: isMissing }]);
  return { executionId, pausedAtStep, toolCallMessages: toolCallMessages as readonly Json[] }; // was read from JSON text
}
