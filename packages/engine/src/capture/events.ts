import { endedAttempt, type ErrorInfo, passKey, type RunEvent } from "../events.ts";
import type { CaptureMode, JsonObject } from "../flow/definition.ts";
import type { Redactor } from "./redactor.ts";
import { takeTurn, type Turn } from "./turn.ts";

/** The same events as a trace under `redacted` may show them: without secrets in what they carried, and without what no trace shows. Others get their turn in between. */
export async function redactEvents(log: readonly RunEvent[], redactor: Redactor): Promise<readonly RunEvent[]> {
  const shown: RunEvent[] = [];
  const work = { redactor, turn: takeTurn() };
  for (const event of log) shown.push(await redactEvent(withoutCalls(event), work));
  return shown;
}

interface Work {
  readonly redactor: Redactor;
  readonly turn: Turn;
}

async function redactEvent(event: RunEvent, work: Work): Promise<RunEvent> {
  switch (event.type) {
    case "step_input":
      return redactInput(event, work);
    case "step_progress":
      if (event.phase === "started") return redactInput(event, work);
      return event.phase === "completed" ? redactOutput(event, work) : redactError(event, work);
    case "step_completed":
      return redactOutput(event, work);
    case "step_retrying":
    case "step_error":
      return redactError(event, work);
    case "flow_completed":
      return event.result === null ? event : { ...event, result: await work.redactor.object(event.result, work.turn) };
    default:
      return event;
  }
}

/** The same events without what they carried. A step that failed keeps its input, as its trace shows it unless `capture` is `off`. */
export function withoutPayloads(log: readonly RunEvent[], capture: CaptureMode): readonly RunEvent[] {
  const failed = new Set(capture === "off" ? [] : log.map(failedAttempt));
  return log.map((event) => {
    switch (event.type) {
      case "step_input":
        return failed.has(event.stepId) ? event : withoutInput(event);
      case "step_progress":
        if (event.phase === "started" && !failed.has(passKey(event.stepId, event.loopPath))) return withoutInput(event);
        return event.phase === "completed" ? withoutOutput(event) : event;
      case "step_completed":
        return withoutOutput(event);
      case "flow_completed":
        return { ...event, result: null };
      default:
        return withoutCalls(event);
    }
  });
}

/** Without what callers sent and were sent on the way, which no trace shows. */
function withoutCalls(event: RunEvent): RunEvent {
  switch (event.type) {
    case "step_paused_for_tool_calls":
      return { ...event, toolCalls: [], toolCallMessages: [], accumulatedOutputs: {} };
    case "step_resumed":
      return { ...event, toolCallMessages: [] };
    case "step_started":
      if (event.segment === undefined) return event;
      return { ...event, segment: { ...event.segment, inputOverrides: {}, blockOverrides: {} } };
    default:
      return event;
  }
}

/** The step, in its pass, whose attempt the event tells to have failed. */
function failedAttempt(event: RunEvent): string | undefined {
  if (event.type === "step_completed" || (event.type === "step_progress" && event.phase === "completed"))
    return undefined;
  return endedAttempt(event);
}

interface WithInput {
  readonly inputData: JsonObject;
  readonly sizeBytes?: number;
}

interface WithOutput {
  readonly output: JsonObject | null;
  readonly sizeBytes?: number;
}

function withoutInput<Event extends WithInput>(event: Event): Event {
  return { ...event, inputData: {}, sizeBytes: event.sizeBytes ?? jsonBytes(event.inputData) };
}

function withoutOutput<Event extends WithOutput>(event: Event): Event {
  return { ...event, output: null, sizeBytes: event.sizeBytes ?? jsonBytes(event.output) };
}

async function redactInput<Event extends WithInput>(event: Event, { redactor, turn }: Work): Promise<Event> {
  const { inputData, sizeBytes = jsonBytes(inputData) } = event;
  return { ...event, inputData: await redactor.object(inputData, turn), sizeBytes };
}

async function redactOutput<Event extends WithOutput>(event: Event, { redactor, turn }: Work): Promise<Event> {
  const { output } = event;
  if (output === null) return event;
  return { ...event, output: await redactor.object(output, turn), sizeBytes: event.sizeBytes ?? jsonBytes(output) };
}

async function redactError<Event extends { readonly error: ErrorInfo }>(
  event: Event,
  { redactor, turn }: Work,
): Promise<Event> {
  return { ...event, error: { ...event.error, message: await redactor.text(event.error.message, turn) } };
}

function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
