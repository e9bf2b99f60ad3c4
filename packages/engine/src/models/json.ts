import type { JsonObject } from "../flow/definition.ts";

/** The member `object` of a response whose text is a JSON object; nothing when it is anything else. */
export function parseObject(text: string): { readonly object?: JsonObject } {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? { object: value } : {};
  } catch {
    return {};
  }
}

/** For values that come out of `JSON.parse`, whose members are JSON. */
function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
