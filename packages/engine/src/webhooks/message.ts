import type { RunEvent } from "../events.ts";
import type { RunRecord, Store } from "../store/store.ts";

/** What a webhook says. */
export interface WebhookMessage {
  /** Such as `job.completed`. */
  readonly type: string;
  readonly data: object;
}

/** Words the end of a run; `last` is the last event of its log. */
export type DescribeEnd = (run: RunRecord, last: RunEvent | undefined) => WebhookMessage | Promise<WebhookMessage>;

/** The webhook's id: a run ends once, and every attempt tells of the same end. */
export function messageId(runId: string): string {
  return `msg_${runId.replaceAll("-", "")}`;
}

/** The body, byte for byte the same on every attempt; undefined when the run is there no more. */
export async function messageBody(
  store: Pick<Store, "run" | "eventsAfter">,
  runId: string,
  describe: DescribeEnd,
): Promise<string | undefined> {
  const run = await store.run(runId);
  if (run === undefined) return undefined;
  // How a run ended stands in its last event: no other is read, however long its log.
  const [last] = await store.eventsAfter(runId, run.lastSeq - 1, 1);
  const { type, data } = await describe(run, last);
  return JSON.stringify({ type, timestamp: new Date(run.completedAt ?? 0).toISOString(), data });
}
