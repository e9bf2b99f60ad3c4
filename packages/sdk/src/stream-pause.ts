import type { EventsCallOptions } from "./events-call.ts";
import type { StreamEvent, ToolCallsRequired } from "./events.ts";
import { openPause } from "./open-pause.ts";
import { checkOptions } from "./option-checks.ts";
import { RESUME_OPTIONS } from "./option-names.ts";
import { type OpenPause, repeatedMembers, type ResumeOptions, type StepPlace } from "./pause.ts";
import { completionOf } from "./stream-result.ts";
import {
  callThrough,
  Cursor,
  EventsCall,
  type EventStream,
  ExecuteResult,
  flowName,
  flowOperation,
  type PausedResult,
  pauseOf,
} from "./streaming.ts";
import { readOutput } from "./typed-flow/typed-calls.ts";

/** A pause that was met in a stream, or in steps. Its resume goes on with the call as it was given, to the run's end or the next pause. */
export function pausedStream(given: EventsCallOptions, pause: OpenPause, step: StepPlace): PausedResult {
  const { target, call } = given;
  const { sessionId, body } = call;
  const { flow, version } = target;
  return openPause(pause, { flow, version, sessionId, repeated: repeatedMembers(body), step }, (paused, options) =>
    resumeStream(given, { pause: paused, step }, options),
  );
}

interface Waiting {
  readonly pause: OpenPause;
  readonly step: StepPlace;
}

function resumeStream(
  given: EventsCallOptions,
  { pause, step }: Waiting,
  options: ResumeOptions,
): Promise<ExecuteResult | PausedResult> {
  const { context, target } = given;
  const { executionId, flowId, blockCount } = pause;
  const operation = { name: "resume", flow: flowName(target.flow), executionId, options: { ...options } } as const;
  return callThrough(context.middleware, operation, async (answers: ResumeOptions) => {
    checkOptions(answers, RESUME_OPTIONS);
    const { timeout = given.options.timeout, signal } = answers;
    const call = new EventsCall(
      { ...given, options: { ...given.options, timeout, signal } },
      new Cursor({ after: step.seq, executionId, isStarter: true }),
    );
    call.started = { flowId, stepCount: blockCount };
    Object.assign(call.outputs, pause.accumulatedOutputs);
    const rest = await call.resume(toEvent(pause, step), answers);
    return outcomeOf(rest!, given, pause); // the call has no other reader that would be given the rest
  });
}

/** What the rest of a run comes to. */
async function outcomeOf(
  rest: EventStream,
  { schemas, call, target }: EventsCallOptions,
  pause: OpenPause,
): Promise<ExecuteResult | PausedResult> {
  const { executionId } = pause;
  let last: StreamEvent | undefined;
  for (let batch = await rest.nextBatch(); batch; batch = await rest.nextBatch()) last = batch.at(-1);
  const next = pauseOf(last);
  if (next) return next;
  const run = { operation: flowOperation(target, "step"), executionId };
  const result = await readOutput(schemas, completionOf(last, run).result, run);
  return new ExecuteResult(pause, { result, sessionId: call.sessionId });
}

/** The pause as its event told it. */
function toEvent({ executionId, pausedAtStep, ...pause }: OpenPause, { stepIndex, seq }: StepPlace): ToolCallsRequired {
  const { iterationsUsed, toolCalls, toolCallMessages, accumulatedOutputs, pendingApprovals } = pause;
  const place = { seq, runId: executionId, executionId, stepId: pausedAtStep, stepIndex };
  const asked = { iterationsUsed, toolCalls, toolCallMessages, accumulatedOutputs, pendingApprovals };
  return { type: "tool_calls_required", ...place, ...asked } as unknown as ToolCallsRequired; // whose lists are not readonly; nobody is given it to answer
}
