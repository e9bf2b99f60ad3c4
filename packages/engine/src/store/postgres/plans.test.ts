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
import { createPostgresBacklog } from "./backlog.ts";
import { createPostgresCredits } from "./credits.ts";
import { createPostgresDeliveries } from "./deliveries.ts";
import { createPostgresExecutions } from "./executions.ts";
import { createPostgresFlows } from "./flows.ts";
import { createPostgresForgetting } from "./forgetting.ts";
import { createPostgresJournal } from "./journal.ts";
import { createPostgresKeys } from "./keys.ts";
import { createMending } from "./mending.ts";
import { createPostgresPartials } from "./partials.ts";
import { openPostgresStore } from "./postgres-store.ts";
import { createPostgresPruning } from "./pruning.ts";
import { createPostgresQueries } from "./queries.ts";
import { createPostgresNodes } from "./nodes.ts";
import { createPostgresRecovery } from "./recovery.ts";
import { createPostgresRuns } from "./runs.ts";
import { settleWaiting } from "./settling.ts";
import { createSleepers } from "./sleepers.ts";
import { laterQueue, openTickets, readyQueue, type Tickets } from "./tickets.ts";

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
  "rate_tokens",
  "turns",
  "kept_tickets",
];

/** Indexes of nothing but what is open: read from one end, or whole. */
const ofOpenRuns = [
  "full_projects_pkey",
  "version_pkey",
  "pending_runs",
  "held_runs",
  "paused_runs",
  "workers_pkey",
  "executions_without_step",
  "executions_to_cancel",
  "partial_chunks_pkey",
  "cancel_requests_pkey",
];

/** pg-boss names the table of a queue by a hash. */
function isGrowing(table: string): boolean {
  return growing.includes(table) || /^j[0-9a-f]{56}$/.test(table);
}

function nodesOf(node: PlanNode): readonly PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

/** Does the node read a whole table that grows with use, or more of an index than it wants? A bitmap's heap is read where its index says. */
function isScan(node: PlanNode): boolean {
  if (readsTooMuch(node)) return true;
  if (node["Node Type"].includes("Index")) {
    return node["Index Cond"] === undefined && !ofOpenRuns.includes(node["Index Name"] ?? "");
  }
  return node["Node Type"] === "Seq Scan" && isGrowing(node["Relation Name"] ?? "");
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
      texts.set(statement.name === "" ? statement.text : statement.name, statement.text);
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
  const tickets = await openTickets(database);
  const runs = createPostgresRuns({ database, tickets, holder: 1, now: () => null });
  const queries = createPostgresQueries(database, () => null);
  const forgetting = createPostgresForgetting(database);
  const pruning = createPostgresPruning(database);
  const flows = createPostgresFlows(database);
  const keys = createPostgresKeys(database);
  const journal = createPostgresJournal({ database, tickets, holder: 1 });
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
  await useWaitingRoom(database, { tickets, runs, journal, newRun: () => newRun({ owner: null }) });
  await runs.claim({ worker: "worker-1", limit: 1, concurrentRuns: 1 });
  await runs.nextReadyAt();
  const presence = { number: 1, quietMs: 0, join: () => Promise.resolve() };
  const recovery = createPostgresRecovery({ database, presence, runs, now: () => null });
  await recovery.recover();
  await runs.makeReady(database, [7]);
  await createPostgresBacklog(database, () => null).backlog();
  const nodes = createPostgresNodes({ database, holder: 1, recovery, sleepers, now: () => null });
  await nodes.held("worker-1");
  await nodes.requestCancel(run.id);
  await nodes.cancelRequests(1);
  await nodes.takeTokens({ name: "calls", perMinute: 60, want: 1, unused: 0 });
  await queries.run(run.id);
  await queries.runByKey(project.id, idempotency.key);
  await queries.runs({ projectId: project.id, limit: 1 });
  await queries.sessionRuns(run.id);
  await queries.pausedBefore(1, 1);
  await queries.eventsAfter(run.id, 0, 1);
  await journal.append([toJournalRow({ ...append(run.id, 1), status: "completed" })], null);
  await journal.append([toJournalRow({ ...append(again.id, 1, completed(1)), chargeUsd: "0.1" })], null);
  await deliveries.claimDeliveries({ projectIds: [project.id], exceptHosts: [], limit: 1, leaseMs: 1 });
  await deliveries.settleDelivery({ runId: run.id, attempt: 1 }, { end: "failed", retryInMs: 1 });
  await deliveries.settleDelivery({ runId: run.id, attempt: 1 }, { end: "delivered" });
  await haveExecutions(database, {
    journal,
    newRun: () => newRun({ owner: null }),
    flowId: flow.id,
    projectId: project.id,
  });
  await runs.claim({ worker: "worker-1", limit: 10, concurrentRuns: null });
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
  await tickets.close();
  sleepers.close();
  await store.close();
}

/** Has projects be full and have room again, runs be delayed, and tickets be lost. */
async function useWaitingRoom(
  database: PostgresDatabase,
  {
    tickets,
    runs,
    journal,
    newRun,
  }: {
    readonly tickets: Tickets;
    readonly runs: ReturnType<typeof createPostgresRuns>;
    readonly journal: ReturnType<typeof createPostgresJournal>;
    readonly newRun: () => NewRun;
  },
): Promise<void> {
  const delayed = { ...newRun(), readyAt: Date.now() + 100 };
  const waiting = [newRun(), newRun(), delayed];
  const bounded = { ...newRun(), concurrentRuns: 1 };
  const entries = [...waiting, bounded, bounded].map((run): JournalEntry => ({ kind: "create", run, events: [] }));
  for (const entry of entries) await journal.append([toJournalRow(entry)], null);
  const claimed = new Set<string>();
  const claim = async (concurrentRuns: number): Promise<ReadonlySet<string>> => {
    const handedOut = await runs.claim({ worker: "worker-1", limit: 10, concurrentRuns });
    for (const { id } of handedOut.runs) claimed.add(id);
    return claimed;
  };
  for (const concurrentRuns of [1, 3]) await claim(concurrentRuns);
  await expect.poll(() => claim(9)).toContain(delayed.id);
  for (const { id } of [...waiting, bounded])
    await journal.append([toJournalRow({ ...append(id, 1), release: true })], null);
  for (const queue of [readyQueue, laterQueue])
    await tickets.remove(
      database,
      queue,
      waiting.map(({ id }) => id),
    );
  await createMending({ database, tickets, now: () => null }).mendSome();
  await runs.claim({ worker: "worker-1", limit: 10, concurrentRuns: null });
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
    // Each part of the flush is in one of them.
    const rounds = [...texts.keys()].filter((name) => name.startsWith("write_round")).join(" ");
    for (const part of ["creates", "watches", "moves", "ends", "charges"]) expect(rounds).toContain(part);

    const client = await connect(url);
    await client.query(statementSession);
    const scanning: { readonly name: string; readonly scans: readonly unknown[] }[] = [];
    for (const [name, text] of texts) {
      const { rows } = await client.query<{ "QUERY PLAN": readonly { readonly Plan: PlanNode }[] }>(
        `EXPLAIN (GENERIC_PLAN, FORMAT JSON) ${text}`,
      );
      const plan = rows[0]?.["QUERY PLAN"][0]?.Plan;
      const scans = plan === undefined ? ["no plan"] : nodesOf(plan).filter(isScan);
      if (scans.length > 0) scanning.push({ name, scans });
    }
    expect(scanning).toEqual([]);
    await Promise.all([client.end(), database.close()]);
    await drop();
  });
});
