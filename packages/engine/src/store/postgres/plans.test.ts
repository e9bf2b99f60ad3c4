import { expect, it } from "vitest";
import { describePostgres } from "@noukai/postgres-for-tests";
import { append, completed, furnish } from "../contract/subject.ts";
import { toJournalRow } from "../journal-rows.ts";
import type { JournalEntry } from "../store.ts";
import {
  connect,
  type Connection,
  createPostgresDatabase,
  type PostgresDatabase,
  statementSession,
} from "./connection.ts";
import { createPostgresFlows } from "./flows.ts";
import { createPostgresJournal } from "./journal.ts";
import { createPostgresKeys } from "./keys.ts";
import { createPostgresPartials } from "./partials.ts";
import { openPostgresStore } from "./postgres-store.ts";
import { createPostgresPruning } from "./pruning.ts";
import { createPostgresQueries } from "./queries.ts";
import { createPostgresRuns } from "./runs.ts";
import { createSleepers } from "./sleepers.ts";

/** A node of a plan, as EXPLAIN gives it in JSON. */
interface PlanNode {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Index Name"?: string;
  readonly "Index Cond"?: string;
  readonly "Join Filter"?: string;
  readonly Alias?: string;
  readonly Plans?: readonly PlanNode[];
}

const growing = ["runs", "run_states", "log", "idempotency_keys", "definitions", "flows", "versions", "partial_chunks"];

/** Indexes of nothing but what is open: read from one end, or whole. */
const ofOpenRuns = ["waiting_runs", "held_runs", "partial_chunks_pkey"];

function nodesOf(node: PlanNode): readonly PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

/** Does the node read a whole table that grows with use, or more of an index than it wants? A bitmap's heap is read where its index says. */
function isScan(node: PlanNode): boolean {
  if (readsTooMuch(node)) return true;
  if (node["Node Type"].includes("Index")) {
    return node["Index Cond"] === undefined && !ofOpenRuns.includes(node["Index Name"] ?? "");
  }
  return node["Node Type"] === "Seq Scan" && growing.includes(node["Relation Name"] ?? "");
}

/** Does a join compare what the index of its inner side could have told? */
function readsTooMuch({ "Join Filter": filter = "", Plans: [, inner] = [] }: PlanNode): boolean {
  const columns = Array.from(filter.matchAll(/(\w+)\.(\w+)/g)).filter(([, table]) => table === inner?.Alias);
  return columns.some(([, , column = ""]) => inner?.["Index Cond"]?.includes(`(${column} `) === false);
}

/** Remembers the text of each statement that is executed, by its name. */
function recording(database: PostgresDatabase, texts: Map<string, string>): PostgresDatabase {
  const record = (connection: Connection): Connection => ({
    execute: (statement, values) => {
      texts.set(statement.name, statement.text);
      return connection.execute(statement, values);
    },
  });
  return { ...database, ...record(database), transaction: (work) => database.transaction((on) => work(record(on))) };
}

/** Has every statement of the store executed at least once. */
async function liveALife(url: string, database: PostgresDatabase): Promise<void> {
  const store = await openPostgresStore({ url });
  const runs = createPostgresRuns(database, 1, () => null);
  const queries = createPostgresQueries(database, () => null);
  const pruning = createPostgresPruning(database);
  const flows = createPostgresFlows(database);
  const keys = createPostgresKeys(database);
  const journal = createPostgresJournal(database, 1);
  const sleepers = createSleepers(60_000);
  const partials = createPostgresPartials(database, 1, sleepers);
  const { flow, project, newRun } = await furnish({ ...store, ...flows });
  const idempotency = { key: "call-1", requestHash: "hash" };
  const [run, again] = [newRun({ owner: null, idempotency }), newRun({ idempotency })];
  const entries: readonly JournalEntry[] = [
    { kind: "create", run, events: [] },
    { kind: "create", run: again, events: [] },
    append(run.id, 9, completed(1)),
  ];
  for (const entry of entries) await journal.append([toJournalRow(entry)], null);
  const text = { runId: run.id, stepId: "a", afterSeq: 1, loopPath: [], attempt: 1, offset: 0, delta: "so far" };
  await partials.append([text]);
  await partials.read(run.id);
  await partials.drop([text]);
  await partials.sweep();
  sleepers.close();
  await runs.claim("worker-1", 1);
  await runs.nextReadyAt();
  await runs.recover();
  await queries.run(run.id);
  await queries.runByKey(project.id, idempotency.key);
  await queries.runs({ projectId: project.id, limit: 1 });
  await queries.sessionRuns(run.id);
  await queries.pausedBefore(1, 1);
  await queries.eventsAfter(run.id, 0, 1);
  await journal.append([toJournalRow({ ...append(run.id, 1), status: "completed" })], null);
  await pruning.prunable(1, 1);
  await pruning.prune(run.id, []);
  await flows.publish(flow.id, null, 1);
  await flows.promote(flow.id, 1, 2);
  await flows.versions(flow.id);
  await flows.flow(project.id, flow.slug);
  await flows.flows(project.id);
  await flows.archive(flow.id, 1);
  await flows.definition(flow.draftHash);
  await keys.keys(project.id);
  await keys.revokeKey("unknown1", 1);
  await store.close();
}

describePostgres("plans of PostgreSQL statements", (postgres) => {
  it("look at no more rows than are wanted, whatever is stored", async () => {
    const { url, drop } = await postgres.createDatabase();
    const database = createPostgresDatabase(url);
    const texts = new Map<string, string>();
    await liveALife(url, recording(database, texts));
    expect(texts.size).toBeGreaterThan(30);

    const client = await connect(url);
    await client.query(statementSession);
    for (const [name, text] of texts) {
      const { rows } = await client.query<{ "QUERY PLAN": readonly { readonly Plan: PlanNode }[] }>(
        `EXPLAIN (GENERIC_PLAN, FORMAT JSON) ${text}`,
      );
      const plan = rows[0]?.["QUERY PLAN"][0]?.Plan;
      const scans = plan === undefined ? ["no plan"] : nodesOf(plan).filter(isScan);
      expect({ name, scans }).toEqual({ name, scans: [] });
    }
    await Promise.all([client.end(), database.close()]);
    await drop();
  });
});
