import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import type { Engine } from "@noukai/engine";
import type { Authenticator, Principal } from "./auth.ts";
import type { ServerLimits } from "./limits.ts";
import type { Log } from "./log.ts";
import type { Limiter } from "./rate-limiter.ts";

/** One request as logs and figures know it. */
export interface Call {
  readonly requestId: string;
  /** The operation's id in the contract; `none` for a path that is not of it. */
  readonly operation: string;
  readonly startedAt: number;
  /** Its connection was broken on purpose; nothing more is to be said. */
  isReset: boolean;
  /** UTF-8 bytes that its body may have. */
  readonly bodyLimitBytes: number;
}

/** What a request carries through the app. A type and not an interface: Hono asks for an index signature. */
export type ServerEnv = {
  /** Node's own request and response; absent when the app is called as a function. */
  Bindings: Partial<HttpBindings>;
  Variables: { call: Call };
};

export type ServerContext = Context<ServerEnv>;

/** Answers one operation for a caller whose key was accepted. */
export type Handler = (c: ServerContext, principal: Principal) => Response | Promise<Response>;

/** Answers one operation that asks for no key. */
export type PublicHandler = (c: ServerContext) => Response | Promise<Response>;

/** What the routes work with. */
export interface Services {
  readonly engine: Engine;
  readonly auth: Authenticator;
  readonly log: Log;
  readonly now: () => number;
  readonly limits: ServerLimits;
  /** Of requests per minute, by project. */
  readonly requestLimiter: Limiter;
  /** Time between two heartbeats of a stream. */
  readonly heartbeatMs: number;
  /** Event streams that are open, counted by whoever opens one. */
  readonly streams: { open: number };
  /** True from the moment in which the process begins to stop. */
  readonly isDraining: () => boolean;
}
