import { flowRelay, type OneFlowOptions, RelayRefusal } from "@noukai/hono";
import { Hono } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { visitor, type VisitorEnv } from "./visitor.ts";

/** What is different from place to place. The key is read from the bindings or the environment: `NOUKAI_API_KEY`. */
export type ChatOptions = Pick<OneFlowOptions<VisitorEnv>, "store" | "apiKey" | "baseUrl">;

/** The chat's server, for any runtime: the relay under `/agent`. Pages come from what the runtime has for files. */
export function chatApp(options: ChatOptions = {}): Hono<VisitorEnv> {
  const app = new Hono<VisitorEnv>();
  app.use(secureHeaders({ contentSecurityPolicy: { defaultSrc: ["'self'"], imgSrc: ["'self'", "data:"] } }));
  app.use(visitor());
  app.route(
    "/agent",
    flowRelay<VisitorEnv>({
      ...options,
      flow: "acme/kitchen/assistant",
      authorize(c) {
        const user = c.var.visitor;
        if (user === undefined) throw new RelayRefusal(401, "UNAUTHENTICATED");
        return { user };
      },
      limits: { runsPerMinute: 30 },
    }),
  );
  return app;
}
