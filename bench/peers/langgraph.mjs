/**
 * Peer: LangGraph.js with a checkpointer, behind the thinnest server that there is; it has none of its own that installs without an account.
 * `DATABASE_URL` set: PostgreSQL, else SQLite. `durability: "sync"`, since only then is a step's checkpoint written before the next begins.
 */
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve } from "@hono/node-server";
import { Annotation, END, START, StateGraph } from "@langchain/langgraph";
import { Hono } from "hono";
import { announce } from "../src/subject.ts";

const databaseUrl = process.env["DATABASE_URL"];
const checkpointer = databaseUrl === undefined ? await openSqlite() : await openPostgres(databaseUrl);
const pass = ({ message }) => ({ message });
const graph = new StateGraph(Annotation.Root({ message: Annotation() }))
  .addNode("one", pass)
  .addNode("two", pass)
  .addNode("three", pass)
  .addEdge(START, "one")
  .addEdge("one", "two")
  .addEdge("two", "three")
  .addEdge("three", END)
  .compile({ checkpointer });

async function openSqlite() {
  const { SqliteSaver } = await import("@langchain/langgraph-checkpoint-sqlite");
  const dir = mkdtempSync(join(tmpdir(), "noukai-peer-"));
  process.once("exit", () => rmSync(dir, { recursive: true, force: true }));
  return SqliteSaver.fromConnString(join(dir, "langgraph.db"));
}

async function openPostgres(url) {
  const { PostgresSaver } = await import("@langchain/langgraph-checkpoint-postgres");
  const { Pool } = await import("pg");
  const saver = new PostgresSaver(new Pool({ connectionString: url, max: 32 }));
  await saver.setup();
  return saver;
}

async function execute(message) {
  return graph.invoke({ message }, { configurable: { thread_id: randomUUID() }, durability: "sync" });
}

const app = new Hono();
app.post("/execute", async (c) => {
  const { message } = await c.req.json();
  return c.json({ status: "completed", result: await execute(message) });
});

// The first run makes the tables and sets the journal's mode: only then does the pragma tell what holds.
await execute("first");
const detail = databaseUrl === undefined ? sqliteDurability(checkpointer.db) : "";
const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, () => announce(server, detail));

function sqliteDurability(database) {
  return `journal_mode=${database.pragma("journal_mode", { simple: true })} synchronous=${database.pragma("synchronous", { simple: true })}`;
}

process.once("SIGTERM", () => process.exit(0));
