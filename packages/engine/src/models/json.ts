import type { JsonObject } from "../flow/definition.ts";

/** The member `object` of a response whose text is a JSON object; nothing when it is anything else. */
export function parseObject(text: string): { readonly object?: JsonObject } {
  const value = parseJson(text);
  return isJsonObject(value) ? { object: value } : {};
}

/** `undefined` for what is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Anything with members. */
export function hasMembers(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** For values that come out of `JSON.parse`, whose members are JSON. */
function isJsonObject(value: unknown): value is JsonObject {
  return hasMembers(value) && !Array.isArray(value);
}
