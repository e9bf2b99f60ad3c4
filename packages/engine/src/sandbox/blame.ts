import { formatBytes, maxMessageLength, stackBytes, type SandboxLimits } from "./limits.ts";
import type { CodeFault } from "./sandbox.ts";
import { findPlace, type Wrapped } from "./wrapper.ts";

/** Words for the author of a step's code. None of them knows anything of the machine that it ran on. */

/** What was thrown, as the prelude or QuickJS tells it. */
export interface Thrown {
  /** Empty for what is no `Error`. */
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}

/** Reads what came out of QuickJS: any shape is possible. */
export function toThrown(value: unknown): Thrown {
  const { name, message, stack } = Object(value) as { readonly [Member in keyof Thrown]?: unknown }; // as: each member is looked at
  const text = (member: unknown): string => (typeof member === "string" ? member : "");
  return { name: text(name), message: text(message), stack: text(stack) };
}

/** For what could not be asked: there is no memory left to answer with, or the code sees to it that no answer comes. */
export const unspeakable: Thrown = { name: "", message: "threw an error that cannot be shown", stack: "" };

export function describeThrown(thrown: Thrown, wrapped: Wrapped, limits: SandboxLimits): string {
  const place = findPlace(thrown.stack, wrapped);
  const at = place === undefined ? "" : `line ${place.line}, column ${place.column}: `;
  return bounded(`${at}${nameLimit(thrown, limits) ?? [thrown.name, thrown.message].filter(Boolean).join(": ")}`);
}

export function describeSyntax(thrown: Thrown, wrapped: Wrapped): CodeFault {
  const { line, column, isEnd } = findPlace(thrown.stack, wrapped) ?? { line: 1, column: 1, isEnd: false };
  const at = { line, column };
  if (thrown.message === "stack overflow") return { ...at, message: `line ${line}, column ${column}: ${tooDeep}` };
  const reason = isEnd ? "the code ends too early; a bracket, a text or a comment is not closed" : thrown.message;
  return { ...at, message: bounded(`line ${line}, column ${column}: ${thrown.name || "SyntaxError"}: ${reason}`) };
}

/** @param kind what `Object.prototype.toString` calls it, `toJSON` when its own `toJSON` gave something else */
export function describeOther(kind: string): string {
  const returned = kind === "toJSON" ? "an object whose `toJSON` gives something else" : (others[kind] ?? `a ${kind}`);
  return bounded(`the code must return a JSON object, and returned ${returned}.${fixes[kind] ?? ""}`);
}

const others: { readonly [kind: string]: string } = {
  Undefined: "nothing",
  Null: "null",
  Array: "a list",
  Error: "an error",
  Number: "a number",
  String: "a string",
  Boolean: "a boolean",
  Function: "a function",
  Promise: "a promise",
};

const fixes: { readonly [kind: string]: string } = {
  Undefined: " Does every path end with `return { … }`?",
  Array: " Give it a name: `return { items: … }`.",
  Promise: " There is nothing to wait for here: write the code without `async`.",
  Map: " Try `Object.fromEntries`.",
};

export function describeTooLong(limits: SandboxLimits): string {
  return `the code returned more than ${formatBytes(limits.outputBytes)} of JSON. Return less.`;
}

/** @param error what V8 threw when QuickJS itself could not go on */
export function describeBreakdown(error: unknown): string {
  if (error instanceof RangeError) return tooDeep;
  return "the code broke the machine that ran it.";
}

const tooDeep = `the code, or what it works on, is nested too deeply (the stack is ${stackBytes / 1024} KiB).`;

function outOfMemory({ memoryBytes }: SandboxLimits): string {
  return `the code needed more than ${formatBytes(memoryBytes)} of memory.`;
}

function nameLimit({ name, message }: Thrown, limits: SandboxLimits): string | undefined {
  if (name !== "InternalError") return undefined;
  if (message === "out of memory") return outOfMemory(limits);
  return message === "stack overflow" ? tooDeep : undefined;
}

function bounded(text: string): string {
  return text.length <= maxMessageLength ? text : `${text.slice(0, maxMessageLength - 1)}…`;
}
