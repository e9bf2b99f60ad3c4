import { ValueError } from "@noukai/sdk";
import { type Context, type Env, Hono } from "hono";
import { closeBehindAnswer } from "../node-connection.ts";
import { RelayRefusal } from "../refusal.ts";
import { Exchange } from "./exchange.ts";
import type { ManyFlowsOptions, OneFlowOptions, RelayOptions } from "./options.ts";
import { stepTracePath } from "./paths.ts";
import type { RelayRoutes } from "./relay-routes.ts";

type Answer = (c: Context) => Promise<Response>;

/**
 * Lends browsers your key for one flow, or for a few: the routes that `createRelayFlow` speaks to. Mount it where its pages look for it:
 * `app.route("/agent", flowRelay({ flow: "acme/demo/spelling-grader", authorize }))`.
 *
 * Callers run nothing but what is pinned, send nothing but what is allowed, and see no run but their own. Streams go on byte by byte, with
 * their heartbeats; a caller who leaves cancels nothing. Nothing is retried here, no key or body logged, and of what the server refuses only
 * status and code are told. Throws `ValueError` for options that cannot be; a missing key is one at the first request.
 */
export function flowRelay<E extends Env = Env>(options: OneFlowOptions<E>): Hono<E, RelayRoutes<"">>;
/** A relay of several flows: `/agent/{name}/execute` and the rest, for the names in `flows`. */
export function flowRelay<E extends Env = Env>(options: ManyFlowsOptions<E>): Hono<E, RelayRoutes<"/:flow">>;
export function flowRelay(options: RelayOptions): unknown {
  if (!options.authorize && options.ticketSecret === undefined) {
    throw new ValueError("The relay does not know who calls. Give `authorize`, or a `ticketSecret`.");
  }
  const exchange = new Exchange(options);
  const app = new Hono().basePath(options.flows ? "/:flow" : "/");
  app.post(
    "/execute",
    answering((c) => exchange.run(c, "execute")),
  );
  app.post(
    "/step",
    answering((c) => exchange.run(c, "step")),
  );
  app.post(
    "/jobs",
    answering((c) => exchange.run(c, "jobs")),
  );
  app.post(
    "/runs/cancel",
    answering((c) => exchange.cancelByKey(c)),
  );
  for (const kind of ["runs", "jobs"] as const) {
    app.post(
      `/${kind}/:executionId/cancel`,
      answering((c) => exchange.cancel(c)),
    );
    app.get(
      `/${kind}/:executionId`,
      answering((c) => exchange.read(c, kind, "")),
    );
  }
  for (const rest of ["/trace", "/trace/stream"]) {
    app.get(
      `/runs/:executionId${rest}`,
      answering((c) => exchange.read(c, "runs", rest)),
    );
  }
  app.get(
    "/runs/:executionId/steps/:stepId/trace",
    answering((c) => exchange.read(c, "runs", stepTracePath(c))),
  );
  return app;
}

/** What is refused is an answer; anything else is a fault of the app's, and its to handle. */
function answering(answer: Answer): Answer {
  return async (c) => {
    try {
      return await answer(c);
    } catch (error) {
      if (!(error instanceof RelayRefusal)) throw error;
      if (c.req.method === "POST" && !c.req.raw.bodyUsed) closeBehindAnswer(c);
      return error.toResponse();
    }
  };
}
