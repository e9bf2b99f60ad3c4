import { expect, it } from "vitest";
import { describePostgres } from "@noukai/postgres-for-tests";
import { append, completed, furnish, seize } from "../contract/subject.ts";
import { toJournalRow } from "../journal-rows.ts";
import type { ApiKeyRecord, JournalEntry, NewRun } from "../store.ts";
import {
  connect,
  type Connection,
  createPostgresDatabase,
  type PostgresDatabase,
  statementSession,
} from "./connection.ts";
import { createPostgresCredits } from "./credits.ts";
import { createPostgresDeliveries } from "./deliveries.ts";
import { createPostgresExecutions } from "./executions.ts";
import { createPostgresFlows } from "./flows.ts";
import { createPostgresForgetting } from "./forgetting.ts";
import { createPostgresJournal } from "./journal.ts";
import { createPostgresKeys } from "./keys.ts";
import { createPostgresPartials } from "./partials.ts";
import { openPostgresStore } from "./postgres-store.ts";
import { createPostgresPruning } from "./pruning.ts";
import { createPostgresQueries } from "./queries.ts";
import { createPostgresRuns } from "./runs.ts";
import { settleWaiting } from "./settling.ts";
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

const growing = [
  "runs",
  "run_states",
  "log",
  "idempotency_keys",
  "definitions",
  "flows",
  "versions",
  "partial_chunks",
  "credits",
  "credit_grants",
  "deliveries",
  "executions",
  "execution_changes",
];

/** Indexes of nothing but what is open: read from one end, or whole. */
const ofOpenRuns = [
  "waiting_runs",
  "held_runs",
  "executions_without_step",
  "executions_to_cancel",
  "partial_chunks_pkey",
];

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

function apiKeyOf(projectId: string): ApiKeyRecord {
  const times = { createdAt: 1, expiresAt: null, revokedAt: null };
  return { id: "abcd1234", projectId, name: "k", mode: "live", secretHash: "h", scopes: [], ...times };
}

/** Has every statement of the store executed at least once. */
async function liveALife(url: string, database: PostgresDatabase): Promise<void> {
  const store = await openPostgresStore({ url });
  const runs = createPostgresRuns(database, 1, () => null);
  const queries = createPostgresQueries(database, () => null);
  const forgetting = createPostgresForgetting(database);
  const pruning = createPostgresPruning(database);
  const flows = createPostgresFlows(database);
  const keys = createPostgresKeys(database);
  const journal = createPostgresJournal(database, 1);
  const credits = createPostgresCredits(database);
  const deliveries = createPostgresDeliveries(database, () => null);
  const sleepers = createSleepers(60_000);
  const partials = createPostgresPartials(database, 1, sleepers);
  const { flow, project, newRun } = await furnish({ ...store, ...flows });
  const idempotency = { key: "call-1", requestHash: "hash" };
  const webhook = { url: "https://hooks.example.org/", host: "hooks.example.org" };
  const [run, again] = [newRun({ owner: null, idempotency, webhook }), newRun({ idempotency })];
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
  await deliveries.claimDeliveries({ projectIds: [project.id], exceptHosts: [], limit: 1, leaseMs: 1 });
  await deliveries.settleDelivery({ runId: run.id, attempt: 1 }, { end: "failed", retryInMs: 1 });
  await deliveries.settleDelivery({ runId: run.id, attempt: 1 }, { end: "delivered" });
  await haveExecutions(database, {
    journal,
    newRun: () => newRun({ owner: null }),
    flowId: flow.id,
    projectId: project.id,
  });
  await runs.claim("worker-1", 10);
  await pruning.prunable(1, 1);
  await pruning.prune(run.id, []);
  await forgetting.forget(flow.id, Date.now() * 2, 1);
  await flows.saveSettings(project.id, {});
  await flows.retentions(project.id);
  await flows.publish(flow.id, null, 1);
  await flows.promote(flow.id, 1, 2);
  await flows.versions(flow.id);
  await flows.flow(project.id, flow.slug);
  await flows.flows(project.id);
  await flows.archive(flow.id, 1);
  await flows.definition(flow.draftHash);
  await keys.keys(project.id);
  await keys.saveKey(apiKeyOf(project.id), { most: 10, at: 1 });
  await credits.credits(project.id);
  await credits.setCredits(project.id, "1");
  await credits.addCredits(project.id, { key: "topup-1", amountUsd: "1", at: 1 });
  await keys.revokeKey("unknown1", 1);
  await store.close();
}

async function haveExecutions(
  database: PostgresDatabase,
  {
    journal,
    newRun,
    flowId,
    projectId,
  }: {
    readonly journal: ReturnType<typeof createPostgresJournal>;
    readonly newRun: () => NewRun;
    readonly flowId: string;
    readonly projectId: string;
  },
): Promise<void> {
  const executions = createPostgresExecutions(database, () => null);
  const run = newRun();
  const place = { id: run.id, runNumber: 1, modifiedBy: "k", webhookUrl: null };
  await journal.append([toJournalRow({ kind: "create", run, events: [], execution: place })], null);
  await executions.execution(run.id);
  const query = { flowId, statuses: ["queued"], offset: 0, limit: 1 } as const;
  for (const sortField of ["createdAt", "updatedAt"] as const)
    for (const isDescending of [true, false]) await executions.executions({ ...query, sortField, isDescending });
  for (const executionId of [{}, { executionId: run.id }])
    await executions.executionChanges({ projectIds: [projectId], after: "0-0", limit: 1, ...executionId });
  await executions.latestChange();
  await executions.commandExecution(run.id, "k", { kind: "requestCancel" });
  await executions.runsToCancel(1);
  await journal.append([toJournalRow({ ...seize(run.id, 0, "cancelled", completed(1)), isOfExecution: true })], null);
  const later = newRun();
  const next = { kind: "create", run: later, events: [], execution: { ...place, runNumber: 2 } } as const;
  const edit = { stepIndex: 0, output: {} };
  await executions.commandExecution(run.id, "k", { kind: "edit", runId: run.id, stepId: "a", edit, isStale: true });
  await journal.append([toJournalRow(next)], null);
  await executions.commandExecution(run.id, "k", { kind: "delete" });
  await settleWaiting(database, null);
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
