import { ValueError } from "@noukai/core";
import { show } from "./streaming.ts";
import { CALL_OPTIONS, checkNames, type OptionNames } from "./option-names.ts";
import type { ExecuteOptions } from "./options.ts";
import { checkCallTools } from "./tools/tool-checks.ts";

// Bounds and forms: `openapi/schemas/execute.yaml`. What the server takes is not refused here; null is "absent" to it.
const MAX_ATTACHMENTS = 10;
const MAX_URL_LENGTH = 2048;
const MIME_TYPES: readonly unknown[] = ["image/jpeg", "image/png", "image/webp", "image/gif"];
const FILE_NAME = /^(?!.*\.\.)[^/\\]{1,255}$/;
const ROLES: readonly unknown[] = ["user", "assistant", "tool"];
/** What a header can carry. */
const KEY = /^[\x20-\x7e\x80-\xff]{1,255}$/;

/** The options that hold whatever the caller likes. */
const WRITTEN = ["messages", "parameters", "blockOverrides", "inputOverrides"];

type Members = Readonly<Record<string, unknown>>;

/**
 * Checks a call's options, whoever wrote them; `names` are those it has. Throws `ValueError` that names the option and says what to give,
 * before anything is sent.
 */
export function checkOptions(options: ExecuteOptions<unknown>, names: OptionNames = CALL_OPTIONS): void {
  checkNames(options, names);
  const given: Members = { ...options }; // untyped callers may give anything
  checkType(given, "message", "string", "text");
  checkInputs(given);
  if (Object.hasOwn(Object(given["parameters"]), "attachments")) {
    throw new ValueError("`parameters.attachments` is a reserved name. Give images as the option `attachments`.");
  }
  checkOverrides(given["blockOverrides"]);
  for (const name of WRITTEN) checkJson(given[name], name);
  checkAttachments(given["attachments"]);
  checkType(given, "trace", "boolean", "true or false");
  checkType(given, "timeout", "number", "milliseconds");
  checkType(given, "sessionId", "string", "a UUID");
  checkSignal(given["signal"]);
  checkKey(given["idempotencyKey"]);
  checkCallTools(options);
}

/** Checks what holds the inputs, whatever they are. Throws `ValueError` as `checkOptions` does. */
export function checkInputs(given: object): void {
  const { message, messages, parameters }: Members = { ...given };
  checkConversation(message, messages);
  checkObject(parameters, "parameters");
}

function checkType(given: Members, name: string, type: "string" | "boolean" | "number", wanted: string): void {
  const value = given[name] ?? undefined;
  if (value !== undefined && typeof value !== type) throw wrong(name, value, wanted);
}

function checkObject(value: unknown, name: string): void {
  if (isAbsent(value) || isObject(value)) return;
  throw wrong(name, value, "an object");
}

function checkConversation(message: unknown, messages: unknown): void {
  if (isAbsent(messages)) return;
  if (!Array.isArray(messages)) throw wrong("messages", messages, "a list of { role, content }");
  if (messages.length > 0 && !isAbsent(message) && message !== "") {
    throw new ValueError(
      "`message` and `messages` are given both. Give one: the last user entry of `messages` is the message.",
    );
  }
  for (const [index, entry] of messages.entries()) {
    if (!isObject(entry)) throw wrong(`messages[${index}]`, entry, "{ role, content }");
    if (ROLES.includes(entry["role"])) continue;
    throw wrong(
      `messages[${index}].role`,
      entry["role"],
      '"user", "assistant" or "tool"; instructions belong into the flow',
    );
  }
}

function checkOverrides(overrides: unknown): void {
  checkObject(overrides, "blockOverrides");
  for (const [stepId, members] of Object.entries(overrides ?? {})) {
    if (!isObject(members)) throw wrong(`blockOverrides.${stepId}`, members, "an object of the members to replace");
  }
}

/** What JSON would turn into null, and what it cannot write at all. `around`: the objects on the way to the value. */
function checkJson(value: unknown, path: string, around: readonly unknown[] = []): void {
  if (typeof value === "number" && !Number.isFinite(value))
    throw wrong(path, value, "a finite number: JSON has no other");
  if (typeof value === "bigint") throw wrong(path, value, "a number, or text: JSON has no BigInt");
  if (typeof value !== "object" || value === null) return;
  if (around.includes(value))
    throw new ValueError(`\`${path}\` is an object that holds itself. Give a tree: JSON has no circles.`);
  if (value instanceof Date && Number.isNaN(value.getTime())) {
    throw new ValueError(`\`${path}\` is a Date that is none. Give a valid one.`);
  }
  if ("toJSON" in value) return; // it says itself what is written
  for (const [name, member] of Object.entries(value)) {
    checkJson(member, Array.isArray(value) ? `${path}[${name}]` : `${path}.${name}`, [...around, value]);
  }
}

function checkAttachments(attachments: unknown): void {
  if (isAbsent(attachments)) return;
  if (!Array.isArray(attachments)) throw wrong("attachments", attachments, "a list of { url, mimeType }");
  if (attachments.length > MAX_ATTACHMENTS) {
    throw new ValueError(`\`attachments\` has ${attachments.length} entries. Give at most ${MAX_ATTACHMENTS}.`);
  }
  for (const [index, attachment] of attachments.entries()) checkAttachment(attachment, `attachments[${index}]`);
}

function checkAttachment(attachment: unknown, name: string): void {
  if (!isObject(attachment)) throw wrong(name, attachment, "{ url, mimeType }");
  const { url, filename, kind } = attachment;
  const mimeType = attachment["mimeType"] ?? attachment["mime_type"];
  if (typeof url !== "string" || !url.startsWith("https://")) {
    throw wrong(
      `${name}.url`,
      typeof url === "string" ? url.slice(0, 50) : url,
      "an address that begins with https://",
    );
  }
  if (url.length > MAX_URL_LENGTH) {
    throw new ValueError(`\`${name}.url\` is ${url.length} characters long. Give at most ${MAX_URL_LENGTH}.`);
  }
  if (!MIME_TYPES.includes(mimeType)) throw wrong(`${name}.mimeType`, mimeType, `one of ${MIME_TYPES.join(", ")}`);
  if (!isAbsent(filename) && !(typeof filename === "string" && FILE_NAME.test(filename))) {
    throw wrong(`${name}.filename`, filename, "a bare name of at most 255 characters, without / \\ and ..");
  }
  if (!isAbsent(kind) && kind !== "url") throw wrong(`${name}.kind`, kind, '"url", or leave it out');
}

function checkSignal(signal: unknown): void {
  if (isAbsent(signal) || (isObject(signal) && typeof signal["addEventListener"] === "function")) return;
  throw wrong("signal", signal, "an AbortSignal, such as `controller.signal`");
}

function checkKey(key: unknown): void {
  if (key === undefined || (typeof key === "string" && KEY.test(key))) return;
  throw wrong("idempotencyKey", key, "1 to 255 characters that a header can carry");
}

function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

function isObject(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function wrong(name: string, value: unknown, wanted: string): ValueError {
  return new ValueError(`\`${name}\` is ${Array.isArray(value) ? "a list" : show(value)}. Give ${wanted}.`);
}
