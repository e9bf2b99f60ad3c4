import type { StreamEvent } from "./events.ts";
import type { EventSource } from "./stream-source.ts";

/** As the server's (contract §6): readers and proxies take a connection that brings nothing for longer as broken. */
const HEARTBEAT_MS = 10_000;

const encoder = new TextEncoder();

/** Hands on the next events as frames, with heartbeats until they come; closes the stream behind the last. */
export async function pullFrames(
  source: EventSource,
  controller: ReadableStreamDefaultController<Uint8Array>,
): Promise<void> {
  const beat = (): void => {
    // Once nobody has come for the last one, another would only wait.
    if (controller.desiredSize === 0) controller.enqueue(encoder.encode(": heartbeat\n\n"));
  };
  const timer = setInterval(beat, HEARTBEAT_MS);
  try {
    const events = await source.next();
    if (events) controller.enqueue(encoder.encode(events.map(frameOf).join("")));
    else controller.close();
  } finally {
    clearInterval(timer);
  }
}

/** An event as the frame it came in. */
function frameOf(event: StreamEvent): string {
  const { type, seq, ...members } = event;
  const known = { name: type === "tool_calls_required" ? "step_paused_for_tool_calls" : type, data: members };
  const { name, data } = event.type === "unknown" ? event : known;
  return `${seq === undefined ? "" : `id: ${seq}\n`}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
