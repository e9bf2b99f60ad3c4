import { NoukaiError } from "@noukai/sdk";
import type { Job } from "./crew.ts";
import { waitMs } from "./crew.ts";
import { place } from "./flows.ts";
import type { SeenFrame } from "./history.ts";

const tools = [{ type: "function" as const, function: { name: "look", parameters: { type: "object" } } }];

/** The SDK's own stream, which reconnects by itself, on flows with and without tool calls. */
export async function readWithSdk(job: Job): Promise<void> {
  const frames: SeenFrame[] = [];
  const texts = new Map<string, string>();
  const isAsking = job.random.chance(0.4);
  const idempotencyKey = `key-${job.tag}`;
  const message = `tag:${job.tag}`;
  const events = job.sdk.flow(`${place}/${isAsking ? "ask" : "slow"}`).events({
    message,
    version: "production",
    idempotencyKey,
    timeout: waitMs,
    ...(isAsking && { tools, toolHandler: (calls) => calls.map(({ id }) => ({ toolCallId: id, output: "seen" })) }),
  });
  let runId = "";
  try {
    for await (const event of events) {
      const at = performance.now();
      if (event.type === "run_started") job.accept((runId = event.executionId), idempotencyKey);
      if (event.type === "step_output") fold(texts, event);
      if (event.seq !== undefined) frames.push({ id: event.seq, type: wireName(event.type), data: undefined, at });
    }
  } catch (error) {
    // Nodes may be gone for longer than it tries; what it gave until then counts.
    if (!(error instanceof NoukaiError)) throw error;
    job.recorder.unanswered += 1;
  }
  const isWhole = ["flow_completed", "step_error"].includes(frames.at(-1)?.type ?? "");
  if (runId !== "") job.recorder.readings.push({ reader: "the SDK", runId, frames, texts, holes: [], isWhole });
}

interface Output {
  readonly stepId: string;
  readonly attempt: number;
  readonly loopPath: readonly number[];
  readonly outputData: Readonly<Record<string, unknown>>;
}

/** The SDK gives each character of an attempt once. */
function fold(texts: Map<string, string>, { stepId, attempt, loopPath, outputData }: Output): void {
  const name = `${[stepId, ...loopPath].join(".")} ${attempt}`;
  texts.set(name, (texts.get(name) ?? "") + String(outputData["delta"]));
}

function wireName(type: string): string {
  return type === "tool_calls_required" ? "step_paused_for_tool_calls" : type;
}
