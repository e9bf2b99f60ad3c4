import { callThrough, flowName, prepareCall } from "./streaming.ts";
import type { ClientContext } from "./context.ts";
import type { EventsCallOptions } from "./events-call.ts";
import { type Course, Execution, pausedExecution } from "./execution.ts";
import type { FlowTarget } from "./flow-target.ts";
import { checkOptions } from "./option-checks.ts";
import { RESUME_OPTIONS } from "./option-names.ts";
import type { ExecuteOptions } from "./options.ts";
import { type OpenPause, type PausedCall, repeatedMembers, type ResumeOptions } from "./pause.ts";
import { type PauseJson, readPauseJson, type StoredPause } from "./pause-json.ts";
import type { ExecuteResult, PausedResult } from "./results.ts";
import { pausedStream } from "./stream-pause.ts";
import type { CallTools } from "./tools/wire-tools.ts";
import { readInput } from "./typed-flow/typed-calls.ts";

/** Runs a flow to its result, or to a pause that nobody here can answer. */
export async function executeFlow<Output>(
  context: ClientContext,
  target: FlowTarget,
  given: ExecuteOptions,
): Promise<ExecuteResult<Output> | PausedResult<Output>> {
  const { address, schemas } = target;
  const options = await readInput(target, given);
  checkOptions(options);
  const { body, version, idempotencyKey, sessionId, fetch } = prepareCall(options, context);
  const call = { flow: address, version, sessionId, repeated: repeatedMembers(body) };
  const { signal, timeout } = options;
  const course: Course<Output> = { context, call, tools: options, schemas, timeout, fetch, resume };
  return new Execution(course, { signal, timeout, idempotencyKey }).begin(body);
}

/** Goes on from a pause, as the call that met it would have. */
function resume<Output>(
  course: Course<Output>,
  pause: OpenPause,
  options: ResumeOptions,
): Promise<ExecuteResult<Output> | PausedResult<Output>> {
  const { context, call } = course;
  const { executionId } = pause;
  const operation = { name: "resume", flow: flowName(call.flow), executionId, options: { ...options } } as const;
  return callThrough(context.middleware, operation, async (given: ResumeOptions) => {
    checkOptions(given, RESUME_OPTIONS);
    return new Execution(course, { timeout: course.timeout, ...given, executionId }).goOn(pause, given);
  });
}

/** How a pause goes on in another process than the one that met it: with the tools that it has there. */
export interface StoredResumeOptions extends ResumeOptions, CallTools {}

/** Goes on from a pause that was written down, or that another call met. */
export async function resumeStored(
  context: ClientContext,
  given: PausedResult | PauseJson | string,
  { tools, toolHandler, maxToolRounds, toolConcurrency, ...options }: StoredResumeOptions = {},
): Promise<ExecuteResult | PausedResult> {
  const json = typeof given === "object" && "toJSON" in given ? given.toJSON() : given;
  return storedPause(context, readPauseJson(json), { tools, toolHandler, maxToolRounds, toolConcurrency }).resume(
    options,
  );
}

/** A pause of which only data is left, with the tools that are here. Throws `ValueError` for tools that cannot be. */
export function storedPause(context: ClientContext, { pause, call }: StoredPause, given: CallTools): PausedResult {
  checkOptions(given);
  const names = new Set(given.tools?.map((tool) => tool.function.name));
  const others = (call.repeated.tools ?? []).filter((tool) => !names.has(tool.function.name));
  const tools = { ...given, tools: [...(given.tools ?? []), ...others] };
  if (call.step) return pausedStream(storedEventsCall(context, call, tools), pause, call.step);
  return pausedExecution({ context, call, tools, schemas: {}, timeout: undefined, fetch: undefined, resume }, pause);
}

/** Whether the run goes step by step is not known any more. Asking for each step does for both: one that does not wait is not asked for more. */
function storedEventsCall(
  context: ClientContext,
  { flow, version, sessionId, repeated }: PausedCall,
  options: CallTools,
): EventsCallOptions {
  const headers = { "x-noukai-on-disconnect": "continue" };
  const call = { version, idempotencyKey: "", sessionId, headers, body: repeated, fetch: undefined };
  return { context, options, call, target: { flow, version }, isStepwise: true, schemas: {} };
}
