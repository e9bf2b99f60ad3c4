/** Peer: DBOS (TypeScript SDK) on PostgreSQL, behind the thinnest server; the caller waits for the workflow's result. */
import { serve } from "@hono/node-server";
import { DBOS } from "@dbos-inc/dbos-sdk";
import { Hono } from "hono";
import { announce } from "../src/subject.ts";

DBOS.setConfig({
  name: "noukai-bench",
  systemDatabaseUrl: process.env["DATABASE_URL"],
  systemDatabasePoolSize: 32,
  logLevel: "error",
});

const execute = DBOS.registerWorkflow(
  async (message) => {
    let value = { message };
    for (const name of ["one", "two", "three"]) {
      const input = value;
      value = await DBOS.runStep(() => Promise.resolve({ message: input.message }), { name });
    }
    return value;
  },
  { name: "threeSteps" },
);
await DBOS.launch();

const app = new Hono();
app.post("/execute", async (c) => {
  const { message } = await c.req.json();
  return c.json({ status: "completed", result: await execute(message) });
});

const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, () => announce(server));

process.once("SIGTERM", () => process.exit(0));
