import type { ToolCall, ToolCallMessage } from "@noukai/core/schema";
import { type Deferred, deferred } from "./deferred.ts";
import { Refusal } from "./refusal.ts";
import type { ScriptedToolCall, ScriptedToolResult } from "./script.ts";

/** One request to have tools called. */
export interface ToolPause {
  readonly stepId: string;
  readonly stepIndex: number;
  /** Rounds of this step so far, this one included. */
  readonly iterationsUsed: number;
  readonly toolCalls: readonly ToolCall[];
  /** The exchange so far, up to the message that asks. */
  readonly messages: readonly ToolCallMessage[];
  /** Given once the caller has answered. */
  readonly answered: Deferred<readonly ScriptedToolResult[]>;
  results: readonly ScriptedToolResult[] | undefined;
  /** Where the log goes on behind it. */
  index: number;
}

/** Where tools are asked for. */
export interface AskingStep {
  readonly stepId: string;
  readonly stepIndex: number;
  /** What the step wrote ahead of this request, and behind the one before. */
  readonly text: string;
}

/** What a caller sends to answer a pause. */
export interface ToolAnswer {
  readonly toolCallMessages: readonly ToolCallMessage[];
  readonly pausedAtStep?: string | undefined;
  readonly stepIndex?: number | undefined;
}

/** The tool calls of one run, and what was answered to them. */
export class ToolExchange {
  readonly #pauses: ToolPause[] = [];

  /** The pause that waits, if any. */
  get open(): ToolPause | undefined {
    return this.#pauses.find(({ results }) => results === undefined);
  }

  ask(at: AskingStep, calls: readonly ScriptedToolCall[]): ToolPause {
    const before = this.#pauses.filter(({ stepId }) => stepId === at.stepId);
    const count = this.#pauses.reduce((sum, pause) => sum + pause.toolCalls.length, 0);
    const toolCalls = calls.map(({ name, arguments: given = {} }, index): ToolCall => {
      const id = `call_${count + index + 1}`;
      return { id, type: "function", function: { name, arguments: JSON.stringify(given) } };
    });
    const last = before.at(-1);
    const pause: ToolPause = {
      stepId: at.stepId,
      stepIndex: at.stepIndex,
      iterationsUsed: before.length + 1,
      toolCalls,
      messages: [
        ...(last ? [...last.messages, ...toMessages(last.results ?? [])] : []),
        { role: "assistant", content: at.text === "" ? null : at.text, tool_calls: toolCalls },
      ],
      answered: deferred(),
      results: undefined,
      index: 0,
    };
    this.#pauses.push(pause);
    return pause;
  }

  /** The pause that an answer is for, and its results. Throws when it fits none, or was answered otherwise. */
  match(answer: ToolAnswer): { readonly pause: ToolPause; readonly results: readonly ScriptedToolResult[] } {
    const sent = trailingAnswers(answer.toolCallMessages);
    const pause = this.#pauses.findLast(({ toolCalls }) => isSameCalls(toolCalls, sent)) ?? this.open;
    if (!pause) throw refusal("PAUSED_STEP_INVALID", "The run waits for no tool results.");
    checkPlace(pause, answer);
    if (!isSameCalls(pause.toolCalls, sent)) {
      const waiting = pause.toolCalls.map(({ id }) => id).join(", ");
      throw refusal("TOOL_RESULTS_MISMATCH", `Send one tool message for each call that waits: ${waiting}.`);
    }
    const results = pause.toolCalls.map((call) => ({
      id: call.id,
      name: call.function.name,
      content: contentOf(sent.find((message) => idOf(message) === call.id)),
    }));
    if (pause.results && JSON.stringify(pause.results) !== JSON.stringify(results)) {
      throw new Refusal(409, "ALREADY_RESUMED", {
        message: "These tool calls were answered by another call, with other results.",
      });
    }
    return { pause, results };
  }
}

function checkPlace({ stepId, stepIndex }: ToolPause, answer: ToolAnswer): void {
  if (answer.pausedAtStep !== undefined && answer.pausedAtStep !== stepId) {
    throw refusal("PAUSED_STEP_INVALID", `The run asked at step "${stepId}", not at "${answer.pausedAtStep}".`);
  }
  if (answer.stepIndex !== undefined && answer.stepIndex !== stepIndex) {
    throw refusal("INVALID_STEP_INDEX", `The run asked at stepIndex ${stepIndex}, not at ${answer.stepIndex}.`);
  }
}

function toMessages(results: readonly ScriptedToolResult[]): readonly ToolCallMessage[] {
  return results.map(({ id, content }) => ({ role: "tool", tool_call_id: id, content }));
}

/** The tool messages behind the last message of another role. */
function trailingAnswers(messages: readonly ToolCallMessage[]): readonly ToolCallMessage[] {
  return messages.slice(messages.findLastIndex(({ role }) => role !== "tool") + 1);
}

function isSameCalls(calls: readonly ToolCall[], sent: readonly ToolCallMessage[]): boolean {
  return calls.length === sent.length && calls.every(({ id }) => sent.some((message) => idOf(message) === id));
}

function idOf({ tool_call_id: id, toolCallId }: ToolCallMessage): string | null | undefined {
  return id ?? toolCallId;
}

function contentOf(message: ToolCallMessage | undefined): string {
  const content = message?.content ?? message?.output ?? "";
  return typeof content === "string" ? content : JSON.stringify(content);
}

function refusal(code: string, message: string): Refusal {
  return new Refusal(400, code, { message });
}
