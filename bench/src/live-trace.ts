/** Reads a run's live trace as somebody who watches it, on whatever node. */
import { EventSourceParserStream } from "eventsource-parser/stream";
import { flowsPath, headers } from "./noukai.ts";

export interface LiveEvent {
  /** Its place in the log; undefined for what is not logged. */
  readonly id: string | undefined;
  readonly type: string;
  readonly data: string;
  /** On the clock of `performance.now()`. */
  readonly seenAt: number;
}

/** The events of a run from its first on, as they come, until its terminal one or until `signal` aborts. */
export async function* watch(
  url: string,
  flow: string,
  runId: string,
  signal?: AbortSignal,
): AsyncGenerator<LiveEvent> {
  const path = `${flowsPath}/${flow}/runs/${runId}/trace/stream`;
  const response = await fetch(`${url}${path}`, { headers, ...(signal !== undefined && { signal }) });
  if (!response.ok || response.body === null) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  const events = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
  for await (const { id, event = "message", data } of events) {
    yield { id, type: event, data, seenAt: performance.now() };
  }
}
