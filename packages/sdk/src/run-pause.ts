import { ValueError } from "@noukai/core";
import type { ExecutePausedResponse } from "@noukai/core/schema";
import { storedPause } from "./execute-call.ts";
import { openLiveTrace } from "./live-trace.ts";
import type { StepPlace } from "./pause.ts";
import type { RequestOptions } from "./request-json.ts";
import { requestSummary, type RunPlace } from "./run-requests.ts";
import { type PausedResult, runOperation } from "./streaming.ts";

/** What the run waits for, as data that a resume is made of; `undefined` when it waits for no tool results. Throws `ValueError` without a flow. */
export async function requestPause(place: RunPlace, options: RequestOptions): Promise<PausedResult | undefined> {
  const { context, address } = place;
  const { flow } = address;
  if (flow === undefined) {
    throw new ValueError(
      "A pause is resumed at its flow, which the run's id does not tell. Use `noukai.flow(…).run(executionId).pause()`.",
    );
  }
  const { pause, triggerType, version } = await requestSummary(place, options);
  if (pause === null) return undefined;
  const step = triggerType === "step" ? await placeOf(pause, place, options) : undefined;
  if (triggerType === "step" && step === undefined) return undefined; // it came to its end meanwhile
  // A relay knows the version itself, and may refuse to be told.
  const call = { flow, version: flow.org === "" ? undefined : version, sessionId: undefined, repeated: {}, step };
  return storedPause(context, { pause: { ...pause, pendingApprovals: [] }, call }, {});
}

/** Where the run waits: only the event of the pause tells. It is in the log already, so that it comes at once. */
async function placeOf(
  { pausedAtStep, iterationsUsed }: ExecutePausedResponse,
  place: RunPlace,
  { timeout, signal, session }: RequestOptions,
): Promise<StepPlace | undefined> {
  const operation = runOperation("GET", place.address, "/trace/stream");
  const scope = place.context.openScope({ operation, signal, timeout, billed: "no" });
  const source = openLiveTrace(place, { signal: scope.signal, session });
  const next = () => source.next().catch((error: unknown) => Promise.reject(scope.signal.reason ?? error));
  try {
    for (let events = await next(); events; events = await next()) {
      for (const event of events) {
        if (event.type !== "tool_calls_required" || event.stepId !== pausedAtStep) continue;
        if (event.iterationsUsed === iterationsUsed) return { stepIndex: event.stepIndex, seq: event.seq ?? 0 };
      }
    }
    return undefined;
  } finally {
    source.close();
    scope.close();
  }
}
