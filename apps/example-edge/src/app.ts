import { noukai, type NoukaiBindings, type NoukaiEnv, onFlowError, streamFlow, webhook } from "@noukai/hono";
import { type Context, Hono } from "hono";
import { Digests, inMemory, type Namespace } from "./digests.ts";

export interface Bindings extends NoukaiBindings {
  /** `whsec_…` */
  readonly WEBHOOK_SECRET: string;
  /** Where this app is reached from outside, such as `https://digest.example`. Absent: jobs are asked for, not told. */
  readonly PUBLIC_URL?: string;
  readonly DIGESTS?: Namespace;
}

export interface Env extends NoukaiEnv {
  Bindings: Bindings;
}

const memory = inMemory();

function digestsOf(c: Context<Env>): Digests {
  return new Digests(c.env.DIGESTS ?? memory);
}

const client = noukai({ org: "acme", project: "news", sessions: false }); // articles are not recorded

/** One app for every edge: bindings are what differs. */
export const app = new Hono<Env>()
  .onError(onFlowError())
  /** The digest as it is written. */
  .post("/digest", client, async (c) =>
    streamFlow(c, c.var.noukai.flow("digest").events({ message: await c.req.text() })),
  )
  /** A digest that nobody waits for. */
  .post("/digests", client, async (c) => {
    const { PUBLIC_URL } = c.env;
    const job = await c.var.noukai.flow("digest").executeAsync({
      message: await c.req.text(),
      ...(PUBLIC_URL && { webhookUrl: `${PUBLIC_URL}/webhooks/noukai` }),
    });
    return c.json({ id: job.executionId }, 202);
  })
  .get("/digests/:id", client, async (c) => {
    const id = c.req.param("id");
    const told = await digestsOf(c).find(id);
    return c.json(told ?? (await c.var.noukai.flow("digest").job(id).poll()));
  })
  .post(
    "/webhooks/noukai",
    webhook<Env>(
      (c) => c.env.WEBHOOK_SECRET,
      (event, c) => digestsOf(c).keep(event),
    ),
  );
