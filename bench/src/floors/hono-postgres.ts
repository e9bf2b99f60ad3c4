/**
 * Floor: the least that a durable three-step run costs on PostgreSQL (`DATABASE_URL`). Hono, a parsed body, and natural group commit over one
 * connection: per request, `COMMITS` rows (default 4: the run, then each step's completion) that are durable one after the other.
 * No validation, no authentication, no interpreter.
 */
import { randomBytes } from "node:crypto";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { Client } from "pg";
import { announce } from "../subject.ts";

const commitsPerRun = Number(process.env["COMMITS"] ?? "4");
const client = new Client({ connectionString: process.env["DATABASE_URL"] });
await client.connect();
await client.query("CREATE TABLE log (run_id uuid, seq integer, body text, PRIMARY KEY (run_id, seq))");

interface Row {
  readonly runId: string;
  readonly seq: number;
  readonly body: string;
  readonly onDurable: () => void;
}

let waiting: Row[] = [];
let isFlushing = false;

/** Resolves when the row is on disk; rows that come while a commit is under way share the next one. */
function write(runId: string, seq: number, body: string): Promise<void> {
  return new Promise((onDurable) => {
    waiting.push({ runId, seq, body, onDurable });
    if (isFlushing) return;
    isFlushing = true;
    setImmediate(() => void flush());
  });
}

async function flush(): Promise<void> {
  while (waiting.length > 0) {
    const rows = waiting;
    waiting = [];
    await client.query({
      name: "insert",
      text: "INSERT INTO log SELECT * FROM unnest($1::uuid[], $2::integer[], $3::text[])",
      values: [rows.map((row) => row.runId), rows.map((row) => row.seq), rows.map((row) => row.body)],
    });
    for (const { onDurable } of rows) onDurable();
  }
  isFlushing = false;
}

/** UUIDv7: time first, so that keys are appended in order. */
function nextRunId(): string {
  const id = randomBytes(16);
  id.writeUIntBE(Date.now(), 0, 6);
  return id.toString("hex");
}

const app = new Hono();
app.post("/execute", async (c) => {
  const { message } = await c.req.json<{ message: string }>();
  const runId = nextRunId();
  const body = JSON.stringify([
    { type: "step_completed", stepId: "one", output: { message }, durationMs: 0 },
    { type: "step_started", stepId: "two", name: "two" },
    { type: "step_input", stepId: "two", inputData: { message } },
  ]);
  for (let seq = 1; seq <= commitsPerRun; seq += 1) await write(runId, seq, body);
  return c.json({ status: "completed", result: { message } });
});

const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, () => announce(server));
