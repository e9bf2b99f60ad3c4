import { randomBytes } from "node:crypto";

/** An idempotency key in the order of time, as our SDK sends it. */
export function nextKey(): string {
  return `${Date.now().toString(16).padStart(12, "0")}-${randomBytes(10).toString("hex")}`;
}
