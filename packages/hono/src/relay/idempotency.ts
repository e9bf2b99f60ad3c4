import { RelayRefusal } from "../refusal.ts";

/** How much of a caller's key stays in front: the time in a UUIDv7, so that keys which come together lie together in the server's index. */
const TIME_LENGTH = 13;

/**
 * The key that a run is known by at the server: the caller's, made that user's own. Keys are one space for a whole project there; with another
 * user's key one would get that user's answer, or cancel that user's run. `undefined` when the caller gave none.
 */
export async function keyForUser(key: string | undefined, user: string, flowPath: string): Promise<string | undefined> {
  if (key === undefined) return undefined;
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) throw new RelayRefusal(400, "INVALID_REQUEST");
  const bytes = new TextEncoder().encode(JSON.stringify([user, flowPath, key]));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${key.slice(0, TIME_LENGTH)}-${hex}`;
}
