import { REDACTED } from "./redact.ts";

/** Where two values part: the first place in their order, and what stands there. */
export interface Difference {
  /** As `parameters.words[2]`; empty for the whole. */
  readonly path: string;
  readonly recorded: unknown;
  readonly asked: unknown;
}

/** Members that are new with each call, and say nothing about it. */
const IGNORED_MEMBERS: ReadonlySet<string> = new Set(["idempotencyKey", "sessionId", "requestId"]);

/** The first difference between two bodies, compared as JSON where they are; `undefined` when there is none. */
export function bodyDifference(recorded: string | undefined, asked: string | undefined): Difference | undefined {
  return firstDifference(parse(recorded), parse(asked), "");
}

/** Does a recorded text stand for this one? What was redacted in it stands for anything. */
export function matchesText(recorded: string, asked: string): boolean {
  if (!recorded.includes(REDACTED)) return recorded === asked;
  const parts = recorded.split(REDACTED);
  const first = parts.shift() ?? "";
  const last = parts.pop() ?? "";
  if (!asked.startsWith(first) || !asked.endsWith(last)) return false;
  let at = first.length;
  for (const part of parts) {
    const found = asked.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return at <= asked.length - last.length;
}

function firstDifference(recorded: unknown, asked: unknown, path: string): Difference | undefined {
  if (typeof recorded === "string" && typeof asked === "string" && matchesText(recorded, asked)) return undefined;
  if (!isObject(recorded) || !isObject(asked) || Array.isArray(recorded) !== Array.isArray(asked)) {
    return Object.is(recorded, asked) ? undefined : { path, recorded, asked };
  }
  const names = new Set([...Object.keys(recorded), ...Object.keys(asked)]);
  for (const name of names) {
    if (IGNORED_MEMBERS.has(name)) continue;
    const inner = Array.isArray(recorded) ? `${path}[${name}]` : path === "" ? name : `${path}.${name}`;
    const difference = firstDifference(recorded[name], asked[name], inner);
    if (difference) return difference;
  }
  return undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function parse(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}
