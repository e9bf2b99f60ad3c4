import { type Fetch, newUuid } from "@noukai/core";
import type { Attachment, ConversationMessage, ExecuteRequest, JsonObject, ToolChoice } from "@noukai/core/schema";
import type { ClientContext } from "./context.ts";
import { type FlowVersion, versionNumber } from "./identifiers.ts";
import { type Session, sessionOf } from "./session/session.ts";
import { type CallTools, toWireTools } from "./tools/wire-tools.ts";

/** What a flow is called with. Every member may be left out, as far as the flow's inputs have defaults. */
export interface ExecuteOptions<Input = Record<string, unknown>> extends CallTools {
  /** Fills the flow's input named `message`, or else its first one. */
  readonly message?: string | undefined;
  /** A whole conversation instead of `message`. Its last user turn fills the input; at most 1 000 000 bytes as JSON. */
  readonly messages?: readonly ConversationMessage[] | undefined;
  /** Input name → value. */
  readonly parameters?: Readonly<Input> | undefined;
  /** Step id → the members of its configuration to replace for this run (`prompt`, `model`, `temperature` …). */
  readonly blockOverrides?: Readonly<Record<string, JsonObject>> | undefined;
  /** Images by https address, at most 10. They are handed to the model, never stored. */
  readonly attachments?: readonly Attachment[] | undefined;
  /** Whether the model may, must or must not call tools. */
  readonly toolChoice?: ToolChoice | undefined;
  /** Captures whole inputs and outputs in the trace, whatever the flow's capture mode. Default `false`. */
  readonly trace?: boolean | undefined;
  /** Default `"draft"`. */
  readonly version?: FlowVersion | undefined;
  /** Milliseconds for the whole call: retries, reconnects and rounds of tools included; `Infinity` for no limit. Default: the client's `timeout`. */
  readonly timeout?: number | undefined;
  /** Aborts the call, the tools that it is running included, and cancels the run. */
  readonly signal?: AbortSignal | undefined;
  /** A UUID that groups runs for replay. Default: the client's, then that of the scope around the call. */
  readonly sessionId?: string | undefined;
  /** The session that the call belongs to, where the runtime cannot tell by itself; wins over `sessionId`. */
  readonly session?: Session | undefined;
  /** Calls with the same key within 24 hours are one run. Default: a fresh key per call, so that retries are safe. */
  readonly idempotencyKey?: string | undefined;
}

/** A call made ready: where it goes, and with what. */
export interface FlowCall {
  readonly version: number | undefined;
  readonly idempotencyKey: string;
  readonly sessionId: string | undefined;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: ExecuteRequest;
  readonly fetch: Fetch | undefined;
}

/** Parts the request's body from what steers the call. The options have been checked. */
export function prepareCall(options: ExecuteOptions<unknown>, context: ClientContext): FlowCall {
  const { version, idempotencyKey = newUuid() } = options;
  const { sessionId, fetch, trace } = sessionOf(options, context.sessionId);
  return {
    version: versionNumber(version),
    idempotencyKey,
    sessionId,
    headers: { "idempotency-key": idempotencyKey, "x-session-id": sessionId, "x-noukai-on-disconnect": "continue" },
    body: bodyOf({ ...options, trace: options.trace ?? trace }),
    fetch,
  };
}

function bodyOf(options: ExecuteOptions<unknown>): ExecuteRequest {
  const { message, messages, parameters, blockOverrides, attachments, tools, toolChoice, trace } = options;
  const body = {
    message,
    messages,
    parameters,
    blockOverrides,
    attachments,
    tools: tools && toWireTools(tools),
    toolChoice,
    trace,
  };
  return body as ExecuteRequest; // its members are the request's; JSON leaves undefined ones out and knows no readonly
}
