import { verifyWebhook, type VerifyWebhookOptions, type WebhookEvent, WebhookVerificationError } from "@noukai/sdk";
import type { Context, Env, Handler } from "hono";
import { readBody } from "./body.ts";
import { RelayRefusal } from "./refusal.ts";

const BODY_BOUNDS = { maxBytes: 1_048_576, timeoutMs: 30_000 };

/** `whsec_…`, several while one replaces another; or a function that finds it, as on Workers, where secrets are in `c.env`. */
export type WebhookSecret<E extends Env = Env> =
  | VerifyWebhookOptions["secret"]
  | ((c: Context<E>) => VerifyWebhookOptions["secret"]);

/**
 * A route for our webhooks: the handler sees only what the holder of the secret has signed within the last five minutes. What it gives is the
 * answer; nothing: 204. Anything else is answered with 400 and the reason's code, or 413 above 1 MiB. A handler that throws is called again
 * later by the same webhook: `c.req.header("webhook-id")` tells which one it is.
 */
export function webhook<E extends Env = Env>(
  secret: WebhookSecret<E>,
  handler: (event: WebhookEvent, c: Context<E>) => Response | void | Promise<Response | void>,
): Handler<E> {
  return async (c) => {
    try {
      const payload = await readBody(c, BODY_BOUNDS);
      const known = typeof secret === "function" ? secret(c) : secret;
      const event = await verifyWebhook({ payload, headers: c.req.raw.headers, secret: known });
      return (await handler(event, c)) ?? c.body(null, 204);
    } catch (error) {
      if (error instanceof WebhookVerificationError) return new RelayRefusal(400, error.code).toResponse();
      if (error instanceof RelayRefusal) return error.toResponse();
      throw error;
    }
  };
}
