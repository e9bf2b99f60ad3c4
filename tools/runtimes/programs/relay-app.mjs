// An app with everything of @noukai/hono, for every runtime that Hono serves: its settings come as bindings.
import { flowRelay, noukai, streamFlow, webhook } from "@noukai/hono";
import { Hono } from "hono";

export const WEBHOOK_SECRET = `whsec_${btoa("a secret of the smoke test")}`;
export const CONCURRENT = 3;

const flows = { talk: "smoke/smoke/talk", ask: "smoke/smoke/ask", wait: "smoke/smoke/wait" };
const authorize = (c) => ({ user: c.req.header("x-user") ?? "" });

export const app = new Hono()
  .route("/agent", flowRelay({ flows, authorize, limits: { concurrent: CONCURRENT } }))
  .get("/live", noukai(), (c) => streamFlow(c, c.var.noukai.flow("smoke/smoke/talk").events({ message: "hello" })))
  .post(
    "/webhook",
    webhook(WEBHOOK_SECRET, ({ type }, c) => c.text(type)),
  );
