import type { Attachment, ConversationMessage, ExecuteRequest, Tool, ToolChoice } from "@noukai/sdk";
import { RelayRefusal } from "../refusal.ts";
import type { Permission } from "./options.ts";

/** What a flow is called with. */
export interface RelayInput {
  readonly message?: string | undefined;
  readonly messages?: readonly ConversationMessage[] | undefined;
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
  readonly attachments?: readonly Attachment[] | undefined;
  readonly tools?: readonly Tool[] | undefined;
  readonly toolChoice?: ToolChoice | undefined;
}

/** A body of which only what a browser may send is left. */
export interface Received {
  /** What the flow is called with. */
  readonly input: RelayInput;
  /** Where the call goes on: the run, the step, the answers to its tool calls. */
  readonly place: Readonly<Record<string, unknown>>;
  /** What the relay had to allow, without `version`. */
  readonly allowed: Readonly<Record<string, unknown>>;
  readonly version: unknown;
  /** The run that this goes on with. */
  readonly executionId: string | undefined;
}

const INPUT: ReadonlySet<string> = new Set<keyof RelayInput & keyof ExecuteRequest>([
  "message",
  "messages",
  "parameters",
  "attachments",
  "tools",
  "toolChoice",
]);
const PLACE: ReadonlySet<string> = new Set([
  "executionId",
  "pausedAtStep",
  "toolCallMessages",
  "iterationsUsed",
  "accumulatedOutputs",
  "stepIndex",
  "runRemaining",
]);
const ON_REQUEST: ReadonlySet<string> = new Set<Permission>([
  "blockOverrides",
  "inputOverrides",
  "trace",
  "version",
  "priority",
  "startAfter",
  "webhookUrl",
]);

export interface InputBounds {
  readonly maxMessages: number;
  readonly allow: readonly Permission[];
}

/**
 * Reads a call's body. Members are let through by name, one by one: what is not known here does not reach the server, whatever it is called
 * there. Throws 400 `INVALID_JSON` or `INVALID_REQUEST`, 413 `TOO_MANY_MESSAGES`, and 403 that names a member which is not allowed.
 */
export function receive(bytes: Uint8Array, { maxMessages, allow }: InputBounds): Received {
  const members = Object.entries(parseObject(bytes)).filter(([, value]) => !isAbsent(value));
  const forbidden = members.find(([name]) => !isAllowed(name, allow));
  if (forbidden) throw new RelayRefusal(403, `${nameOf(forbidden[0])} is not allowed here.`);
  const pick = (names: ReadonlySet<string>): Record<string, unknown> =>
    Object.fromEntries(members.filter(([name]) => names.has(name)));
  const { version, ...allowed } = pick(ON_REQUEST);
  const input = pick(INPUT);
  const place = pick(PLACE);
  requireFew(input["messages"], maxMessages);
  requireFew(place["toolCallMessages"], maxMessages);
  if (input["parameters"] !== undefined && !isObject(input["parameters"]))
    throw new RelayRefusal(400, "INVALID_REQUEST");
  const { executionId } = place;
  if (executionId !== undefined && typeof executionId !== "string") throw new RelayRefusal(400, "EXECUTION_ID_INVALID");
  return { input, place, allowed, version, executionId }; // the server checks the rest of it
}

/** A body that is a JSON object. */
export function parseObject(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  const value = parse(bytes);
  if (isObject(value)) return value;
  throw new RelayRefusal(400, "INVALID_REQUEST");
}

function parse(bytes: Uint8Array): unknown {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    // What is nested too deep can be read, but not written again; that is better known here.
    JSON.stringify(value);
    return value;
  } catch {
    throw new RelayRefusal(400, "INVALID_JSON");
  }
}

/** As the server sees it (contract §4): these mean the same as a member that is not there. */
function isAbsent(value: unknown): boolean {
  if (value === null || value === "" || value === false) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function isAllowed(name: string, allow: readonly string[]): boolean {
  return INPUT.has(name) || PLACE.has(name) || (ON_REQUEST.has(name) && allow.includes(name));
}

/** Names that are none are not told again. */
function nameOf(name: string): string {
  return /^\w{1,40}$/.test(name) ? name : "A member of the body";
}

function requireFew(messages: unknown, max: number): void {
  if (Array.isArray(messages) && messages.length > max) throw new RelayRefusal(413, "TOO_MANY_MESSAGES");
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
