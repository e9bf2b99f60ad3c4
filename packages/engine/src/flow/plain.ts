import type { Json } from "./definition.ts";
import type { Fault, Path } from "./fault.ts";
import { maxDepth, maxValues } from "./source.ts";

export type PlainResult = { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly fault: Fault };

/** A copy of a value as plain JSON. Refused: what JSON lacks (also `undefined` and `__proto__` as a name), and what is larger or deeper than a text may be. */
export function toJsonValue(value: unknown): PlainResult {
  let values = 0;
  const copy = (from: unknown, path: Path): Json => {
    values += 1;
    if (values > maxValues)
      throw new NotPlain([], `the definition holds more than ${maxValues} values. Make it smaller.`);
    if (path.length > maxDepth) throw new NotPlain(path, `is nested more than ${maxDepth} levels deep. Flatten it.`);
    if (from === null || typeof from === "string" || typeof from === "boolean") return from;
    if (typeof from === "number" && Number.isFinite(from)) return from;
    if (Array.isArray(from)) return from.map((item, index) => copy(item, [...path, index]));
    if (typeof from !== "object" || !isPlain(from))
      throw new NotPlain(
        path,
        `is no value of JSON (${typeof from}). Use texts, numbers, booleans, null, lists and plain objects.`,
      );
    return Object.fromEntries(
      Object.entries(from).map(([name, member]) => {
        if (name === "__proto__")
          throw new NotPlain([...path, name], "`__proto__` cannot be a name here. Choose another one.");
        return [name, copy(member, [...path, name])];
      }),
    );
  };
  try {
    return { ok: true, value: copy(value, []) };
  } catch (error) {
    if (error instanceof NotPlain) return { ok: false, fault: { path: error.path, message: error.message } };
    throw error;
  }
}

class NotPlain extends Error {
  readonly path: Path;

  constructor(path: Path, message: string) {
    super(message);
    this.path = path;
  }
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
