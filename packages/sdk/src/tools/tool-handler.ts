import type { ToolCall, ToolCallMessage } from "@noukai/core/schema";
import type { Approvals, PendingApproval } from "./approvals.ts";

/** A run that waits for the results of tool calls, however it was told: by an answer or by an event. */
export interface ToolRequest {
  readonly executionId: string;
  /** The step that asks. */
  readonly stepId: string;
  readonly toolCalls: readonly ToolCall[];
  /** The exchange so far; a resume sends it back with the results behind it. */
  readonly toolCallMessages: readonly ToolCallMessage[];
  /** Rounds so far, this one included. */
  readonly iterationsUsed: number;
  /** What a person was asked to decide when the request was left before; those calls never run without a decision. */
  readonly pendingApprovals?: readonly Pick<PendingApproval, "toolCallId">[] | undefined;
}

/** The result of one tool call. Either spelling of each member will do; what is not text is sent as JSON. */
export type ToolResult = ({ readonly toolCallId: string } | { readonly tool_call_id: string }) &
  ({ readonly output: unknown } | { readonly content: unknown });

/** Beside the calls themselves. */
export interface ToolHandlerContext {
  readonly executionId: string;
  readonly stepId: string;
  /** Aborts when the call is given up: the results are of no use then. */
  readonly signal: AbortSignal;
}

/** Runs tool calls, all of one round, and gives one result for each. What it throws ends the call; the run stays resumable. */
export type ToolHandler = (
  toolCalls: readonly ToolCall[],
  context: ToolHandlerContext,
) => readonly ToolResult[] | Promise<readonly ToolResult[]>;

/** What a caller brings to a pause. */
export interface ToolAnswers {
  /** One for each call that nothing here can run. A result for a call that could be run here wins: that one is not run. */
  readonly toolResults?: readonly ToolResult[] | undefined;
  /** What a person decided on the calls in `pendingApprovals`, by the call's id. */
  readonly approvals?: Approvals | undefined;
}

/** Answers the tool requests of one call, round by round. */
export interface ToolRounds {
  /** What a person must decide on the request that `ask` or `answer` left last; empty when it waits for results alone. */
  readonly pendingApprovals: readonly PendingApproval[];
  /** What a person must decide on before the request can be answered. Throws what a tool's `needsApproval` throws. */
  ask(request: ToolRequest, signal: AbortSignal): Promise<readonly PendingApproval[]>;
  /**
   * The messages to resume with: those of the request, and one result for each call. `undefined` when nobody here can answer it (no handler,
   * or a person must approve first): then the pause is the caller's, and nothing of the round has run. Throws `ToolCallLimitError` past
   * `maxToolRounds`, what a handler throws, and the signal's reason as soon as it aborts.
   */
  answer(request: ToolRequest, signal: AbortSignal): Promise<readonly ToolCallMessage[] | undefined>;
  /**
   * The messages to resume with, from what the caller brings and what can be run here. Throws `ValueError`, before anything runs, that names
   * the calls without a result or a decision, and those that nobody asked for.
   */
  settle(request: ToolRequest, given: ToolAnswers, signal: AbortSignal): Promise<readonly ToolCallMessage[]>;
}
