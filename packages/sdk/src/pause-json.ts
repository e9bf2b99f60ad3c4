import { ValueError } from "@noukai/core";
import type { ToolCall } from "@noukai/core/schema";
import { resolveFlow } from "./flow-reference.ts";
import { type FlowVersion, flowName, show, versionNumber } from "./identifiers.ts";
import type { OpenPause, Pause, PausedCall, RepeatedMembers, StepPlace } from "./pause.ts";
import type { PendingApproval } from "./tools/approvals.ts";
import { keepOutcomes, outcomesOf } from "./tools/outcomes.ts";

const TYPE = "noukai.pause";
const FORMAT = 1;

/** A pause as plain data. It may gain members; `format` changes when an older SDK could no longer read it. */
export interface PauseJson {
  readonly type: typeof TYPE;
  readonly format: typeof FORMAT;
  /** As `acme/spelling/grade-3`. */
  readonly flow: string;
  readonly version: FlowVersion;
  readonly sessionId?: string;
  readonly pause: Pause;
  /** What a person must decide on. `args` are as the model wrote them: what a schema makes of them need not be JSON. */
  readonly pendingApprovals: readonly PendingApproval[];
  /** What some of the calls have come to, by their ids, as text for the model: a resume was lost, and they do not run again. */
  readonly outcomes?: Readonly<Record<string, string>>;
  /** Where the run waits, when it was begun as a stream, or in steps. */
  readonly step?: StepPlace;
  /** What the resume repeats of the call that began the run. */
  readonly call: RepeatedMembers;
}

/** What `readPauseJson` reads. */
export function toPauseJson(pause: OpenPause, { flow, version, sessionId, repeated, step }: PausedCall): PauseJson {
  const outcomes = outcomesOf(pause.toolCalls);
  return {
    type: TYPE,
    format: FORMAT,
    flow: flowName(flow),
    version: version === undefined ? "production" : version === 0 ? "draft" : version,
    ...(sessionId !== undefined && { sessionId }),
    pause: pauseOnly(pause),
    pendingApprovals: pause.pendingApprovals.map((each) => ({ ...each, args: argumentsOf(each, pause.toolCalls) })),
    ...(Object.keys(outcomes).length > 0 && { outcomes }),
    ...(step && { step }),
    call: repeated,
  };
}

function pauseOnly(pause: Pause): Pause {
  const { executionId, flowId, blockCount, pausedAtStep, iterationsUsed } = pause;
  const { toolCalls, toolCallMessages, accumulatedOutputs } = pause;
  return {
    executionId,
    flowId,
    blockCount,
    pausedAtStep,
    iterationsUsed,
    toolCalls,
    toolCallMessages,
    accumulatedOutputs,
  };
}

function argumentsOf({ toolCallId }: PendingApproval, calls: readonly ToolCall[]): unknown {
  const text = calls.find(({ id }) => id === toolCallId)?.function.arguments.trim() ?? "";
  return text === "" ? {} : JSON.parse(text); // it was read before a person was asked
}

/** A pause that was written down, and the call that it belongs to. */
export interface StoredPause {
  readonly pause: OpenPause;
  readonly call: PausedCall;
}

/** Reads what `paused.toJSON()` gave, or its text. Throws `ValueError` for what is no pause. */
export function readPauseJson(json: unknown): StoredPause {
  const stored = asRecord(typeof json === "string" ? parseText(json) : json);
  if (stored["type"] !== TYPE) throw noPause("it is none");
  if (stored["format"] !== FORMAT)
    throw noPause(`its format is ${show(stored["format"])}, and this SDK reads ${FORMAT}`);
  const { flow, version, pause, call, pendingApprovals, sessionId, outcomes, step } = stored as Partial<PauseJson>; // each is checked
  checkPause(asRecord(pause));
  if (typeof flow !== "string") throw noPause("it has no `flow`");
  if (pendingApprovals !== undefined && !Array.isArray(pendingApprovals))
    throw noPause("its `pendingApprovals` are no list");
  if (!isTexts(outcomes ?? {})) throw noPause("its `outcomes` are no texts");
  if (step !== undefined && !isPlace(step)) throw noPause("its `step` is no place in a run");
  keepOutcomes((pause as Pause).toolCalls, outcomes ?? {}); // it was checked
  return {
    pause: { ...(pause as Pause), pendingApprovals: pendingApprovals ?? [] }, // it was checked
    call: {
      flow: resolveFlow(flow, {}),
      version: versionNumber(version),
      sessionId: typeof sessionId === "string" ? sessionId : undefined,
      repeated: asRecord(call),
      step,
    },
  };
}

function checkPause(pause: Readonly<Record<string, unknown>>): void {
  for (const name of ["executionId", "pausedAtStep"]) {
    if (typeof pause[name] !== "string") throw noPause(`it has no \`pause.${name}\``);
  }
  for (const name of ["toolCalls", "toolCallMessages"]) {
    if (!Array.isArray(pause[name])) throw noPause(`it has no \`pause.${name}\``);
  }
  const calls = pause["toolCalls"] as readonly unknown[]; // it is a list
  if (!calls.every(isToolCall)) throw noPause("one of its `pause.toolCalls` is no call");
}

function isToolCall(call: unknown): boolean {
  const { id, function: called } = asRecord(call);
  const { name, arguments: text } = asRecord(called);
  return [id, name, text].every((member) => typeof member === "string");
}

function isPlace(step: unknown): boolean {
  const { stepIndex, seq } = asRecord(step);
  return [stepIndex, seq].every((count) => Number.isInteger(count) && Number(count) >= 0);
}

function isTexts(value: unknown): boolean {
  return Object.values(asRecord(value)).every((member) => typeof member === "string");
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw noPause("it is no JSON"); // the parser's message would quote it
  }
}

function noPause(why: string): ValueError {
  return new ValueError(
    `This is no pause that can be resumed: ${why}. Give what \`paused.toJSON()\` gave, or its text.`,
  );
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {}; // any object can be read by name
}
