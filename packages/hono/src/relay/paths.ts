import type { Context } from "hono";
import { RelayRefusal } from "../refusal.ts";

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;
const STEP_ID = /^[A-Za-z_][\w-]{0,63}$/;

/** The run's id as keys and paths have it; `undefined` for what is none. */
export function toExecutionId(text: unknown): string | undefined {
  return typeof text === "string" && UUID.test(text) ? text.toLowerCase() : undefined;
}

/** Where the caller stands in the stream; what is no number is none. */
export function cursorOf(c: Context): string | undefined {
  const cursor = c.req.header("last-event-id");
  return cursor !== undefined && /^\d{1,15}$/.test(cursor) ? cursor : undefined;
}

/** As `/steps/check/trace?attempt=all`. Throws 404 for what can be no step's name: dots and slashes would lead elsewhere. */
export function stepTracePath(c: Context): string {
  const stepId = c.req.param("stepId") ?? "";
  if (!STEP_ID.test(stepId)) throw new RelayRefusal(404, "STEP_NOT_FOUND");
  const query = ["attempt", "loop_index"].flatMap((name) => {
    const value = c.req.query(name);
    return value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`];
  });
  return `/steps/${stepId}/trace${query.length > 0 ? `?${query.join("&")}` : ""}`;
}
