import { errorFromRun, FlowExecutionError, NoukaiError } from "@noukai/core";
import type { EventStream } from "./event-stream.ts";
import type { FlowCompleted, StepCompleted, StreamEvent, ToolCallsRequired } from "./events.ts";
import { notePause, pauseOf, wayBack } from "./streaming.ts";
import { namesOf } from "./tools/tool-results.ts";

/** What is known of the run whose events are read. */
export interface RunInfo {
  /** As `POST acme/spelling/grade-3/step`. */
  readonly operation: string;
  readonly executionId: string | undefined;
}

/** Throws what a stream's last event says went wrong: the run's failure, or that it waits for an answer that nobody gives. */
export function throwIfStopped(last: StreamEvent | undefined, { operation, executionId }: RunInfo): void {
  if (last?.type === "step_error") throw errorFromRun({ operation, executionId, ...last.error });
  if (last?.type !== "tool_calls_required") return;
  const error = new FlowExecutionError(`${operation}: the run waits for ${askedBy(last)}`, {
    code: "TOOL_CALLS_REQUIRED",
    executionId,
    billed: "yes",
  });
  const paused = pauseOf(last);
  if (paused) notePause(error, paused);
  throw error;
}

function askedBy({ toolCalls, pendingApprovals }: ToolCallsRequired): string {
  const ids = pendingApprovals.map(({ toolCallId }) => toolCallId);
  const undecided = toolCalls.filter(({ id }) => ids.includes(id));
  return undecided.length > 0
    ? `a person's decision on ${namesOf(undecided)}. Go on with \`pauseOf(error)?.resume({ approvals })\`.`
    : `the results of ${namesOf(toolCalls)}. Go on with \`pauseOf(error)?.resume({ toolResults })\`; to have calls answered as they come, give \`toolHandler\`, or tools made with \`tool()\`.`;
}

/** The run's last event. Throws the run's error when it failed, and typed errors when it waits for an answer, or was left before its end. */
export function completionOf(last: StreamEvent | undefined, run: RunInfo): FlowCompleted {
  throwIfStopped(last, run);
  if (last?.type === "flow_completed") return last;
  const { operation, executionId } = run;
  throw new NoukaiError(`${operation}: the stream was left before the run's end.${wayBack(executionId)}`, {
    code: "READER_LEFT",
    executionId,
    billed: "possibly",
  });
}

/** The top-level steps of a stream as they are done. Throws as `result()` does when the run does not come to one. */
export async function* completedSteps(events: EventStream): AsyncGenerator<StepCompleted, void> {
  for await (const event of events) if (event.type === "step_completed") yield event;
  await events.result();
}
