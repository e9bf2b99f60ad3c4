import type { Job } from "./crew.ts";
import { SurpriseError, waitMs } from "./crew.ts";
import { FrameSplitter, type Frame } from "./frames.ts";
import type { SeenFrame } from "./history.ts";

const terminators = ["step_paused", "step_paused_for_tool_calls", "step_error", "flow_completed"];

/** The step protocol by hand: one request for each segment, repeated until its stream ended as it must. */
export async function readSegments(job: Job): Promise<void> {
  const frames: SeenFrame[] = [];
  let executionId: string | undefined;
  for (let stepIndex = 0; ; stepIndex += 1) {
    const segment = await readSegment(job, { stepIndex, executionId });
    executionId = segment.executionId;
    frames.push(...segment.frames);
    const last = segment.frames.at(-1)?.type;
    if (last !== "step_paused" || job.random.chance(0.05)) break;
    await job.rest(0, 200);
  }
  const isWhole = ["flow_completed", "step_error"].includes(frames.at(-1)?.type ?? "");
  const reading = { frames, texts: new Map<string, string>(), holes: [], isWhole };
  job.recorder.readings.push({ reader: "segments", runId: executionId ?? "none", ...reading });
}

interface Place {
  readonly stepIndex: number;
  readonly executionId: string | undefined;
}

interface Segment {
  readonly executionId: string;
  readonly frames: readonly SeenFrame[];
}

async function readSegment(job: Job, { stepIndex, executionId }: Place): Promise<Segment> {
  const first = job.post("chain", "step", { stepIndex });
  const call =
    executionId === undefined
      ? first
      : { ...first, key: `${first.key}-${stepIndex}`, body: { stepIndex, executionId } };
  for (const giveUpAt = performance.now() + waitMs; performance.now() < giveUpAt;) {
    const segment = await readOnce(job, call);
    if (segment !== undefined) return segment;
    await job.rest(20, 250);
  }
  throw new SurpriseError(`segment ${stepIndex} of ${executionId ?? "a new run"} never ended`);
}

/** Undefined when the stream did not come to its end. */
async function readOnce(job: Job, call: ReturnType<Job["post"]>): Promise<Segment | undefined> {
  const frames: Frame[] = [];
  const response = await job.caller.send(call, { signal: AbortSignal.timeout(15_000) }).catch(() => undefined);
  if (response === undefined || response.status >= 500 || response.status === 429) return undefined;
  const executionId = response.headers.get("x-noukai-execution-id") ?? "";
  if (response.status !== 200) throw new SurpriseError(`step: ${response.status} ${await response.text()}`);
  job.accept(executionId, call.key?.split("-").length === 3 ? call.key : undefined);
  try {
    const splitter = new FrameSplitter();
    const chunks = response.body?.pipeThrough(new TextDecoderStream()) ?? [];
    for await (const chunk of chunks) frames.push(...splitter.push(chunk));
  } catch {
    return undefined;
  }
  if (!terminators.includes(frames.at(-1)?.event ?? ""))
    throw new SurpriseError(`a segment of ${executionId} ended in silence behind ${frames.at(-1)?.event ?? "nothing"}`);
  return { executionId, frames: frames.flatMap((frame) => toSeen(frame) ?? []) };
}

/** Copies and partial output have no id. */
function toSeen({ id, event, data }: Frame): SeenFrame | undefined {
  return id === undefined ? undefined : { id: Number(id), type: event, data, at: performance.now() };
}
