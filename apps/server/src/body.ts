import { findJsonFault } from "@noukai/engine";
import type { HonoRequest } from "hono";
import { z } from "zod";
import type { Call } from "./context.ts";
import { ApiError, type Issue } from "./errors.ts";
import type { ErrorCode } from "./generated/error-status.gen.ts";

// No code is ever made from text in this process; measured, the validators are no slower without it.
z.config({ jitless: true });

/** Nesting that a body may have; deeper ones would overflow whatever walks them next. */
const maxDepth = 100;

/** At most this many faults are told; a body can hold a million. */
const maxIssues = 50;

/** A request, and what bounds it. */
export interface BodySource {
  readonly req: HonoRequest;
  get(name: "call"): Pick<Call, "bodyLimitBytes">;
}

/** The body as text, at most as long as the call's `bodyLimitBytes`; an empty one is `""`. Throws 413 and 415 before anything is parsed. */
export async function readBody(source: BodySource): Promise<string> {
  const { req: request } = source;
  const { bodyLimitBytes } = source.get("call");
  const declared = request.header("content-length");
  if (declared !== undefined && Number(declared) > bodyLimitBytes) throw tooLarge(bodyLimitBytes);
  const text = declared === undefined ? await readCapped(request.raw.body, bodyLimitBytes) : await request.raw.text();
  // A character is at most three bytes of UTF-8 for each of its units; only a text near the limit is counted.
  if (text.length * 3 > bodyLimitBytes && Buffer.byteLength(text) > bodyLimitBytes) throw tooLarge(bodyLimitBytes);
  if (text !== "") requireJson(request);
  return text;
}

async function readCapped(body: ReadableStream<Uint8Array> | null, limitBytes: number): Promise<string> {
  if (body === null) return "";
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > limitBytes) throw tooLarge(limitBytes);
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

function requireJson(request: HonoRequest): void {
  const type = request.header("content-type");
  const encoding = request.header("content-encoding");
  if (encoding !== undefined && encoding !== "identity") {
    throw new ApiError(
      "UNSUPPORTED_MEDIA_TYPE",
      `Send the body as it is, without Content-Encoding: ${encoding.slice(0, 50)}.`,
    );
  }
  if (type !== undefined && (type === "application/json" || /^application\/json\s*(?:;|$)/i.test(type))) return;
  throw new ApiError("UNSUPPORTED_MEDIA_TYPE", "Send the body as JSON with `Content-Type: application/json`.");
}

function tooLarge(limitBytes: number): ApiError {
  return new ApiError("BODY_TOO_LARGE", `The body is larger than ${limitBytes} bytes. Send less, or send references.`);
}

/** The schema of a request's body: an object whose members are known by name. */
export type BodySchema<Output> = z.ZodType<Output> & { readonly shape: Readonly<Record<string, unknown>> };

/**
 * The body as `schema` describes it. At the top level, null and empty members count as absent and snake_case names are read as camelCase.
 * Throws 400 `INVALID_REQUEST` that names every fault with its place.
 */
export function parseBody<Output>(text: string, schema: BodySchema<Output>): Output {
  return parseValue(withKnownMembers(text === "" ? {} : parseJsonObject(text), schema.shape), schema);
}

/** The same of a body whose members mean what they are: an empty one is there, and no other spelling is read. */
export function parseExactBody<Output>(text: string, schema: z.ZodType<Output>): Output {
  return parseValue(text === "" ? {} : parseJsonObject(text), schema);
}

/** `value` as `schema` describes it. Throws 400 that names every fault with its place behind `at`; `codeOf` chooses the code by the places. */
export function parseValue<Output>(
  value: unknown,
  schema: z.ZodType<Output>,
  {
    at = [],
    codeOf = () => "INVALID_REQUEST",
  }: {
    readonly at?: readonly PropertyKey[];
    readonly codeOf?: (paths: readonly (readonly PropertyKey[])[]) => ErrorCode;
  } = {},
): Output {
  const parsed = schema.safeParse(value, { reportInput: true });
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues
    .slice(0, maxIssues)
    .map((issue) => toIssue({ ...issue, path: [...at, ...issue.path] }));
  throw refusal(codeOf(parsed.error.issues.map(({ path }) => path)), issues);
}

