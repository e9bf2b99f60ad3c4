import type { ExecuteRequest, StepRequest, ToolCall, ToolCallMessage } from "@noukai/core/schema";
import type { FlowAddress } from "./identifiers.ts";
import type { PendingApproval } from "./tools/approvals.ts";
import type { ToolAnswers, ToolRequest } from "./tools/tool-handler.ts";

/** What a run says of itself while it waits. */
export interface Pause {
  readonly executionId: string;
  readonly flowId: string;
  /** How many top-level steps the flow has. */
  readonly blockCount: number;
  /** The id of the step that asks. */
  readonly pausedAtStep: string;
  /** Rounds of tool calls so far, this one included. */
  readonly iterationsUsed: number;
  /** What the model wants called; `function.arguments` is JSON text. */
  readonly toolCalls: readonly ToolCall[];
  /** The exchange so far. Opaque: a resume sends it back unchanged. */
  readonly toolCallMessages: readonly ToolCallMessage[];
  /** Step id → output of the steps that are done. */
  readonly accumulatedOutputs: Readonly<Record<string, unknown>>;
}

/** A pause of which is known what a person must decide. */
export interface OpenPause extends Pause {
  readonly pendingApprovals: readonly PendingApproval[];
}

/** What a resume repeats of the call that began the run. Its input is not among it: the server keeps that. */
export type RepeatedMembers = Pick<
  ExecuteRequest,
  "parameters" | "blockOverrides" | "attachments" | "tools" | "toolChoice" | "trace"
>;

/** Where in the step protocol a run waits. */
export interface StepPlace {
  /** The index of the step that asks. */
  readonly stepIndex: number;
  /** The `seq` of the event that told so; 0 where events have none. */
  readonly seq: number;
}

/** The call that a pause belongs to. */
export interface PausedCall {
  readonly flow: FlowAddress;
  /** As in the path: 0 is the draft, `undefined` production. */
  readonly version: number | undefined;
  readonly sessionId: string | undefined;
  readonly repeated: RepeatedMembers;
  /** Of runs that were begun as a stream, or in steps: they go on as they began. */
  readonly step?: StepPlace | undefined;
}

/** How a pause goes on. */
export interface ResumeOptions extends ToolAnswers {
  /** Milliseconds for the whole resume, rounds of tools included. Default: the call's own, then the client's `timeout`. */
  readonly timeout?: number | undefined;
  /** Aborts the resume and cancels the run. */
  readonly signal?: AbortSignal | undefined;
}

export function repeatedMembers(body: ExecuteRequest): RepeatedMembers {
  const { parameters, blockOverrides, attachments, tools, toolChoice, trace } = body;
  return { parameters, blockOverrides, attachments, tools, toolChoice, trace } as RepeatedMembers; // JSON leaves undefined ones out
}

/** What the pause asks for, as tools answer it. */
export function toToolRequest(pause: Pause & Partial<OpenPause>): ToolRequest {
  const { executionId, pausedAtStep, toolCalls, toolCallMessages, iterationsUsed, pendingApprovals } = pause;
  return { executionId, stepId: pausedAtStep, toolCalls, toolCallMessages, iterationsUsed, pendingApprovals };
}

/** The body that goes on from a pause with these messages. */
export function resumeBody(
  { executionId, pausedAtStep, iterationsUsed, accumulatedOutputs }: Pause,
  toolCallMessages: readonly ToolCallMessage[],
  repeated: RepeatedMembers,
): ExecuteRequest {
  const resumed = { executionId, pausedAtStep, iterationsUsed, toolCallMessages, accumulatedOutputs };
  return { ...repeated, ...resumed } as ExecuteRequest; // which knows no readonly
}

/** The same for equal resumes of a pause by the same path, wherever and however often they are made: repeating one is safe. */
export function resumeKey(version: number | undefined, body: ExecuteRequest | StepRequest): string {
  return `${body.executionId}-${fingerprint(JSON.stringify([version, body]))}`;
}

/** Two 32-bit hashes after FNV-1a, from different bases. It keeps no secret; it tells the few resumes of one pause apart. */
function fingerprint(text: string): string {
  let [first, second] = [0x811c9dc5, 0x01234567];
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    first = Math.imul(first ^ unit, 0x01000193);
    second = Math.imul(second ^ unit, 0x01000193) + first;
  }
  return [first, second].map((hash) => (hash >>> 0).toString(16).padStart(8, "0")).join("");
}
