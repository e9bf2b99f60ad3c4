import { newUuid } from "@noukai/core";
import type {
  Attachment,
  ConversationMessage,
  ExecuteRequest,
  JsonObject,
  Tool,
  ToolChoice,
} from "@noukai/core/schema";
import { type FlowVersion, versionNumber } from "./identifiers.ts";

/** What a flow is called with. Every member may be left out, as far as the flow's inputs have defaults. */
export interface ExecuteOptions {
  /** Fills the flow's input named `message`, or else its first one. */
  readonly message?: string | undefined;
  /** A whole conversation instead of `message`. Its last user turn fills the input; at most 1 000 000 bytes as JSON. */
  readonly messages?: readonly ConversationMessage[] | undefined;
  /** Input name → value. */
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
  /** Step id → the members of its configuration to replace for this run (`prompt`, `model`, `temperature` …). */
  readonly blockOverrides?: Readonly<Record<string, JsonObject>> | undefined;
  /** Images by https address, at most 10. They are handed to the model, never stored. */
  readonly attachments?: readonly Attachment[] | undefined;
  /** Functions that the model may ask you to call, at most 64. */
  readonly tools?: readonly Tool[] | undefined;
  /** Whether the model may, must or must not call tools. */
  readonly toolChoice?: ToolChoice | undefined;
  /** Captures whole inputs and outputs in the trace, whatever the flow's capture mode. Default `false`. */
  readonly trace?: boolean | undefined;
  /** Default `"draft"`. */
  readonly version?: FlowVersion | undefined;
  /** Milliseconds for the whole call, retries and reconnects included; `Infinity` for no limit. Default: the client's `timeout`. */
  readonly timeout?: number | undefined;
  /** Aborts the call and cancels the run. */
  readonly signal?: AbortSignal | undefined;
  /** A UUID that groups runs for replay. */
  readonly sessionId?: string | undefined;
  /** Calls with the same key within 24 hours are one run. Default: a fresh key per call, so that retries are safe. */
  readonly idempotencyKey?: string | undefined;
}

/** A call made ready: where it goes, and with what. */
export interface FlowCall {
  readonly version: number | undefined;
  readonly idempotencyKey: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: ExecuteRequest;
}

/** Parts the request's body from what steers the call. Throws `ValueError` for a version that cannot be. */
export function prepareCall(options: ExecuteOptions): FlowCall {
  const { version, timeout: _timeout, signal: _signal, sessionId, idempotencyKey = newUuid(), ...body } = options;
  return {
    version: versionNumber(version),
    idempotencyKey,
    headers: { "idempotency-key": idempotencyKey, "x-session-id": sessionId, "x-noukai-on-disconnect": "continue" },
    body: body as ExecuteRequest, // its members are the request's; JSON leaves undefined ones out and knows no readonly
  };
}