/** 400 with every fault in its message. */
export function refusal(code: ErrorCode, issues: readonly Issue[]): ApiError {
  return new ApiError(code, issues.map(({ path, message }) => `${path}: ${message}`).join("; "), { issues });
}

/** For a member that the engine judges, which names every fault in one go. Kept as it came: a parsed copy would lose the order of members, and one called `__proto__`. */
export function objectAsItCame(message: string): z.ZodType<object> {
  return z.custom<object>((value) => typeof value === "object" && value !== null && !Array.isArray(value), message);
}

function parseJsonObject(text: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const { line, column } = findJsonFault(text);
    const place = `line ${line}, column ${column}`;
    throw new ApiError("INVALID_REQUEST", `The body is not JSON: it breaks off or goes wrong at ${place}.`, {
      issues: [{ path: "", message: `not JSON at ${place}` }],
    });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ApiError("INVALID_REQUEST", "The body must be a JSON object: { … }.", {
      issues: [{ path: "", message: "must be a JSON object" }],
    });
  }
  if (isDeeperThan(value, maxDepth)) {
    throw new ApiError("INVALID_REQUEST", `The body is nested more than ${maxDepth} levels deep.`, {
      issues: [{ path: "", message: `must be nested at most ${maxDepth} levels deep` }],
    });
  }
  return value;
}

function isDeeperThan(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (depth === 0) return true;
  for (const member of Object.values(value)) {
    if (isDeeperThan(member, depth - 1)) return true;
  }
  return false;
}

function withKnownMembers(body: object, shape: Readonly<Record<string, unknown>>): object {
  const known: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(body)) {
    if (isEmpty(value)) continue;
    if (Object.hasOwn(shape, name)) {
      known[name] = value;
    } else if (name.includes("_")) {
      const camel = name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
      if (Object.hasOwn(shape, camel)) known[camel] ??= value;
    }
  }
  return known;
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === "") return true;
  if (typeof value !== "object") return false;
  for (const _ in value) return false;
  return true;
}

function toIssue(issue: z.core.$ZodIssue): Issue {
  return { path: toPath(issue.path), message: toMessage(issue) };
}

/** `attachments[0].url` */
export function toPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === "number" ? `${text}[${key}]` : text === "" ? String(key) : `${text}.${String(key)}`),
    "",
  );
}

/** What the member must be, in words that say how to mend it. */
function toMessage(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined
        ? `is missing; must be ${withArticle(issue.expected)}`
        : `must be ${withArticle(issue.expected)}`;
    case "invalid_value":
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(" or ")}`;
    case "too_big":
      return `must be at most ${issue.maximum}${measureOf(issue.origin)}`;
    case "too_small":
      return `must be at least ${issue.minimum}${measureOf(issue.origin)}`;
    case "invalid_format":
      return formInWords(issue);
    case "invalid_union":
      return "must have one of the forms that /openapi.json gives for it";
    default:
      return issue.message;
  }
}

/** The contract's formats and patterns that a body can meet. */
const formsInWords: Readonly<Record<string, string>> = {
  datetime: "must be a date and time such as 2026-11-20T09:30:00Z",
  url: "must be a web address such as https://example.com/a.png",
  [String.raw`/^https:\/\//`]: "must begin with https://",
  [String.raw`/^https?:\/\//`]: "must begin with https://",
  [String.raw`/^[a-z0-9][a-z0-9-]*[a-z0-9]$/`]:
    "must be lowercase letters, digits and hyphens, with no hyphen at either end",
  [String.raw`/^(?!.*\.\.)[^\/\\]+$/`]: "must be a file's name without slashes, backslashes and two dots in a row",
  [String.raw`/^[A-Za-z0-9_-]+$/`]: "must be letters, digits, hyphens and underscores",
};

function formInWords({ format, pattern }: Pick<z.core.$ZodIssueInvalidStringFormat, "format" | "pattern">): string {
  return formsInWords[format] ?? formsInWords[pattern ?? ""] ?? "must have the form that /openapi.json gives for it";
}

function measureOf(origin: string): string {
  if (origin === "string") return " characters long";
  return origin === "array" ? " entries long" : "";
}

function withArticle(noun: string): string {
  const word = noun === "record" ? "object" : noun === "int" ? "integer" : noun;
  return `${/^[aeiou]/.test(word) ? "an" : "a"} ${word}`;
}
