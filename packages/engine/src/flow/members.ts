import type { Json, JsonObject } from "./definition.ts";
import type { Path, Report } from "./fault.ts";
import { describeKind, isList, isObject, ownMember } from "./json.ts";
import { didYouMean } from "./suggest.ts";

/** Reports everything that is wrong with a value at a place. */
export type Check = (value: Json, path: Path, report: Report) => void;

/** The members that an object may have. */
export interface Members {
  readonly [name: string]: { readonly check: Check; readonly isRequired?: true };
}

/** An object of these members and no other. */
export function object(members: Members): Check {
  return (value, path, report) => {
    if (isObject(value)) checkMembers(value, { members, path }, report);
    else
      report({
        path,
        message: `expected an object with ${listNames(Object.keys(members))}, got ${describeKind(value)}.`,
      });
  };
}

export function checkMembers(
  value: JsonObject,
  at: { readonly members: Members; readonly path: Path },
  report: Report,
): void {
  const { members, path } = at;
  const names = Object.keys(members);
  for (const [name, member] of Object.entries(value)) {
    if (Object.hasOwn(members, name)) members[name]?.check(member, [...path, name], report);
    else
      report({
        path: [...path, name],
        at: "name",
        message: `is not known here.${didYouMean(name, names)} Allowed: ${listNames(names)}.`,
      });
  }
  for (const [name, { isRequired }] of Object.entries(members)) {
    if (isRequired && ownMember(value, name) === undefined) {
      report({ path: [...path, name], message: "is missing. Add it." });
    }
  }
}

export interface TextRule {
  readonly minLength?: number;
  readonly maxLength?: number;
  /** Gives what is wrong and the fix, or undefined. */
  readonly check?: (text: string) => string | undefined;
}

/** A string. Lengths are in UTF-16 units. */
export function text({ minLength = 0, maxLength = Number.POSITIVE_INFINITY, check }: TextRule = {}): Check {
  return (value, path, report) => {
    if (typeof value !== "string")
      return report({ path, message: `expected a string, got ${describeKind(value)}.${quoteHint(value)}` });
    if (value.length < minLength) return report({ path, message: "is empty. Write something." });
    if (value.length > maxLength)
      return report({ path, message: `is ${value.length} characters long; the limit is ${maxLength}.` });
    const fault = check?.(value);
    if (fault !== undefined) report({ path, message: fault });
  };
}

/** YAML reads bare numbers, `true` and `null` as what they look like. */
function quoteHint(value: Json): string {
  if (value === null) return " Give it a value, or remove the member.";
  return typeof value === "object" ? "" : " Put it in quotes.";
}

export function integer(least: number, most: number): Check {
  return (value, path, report) => {
    const isFine = typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;
    if (!isFine)
      report({ path, message: `expected a whole number from ${least} to ${most}, got ${describeNumber(value)}.` });
  };
}

export function number(least: number, most: number): Check {
  return (value, path, report) => {
    const isFine = typeof value === "number" && value >= least && value <= most;
    if (!isFine) report({ path, message: `expected a number from ${least} to ${most}, got ${describeNumber(value)}.` });
  };
}

function describeNumber(value: Json): string {
  return typeof value === "number" ? String(value) : describeKind(value);
}

export const flag: Check = (value, path, report) => {
  if (typeof value !== "boolean") report({ path, message: `expected true or false, got ${describeKind(value)}.` });
};

/** One of these values. */
export function choice(...values: readonly (string | null)[]): Check {
  const names = values.filter((value) => value !== null);
  return (value, path, report) => {
    if (values.some((allowed) => allowed === value)) return;
    const got = typeof value === "string" ? `\`${value.slice(0, 40)}\`` : describeKind(value);
    const hint = typeof value === "string" ? didYouMean(value, names) : "";
    report({ path, message: `expected one of ${listNames(names)}, got ${got}.${hint}` });
  };
}

export interface SizeRule {
  readonly least: number;
  readonly most: number;
  /** What the entries are called, such as "steps". */
  readonly of: string;
}

/** A list whose items pass `item`. */
export function list(item: Check, size: SizeRule): Check {
  return (value, path, report) => {
    if (!isList(value)) return report({ path, message: `expected a list of ${size.of}, got ${describeKind(value)}.` });
    checkSize(value.length, { path, size }, report);
    for (const [index, entry] of value.slice(0, size.most).entries()) item(entry, [...path, index], report);
  };
}

/** An object of names of the author's own choice; `name` gives what is wrong with a name. */
export function map(
  item: Check,
  { name, ...size }: SizeRule & { readonly name: (name: string) => string | undefined },
): Check {
  return (value, path, report) => {
    if (!isObject(value))
      return report({ path, message: `expected an object of ${size.of}, got ${describeKind(value)}.` });
    const entries = Object.entries(value);
    checkSize(entries.length, { path, size }, report);
    for (const [key, entry] of entries.slice(0, size.most)) {
      const fault = name(key);
      if (fault !== undefined) report({ path: [...path, key], at: "name", message: fault });
      item(entry, [...path, key], report);
    }
  };
}

function checkSize(
  count: number,
  { path, size }: { readonly path: Path; readonly size: SizeRule },
  report: Report,
): void {
  if (count < size.least) report({ path, message: `has no ${size.of}. Add at least ${size.least}.` });
  if (count > size.most) report({ path, message: `has ${count} ${size.of}; the limit is ${size.most}.` });
}

function listNames(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}
