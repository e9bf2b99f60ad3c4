import type { EventsOptions } from "./stream-options.ts";

/** What an option that is told by its type alone must be; `any` of those that are checked wherever they are used. */
const TYPES: Readonly<Record<string, string>> = {
  message: "string",
  sessionId: "string",
  timeout: "number",
  trace: "boolean",
  version: "any",
  session: "any",
  onConnection: "any",
};

/**
 * Can a look tell that `prepareEvents` would have nothing to do? So it is for most streams, which are given a text or some flat parameters.
 */
export function isPlain({ signal, parameters, ...others }: EventsOptions): boolean {
  return (
    (signal === undefined || signal instanceof AbortSignal) &&
    (parameters === undefined || isFlat(parameters)) &&
    Object.entries(others).every(
      ([name, value]) => value === undefined || TYPES[name] === "any" || TYPES[name] === typeof value,
    )
  );
}

/** A plain object of values that JSON can hold, whose names are all free. */
function isFlat(parameters: object): boolean {
  const values: readonly unknown[] = Object.values(parameters ?? {}); // untyped callers may give null
  const isScalar = (value: unknown): boolean => /^(string|boolean)$/.test(typeof value) || Number.isFinite(value);
  return parameters?.constructor === Object && !("attachments" in parameters) && values.every(isScalar);
}
