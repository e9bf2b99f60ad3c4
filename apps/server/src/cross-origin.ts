import type { Projects } from "@noukai/engine";
import type { MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import type { ServerEnv } from "./context.ts";

/** `/api/v1/seq/{org}/{project}/…` and `/api/v1/projects/{org}/{project}/…` */
const projectPath = /^\/api\/v1\/(?:seq|projects)\/(?<org>[^/]+)\/(?<project>[^/]+)\//u;

/**
 * Lets pages of the server's own `origins` call every project, and those that a project names that project. A path without a project's name
 * is open to the pages of all: what a caller may do there its key decides, and this is only about which pages may read the answer.
 * An origin that nobody named gets no CORS header.
 */
export function crossOrigin(origins: readonly string[], projects: Projects): MiddlewareHandler<ServerEnv> {
  const isAllowed = async (origin: string, path: string): Promise<boolean> => {
    if (origins.includes(origin)) return true;
    const named = projectPath.exec(path)?.groups;
    return (await projects.all()).some(
      ({ org, slug, settings }) =>
        (named === undefined || (named["org"] === org && named["project"] === slug)) &&
        settings.corsOrigins?.includes(origin) === true,
    );
  };
  const allow = cors({
    origin: (origin) => origin,
    allowMethods: ["GET", "POST", "PUT", "DELETE"],
    allowHeaders: [
      "authorization",
      "content-type",
      "idempotency-key",
      "last-event-id",
      "x-api-key",
      "x-noukai-api-version",
      "x-noukai-on-disconnect",
      "x-session-id",
    ],
    exposeHeaders: ["retry-after", "x-noukai-execution-id", "x-request-id", "x-should-retry"],
    maxAge: 600,
  });
  return async (c, next) => {
    const origin = c.req.header("origin");
    // Most calls come from servers and carry none: they pay for one look at a header.
    if (origin === undefined || !(await isAllowed(origin, c.req.path))) return next();
    return allow(c, next);
  };
}
