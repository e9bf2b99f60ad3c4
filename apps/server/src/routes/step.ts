import {
  type AcceptedCall,
  endsCall,
  type Engine,
  type Json,
  type JsonObject,
  type RunRequest,
  type Segment,
} from "@noukai/engine";
import type { z } from "zod";
import { parseBody, readBody, refusal } from "../body.ts";
import type { Handler, Services } from "../context.ts";
import { toCursor } from "../params.ts";
import { overridesOf, toRunInput, zStepBody } from "../run-input.ts";
import { readTools } from "../tools.ts";
import { findCalled, type FlowCall, goOn, onDisconnect, readCall, readIdempotency, submit } from "./call.ts";
import { streamCall } from "./stream.ts";

type StepBody = z.infer<typeof zStepBody>;
type Idempotency = Pick<RunRequest, "idempotency">;

/** The step protocol: each call runs one step, or the rest, and streams it. The run's log decides what a call means. */
export function stepRoutes(services: Services) {
  const { engine } = services;

  const begin = (call: FlowCall, body: StepBody, idempotency: Idempotency): Promise<AcceptedCall> => {
    requireFirstCall(body);
    const segment = toSegment(body);
    return submit(engine, {
      ...call,
      ...toRunInput(body),
      ...readTools(body),
      ...idempotency,
      segment,
      trigger: "step",
    });
  };

  const goOnWith = async (
    call: FlowCall,
    { executionId, ...body }: StepBody & { readonly executionId: string },
    idempotency: Idempotency,
  ): Promise<AcceptedCall> => {
    const { id: runId, projectId } = await findCalled(engine, call, { executionId, trigger: "step" });
    const named = { projectId, runId, stepIndex: body.stepIndex ?? 0, ...idempotency };
    if (!body.toolCallMessages) return goOn(runId, engine.nextSegment({ ...named, segment: toSegment(body) }));
    const toolCallMessages = body.toolCallMessages as readonly Json[]; // was read from JSON text
    return goOn(runId, engine.resume({ ...named, toolCallMessages }));
  };

  const stepFlow: Handler = async (c, principal) => {
    const cursor = toCursor(c.req.header("last-event-id"));
    const call = readCall(c, principal);
    const left = onDisconnect(c, services, call);
    const text = await readBody(c);
    const body = parseBody(text, zStepBody);
    const idempotency = readIdempotency(c, text);
    const { executionId } = body;
    const accepted = await (executionId
      ? goOnWith(call, { ...body, executionId }, idempotency)
      : begin(call, body, idempotency));
    const after = accepted.repeated ? await placeIn(engine, accepted, cursor) : accepted.after;
    return streamCall(c, services, accepted, { after, left: () => left(accepted.runId) });
  };

  return { stepFlow, stepFlowVersion: stepFlow };
}

function toSegment({ runRemaining, inputOverrides, ...body }: StepBody): Segment {
  return {
    runRemaining: runRemaining === true,
    ...(inputOverrides && { inputOverrides: inputOverrides as JsonObject }), // was read from JSON text
    ...overridesOf(body),
  };
}

/** What only a later call can ask for. */
function requireFirstCall({ stepIndex, toolCallMessages, inputOverrides }: StepBody): void {
  const faults: Readonly<Record<string, boolean>> = {
    stepIndex: typeof stepIndex === "number" && stepIndex > 0,
    toolCallMessages: Boolean(toolCallMessages),
    inputOverrides: Boolean(inputOverrides),
  };
  const issues = Object.keys(faults)
    .filter((path) => faults[path])
    .map((path) => ({ path, message: "needs the executionId of a run; a first call begins one at stepIndex 0" }));
  if (issues.length > 0) throw refusal("INVALID_FIRST_CALL", issues);
}

/** Events read from the store at a time. */
const pageSize = 500;

/**
 * Where the stream of a repeated call starts for a reader that stands at `cursor`: within the call's own events, and before the one that
 * ends it, because a stream that ends without a terminator would make old clients ask for ever.
 */
async function placeIn({ store }: Engine, { runId, after }: AcceptedCall, cursor: number): Promise<number> {
  if (cursor <= after) return after;
  let seen = after;
  for (;;) {
    const page = await store.eventsAfter(runId, seen, pageSize);
    const end = page.find(endsCall);
    if (end !== undefined) return Math.min(cursor, end.seq - 1);
    seen = page.at(-1)?.seq ?? seen;
    if (page.length < pageSize) return Math.min(cursor, seen);
  }
}
