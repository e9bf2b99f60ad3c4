/** Peer: Mastra's server (its Hono adapter) on LibSQL, or on PostgreSQL where `DATABASE_URL` is set. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve } from "@hono/node-server";
import { Mastra } from "@mastra/core";
import { createStep, createWorkflow } from "@mastra/core/workflows";
import { MastraServer } from "@mastra/hono";
import { Hono } from "hono";
import { z } from "zod";
import { announce } from "../src/subject.ts";

const databaseUrl = process.env["DATABASE_URL"];
const schema = z.object({ message: z.string() });
const step = (id) =>
  createStep({ id, inputSchema: schema, outputSchema: schema, execute: ({ inputData }) => Promise.resolve(inputData) });
const threeSteps = createWorkflow({ id: "threeSteps", inputSchema: schema, outputSchema: schema })
  .then(step("one"))
  .then(step("two"))
  .then(step("three"))
  .commit();

const storage = databaseUrl === undefined ? await openLibSql() : await openPostgres(databaseUrl);
const mastra = new Mastra({ workflows: { threeSteps }, storage, logger: false });
const app = new Hono();
await new MastraServer({ app, mastra }).init();

async function openLibSql() {
  const { LibSQLStore } = await import("@mastra/libsql");
  const dir = mkdtempSync(join(tmpdir(), "noukai-peer-"));
  process.once("exit", () => rmSync(dir, { recursive: true, force: true }));
  return new LibSQLStore({ id: "bench", url: `file:${join(dir, "mastra.db")}` });
}

async function openPostgres(url) {
  const { PostgresStore } = await import("@mastra/pg");
  return new PostgresStore({ id: "bench", connectionString: url, max: 32 });
}

const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, () => announce(server));

process.once("SIGTERM", () => process.exit(0));
