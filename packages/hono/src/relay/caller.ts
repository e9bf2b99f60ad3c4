import type { Context } from "hono";
import { RelayRefusal } from "../refusal.ts";
import type { Grant, RelayCall, RelayOptions } from "./options.ts";
import { readTicket, type Ticket } from "./tickets.ts";

/** What the caller's ticket says. `undefined` without one; throws 401 for one that is not ours or has expired. */
export async function ticketOf(c: Context, { ticketSecret, now }: RelayOptions): Promise<Ticket | undefined> {
  const [, given] = /^Bearer (nkt_.+)$/i.exec(c.req.header("authorization") ?? "") ?? [];
  if (given === undefined || ticketSecret === undefined) return undefined;
  const secret = typeof ticketSecret === "function" ? ticketSecret(c) : ticketSecret;
  const ticket = await readTicket(given, { secret, now });
  if (ticket) return ticket;
  throw new RelayRefusal(401, "UNAUTHENTICATED");
}

/** What the caller may do, once it may do anything. Throws what `authorize` refuses with. */
export async function grantFor(c: Context, call: RelayCall, { authorize }: RelayOptions): Promise<Grant> {
  if (!authorize) {
    if (call.ticket) return { user: call.ticket.user };
    throw new RelayRefusal(401, "UNAUTHENTICATED");
  }
  const grant = await askedOf(() => authorize(c, call));
  // Untyped code may give nothing, and means "no" by it.
  if (typeof (grant as Grant | undefined)?.user === "string" && grant.user !== "") return grant;
  throw new RelayRefusal(403, "FORBIDDEN");
}

async function askedOf(ask: () => Grant | Promise<Grant>): Promise<Grant> {
  try {
    return await ask();
  } catch (error) {
    throw refusalBy(error);
  }
}

/** Its status and detail, where both are what they should be. Its message is for the server's own people. */
function refusalBy(error: unknown): RelayRefusal {
  const { status, detail, retryAfter } = (error ?? {}) as Partial<RelayRefusal>; // any value can be asked for members
  const isStatus = typeof status === "number" && Number.isInteger(status) && status >= 400 && status <= 599;
  if (!isStatus) return new RelayRefusal(403, "FORBIDDEN");
  const wait = typeof retryAfter === "number" ? retryAfter : undefined;
  return new RelayRefusal(status, typeof detail === "string" ? detail : codeFor(status), wait);
}

function codeFor(status: number): string {
  if (status === 401) return "UNAUTHENTICATED";
  return status === 429 ? "RATE_LIMITED" : "FORBIDDEN";
}
