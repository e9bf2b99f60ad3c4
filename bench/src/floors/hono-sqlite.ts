/**
 * Floor: the least that a durable three-step run costs on this machine. Hono, a parsed body, and SQLite with
 * `synchronous=FULL` under natural group commit, on one thread: per request, `COMMITS` rows (default 4: the run, then each
 * step's completion) that are durable one after the other. No validation, no authentication, no interpreter.
 */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { announce } from "../subject.ts";

const commitsPerRun = Number(process.env["COMMITS"] ?? "4");
const dir = mkdtempSync(join(tmpdir(), "noukai-floor-"));
process.once("exit", () => rmSync(dir, { recursive: true, force: true }));

const database = new DatabaseSync(join(dir, "floor.db"));
database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
database.exec("CREATE TABLE log (run_id BLOB, seq INTEGER, body TEXT, PRIMARY KEY (run_id, seq)) WITHOUT ROWID");
const insert = database.prepare("INSERT INTO log VALUES (?, ?, ?)");

interface Row {
  readonly runId: Uint8Array;
  readonly seq: number;
  readonly body: string;
  readonly onDurable: () => void;
}

let waiting: Row[] = [];

/** Resolves when the row is on disk; all rows of one turn of the event loop share a commit. */
function write(runId: Uint8Array, seq: number, body: string): Promise<void> {
  return new Promise((onDurable) => {
    if (waiting.length === 0) setImmediate(flush);
    waiting.push({ runId, seq, body, onDurable });
  });
}

function flush(): void {
  const rows = waiting;
  waiting = [];
  database.exec("BEGIN");
  for (const { runId, seq, body } of rows) insert.run(runId, seq, body);
  database.exec("COMMIT");
  for (const { onDurable } of rows) onDurable();
}

/** UUIDv7 as bytes: time first, so that keys are appended in order. */
function nextRunId(): Uint8Array {
  const id = randomBytes(16);
  id.writeUIntBE(Date.now(), 0, 6);
  return id;
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
