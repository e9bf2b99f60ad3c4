import { useEffect } from "react";
import { type FlowEventsOptions, isOver, useFlowEvents } from "@noukai/react";
import type { RelayFlow } from "@noukai/sdk";
import { Approvals, LeftBehind } from "./approvals.tsx";
import { type Answer, type Conversation, messagesFor, type Turn } from "./conversation.ts";

/** What one turn shows of its run: whoever shows the same turn shares it. */
export function useTurn({ id }: Turn, options?: FlowEventsOptions<RelayFlow>) {
  return useFlowEvents(undefined, { ...options, key: id });
}

interface LiveAnswerProps extends Pick<Conversation, "settle"> {
  readonly turn: Turn;
  readonly before: readonly Turn[];
  /** The page was reloaded since it was asked. */
  readonly isOld: boolean;
}

/**
 * The run of a turn, begun when it is first shown and taken up when the page comes back. It is begun under the turn's id, so that the server
 * knows it again even when the page was gone before it had an answer.
 */
export function LiveAnswer({ turn, before, isOld, settle }: LiveAnswerProps) {
  const run = useTurn(turn, { start: { messages: messagesFor(turn, before), idempotencyKey: turn.id } });
  const { status, text, error, executionId } = run;
  useEffect(() => {
    if (isOver({ status })) settle(turn.id, { text, outcome: status as Answer["outcome"], fault: error?.message });
    // Nothing of a run changes once it is over.
  }, [status]);
  return (
    <>
      <p className="answer" aria-busy={status !== "paused"} data-answer>
        {text}
      </p>
      <Approvals executionId={executionId} />
      {isOld && status === "paused" && executionId !== undefined && <LeftBehind executionId={executionId} />}
      <Progress run={run} isOld={isOld} />
    </>
  );
}

interface ProgressProps extends Pick<LiveAnswerProps, "isOld"> {
  readonly run: ReturnType<typeof useTurn>;
}

function Progress({ run, isOld }: ProgressProps) {
  const { status, connection, error, attach } = run;
  const isLost = connection.status === "closed" && error !== undefined && !isOver({ status });
  return (
    <p className="note" role="status">
      {isLost ? "The connection is lost; the answer goes on without it." : noteOf(run, isOld)}
      {isLost && (
        <button type="button" onClick={attach}>
          Connect again
        </button>
      )}
    </p>
  );
}

function noteOf({ connection, status, text }: ProgressProps["run"], isOld: boolean): string {
  if (connection.status === "reconnecting") return "Connecting again …";
  if (status === "paused") return isOld ? "Waiting for you …" : "Using what this page offers …";
  return text === "" ? "Thinking …" : "Writing …";
}

interface WholeAnswerProps {
  readonly answer: Answer;
  readonly retry: (() => void) | undefined;
}

export function WholeAnswer({ answer: { text, outcome, fault }, retry }: WholeAnswerProps) {
  return (
    <>
      {text !== "" && (
        <p className="answer" data-answer>
          {text}
        </p>
      )}
      {outcome !== "completed" && (
        <p className="note" role="status" data-outcome={outcome}>
          {outcome === "cancelled" ? "Stopped." : `There is no answer: ${fault ?? "the run failed"}`}
          {retry && (
            <button type="button" onClick={retry}>
              Ask again
            </button>
          )}
        </p>
      )}
    </>
  );
}
