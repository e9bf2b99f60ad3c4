import { type Env, type ExecutionContext, Hono, type Schema } from "hono";

/** Answers one request: what Next.js, SvelteKit, Workers, `Deno.serve` and `Bun.serve` take. */
export type FetchHandler = (request: Request, env?: object, context?: ExecutionContext) => Response | Promise<Response>;

/**
 * An app, such as `flowRelay(…)`, as a plain function of a request, mounted at a path of another framework's. Call it with a request alone
 * where there are no bindings.
 *
 * ```ts
 * // Next.js: app/agent/[...route]/route.ts
 * const handler = fetchHandler(flowRelay({ flow: "acme/demo/spelling-grader", authorize }), "/agent");
 * export const GET = (request: Request) => handler(request);
 * export const POST = GET;
 * ```
 */
export function fetchHandler<E extends Env, S extends Schema, B extends string>(
  app: Hono<E, S, B>,
  path = "/",
): FetchHandler {
  const root = new Hono().route(path, app);
  return (request, env = {}, context) => root.fetch(request, env, context);
}
