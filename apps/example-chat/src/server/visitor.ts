import type { MiddlewareHandler } from "hono";
import { getCookie, setCookie } from "hono/cookie";

const COOKIE = "visitor";
const YEAR_S = 31_536_000;
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

export interface VisitorEnv {
  /** Absent on a first visit: nothing was begun by it. */
  Variables: { visitor: string | undefined };
}

/**
 * Tells visitors apart by a random name that scripts cannot read and nobody can guess. Your sign-in stands here in a real application. The
 * first page that a browser loads gives it its name.
 */
export function visitor(): MiddlewareHandler<VisitorEnv> {
  return async (c, next) => {
    const name = getCookie(c, COOKIE);
    const isKnown = name !== undefined && UUID.test(name);
    c.set("visitor", isKnown ? name : undefined);
    if (!isKnown && c.req.header("accept")?.includes("text/html")) {
      const secure = new URL(c.req.url).protocol === "https:";
      setCookie(c, COOKIE, crypto.randomUUID(), { httpOnly: true, sameSite: "Lax", secure, maxAge: YEAR_S, path: "/" });
    }
    await next();
  };
}
