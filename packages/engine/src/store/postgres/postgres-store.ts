import type { Client, Notification } from "pg";
import { migrations } from "../migrations/postgres/all.ts";
import { toJournalRow } from "../journal-rows.ts";
import { type AppendOutcome, endsHold, type JournalEntry, type Store } from "../store.ts";
import { createPostgresBacklog } from "./backlog.ts";
import { checkServer, connect, createPostgresDatabase, type PostgresDatabase } from "./connection.ts";
import { createPostgresCredits } from "./credits.ts";
import { createPostgresDeliveries } from "./deliveries.ts";
import { createPostgresExecutions } from "./executions.ts";
import { createPostgresFlows } from "./flows.ts";
import { createPostgresForgetting } from "./forgetting.ts";
import { createGate } from "./gate.ts";
import { createPostgresJournal } from "./journal.ts";
import { createPostgresKeys } from "./keys.ts";
import { createMending } from "./mending.ts";
import { aloneWithSchema, migrate } from "./migrations.ts";
import { cancelsName, createPostgresNodes, doubtsName } from "./nodes.ts";
import { cancelsChannel, claimableChannel, fromPayload, helloChannel, partialsChannel } from "./nudges.ts";
import { createPostgresPartials, partialsName } from "./partials.ts";
import { Presence } from "./presence.ts";
import { createPostgresPruning } from "./pruning.ts";
import { createPostgresQueries } from "./queries.ts";
import { createPostgresRecovery } from "./recovery.ts";
import { settleRestored } from "./restored.ts";
import { createPostgresRuns } from "./runs.ts";
import { createNudgeSender, type NudgeSender } from "./sender.ts";
import { createSleepers, type Sleepers } from "./sleepers.ts";
import { prepare } from "./statement.ts";
import { installTickets, isFilled, markFilled, openTickets, type Tickets } from "./tickets.ts";
import { toStoreError } from "./unavailable.ts";

export interface PostgresStoreOptions {
  /** `postgres://user:password@host:port/database`, with `pg`'s parameters. The schema is made, or brought up to date, on opening. */
  readonly url: string;
  /** The store's clock, in milliseconds since 1970: expiry of idempotency keys, first starts. Default: the database's. */
  readonly now?: () => number;
  /** How long a reader sleeps at most before it is woken to look for itself, in milliseconds, since a nudge may be lost. Default 15 000. */
  readonly rereadMs?: number;
}

const defaultRereadMs = 15_000;

const claimableName = "claimable";
const executionsName = "executions";

/** How soon runs are looked for again that somebody was writing to, in milliseconds. */
const busyMs = 20;

const pulse = prepare(
  "pulse",
  "INSERT INTO pulse (one, at) VALUES (1, clock_timestamp()) ON CONFLICT (one) DO UPDATE SET at = excluded.at",
);

/**
 * The store on PostgreSQL ≥ 15, for any number of processes. Rejects with `StoreUnavailableError` when the database cannot be reached or used.
 * Lost connections are made again by themselves. Keeps the process alive until `close`.
 */
export async function openPostgresStore({
  url,
  now,
  rereadMs = defaultRereadMs,
}: PostgresStoreOptions): Promise<Store> {
  const sleepers = createSleepers(rereadMs);
  const client = await connect(url);
  const database = createPostgresDatabase(url);
  try {
    await checkServer(client);
    const tickets = await prepareDatabase(client, database, now ?? databaseClock);
    const presence = await appear(client, url, sleepers);
    return createPostgresStore({ database, tickets, presence, sleepers, now: now ?? databaseClock });
  } catch (error) {
    sleepers.close();
    await client.end().catch(() => undefined);
    await database.close();
    throw toStoreError(error);
  }
}

const databaseClock = (): null => null;

/** Brings everything that is kept there up to this release, whoever else is at it. */
async function prepareDatabase(client: Client, database: PostgresDatabase, now: () => number | null): Promise<Tickets> {
  await aloneWithSchema(client, async () => {
    await migrate(client, migrations);
    await settleRestored(client);
    await installTickets(client);
  });
  const tickets = await openTickets(database);
  if (await isFilled(client)) return tickets;
  // An earlier release, or whoever moved runs here, left those that wait without tickets; whoever began to give them some may have been killed.
  await createMending({ database, tickets, now }).mendAll();
  await markFilled(client);
  return tickets;
}

/** Lets this process be seen, and hear what others tell. */
async function appear(client: Client, url: string, sleepers: Sleepers): Promise<Presence> {
  // Others may tell something before this process has its number; nothing of that is its own.
  let ownNumber: number | undefined;
  const presence = await Presence.begin(client, url, {
    onNotification: (notification) => hear(notification),
    onReconnect: () => sleepers.wakeAll(),
    onGivenUp: () => sleepers.wake(doubtsName),
  });

  function hear({ channel, payload = "" }: Notification): void {
    const { sender, nudges } = fromPayload(payload);
    if (sender === ownNumber) return;
    if (channel === helloChannel) sleepers.wakeAll();
    if (channel === claimableChannel) sleepers.wake(claimableName);
    if (channel === cancelsChannel) sleepers.wake(cancelsName);
    for (const { runId } of nudges) sleepers.wake(channel === partialsChannel ? partialsName(runId) : runId);
  }

  ownNumber = presence.number;
  return presence;
}

interface Parts {
  readonly database: PostgresDatabase;
  readonly tickets: Tickets;
  readonly presence: Presence;
  readonly sleepers: Sleepers;
  readonly now: () => number | null;
}

function createPostgresStore({ database, tickets, presence, sleepers, now }: Parts): Store {
  const gate = createGate();
  const sender = createNudgeSender(database, presence);
  const journal = createPostgresJournal({ database, tickets, holder: presence.number });
  const runs = createPostgresRuns({ database, tickets, holder: presence.number, now });
  const mending = createMending({ database, tickets, now });
  const flows = createPostgresFlows(database);
  const partials = createPostgresPartials(database, presence.number, sleepers);
  const executions = createPostgresExecutions(database, now);
  const recovery = createPostgresRecovery({ database, presence, runs, now });
  const nodes = createPostgresNodes({ database, holder: presence.number, recovery, sleepers, now });
  const sweeping = createSweeping([partials.sweep, nodes.sweep, mend]);
  let closed: Promise<void> | undefined;

  /** A project that is full has waiting runs that are wanted as soon as one of its own ends. */
  let isAnyFull = false;
  const wakeWorkers = (): void => announceClaimable(sleepers, sender);

  async function mend(): Promise<void> {
    if ((await mending.mendSome()) > 0) wakeWorkers();
  }

  const methods = {
    nextReadyAt: runs.nextReadyAt,
    ...createPostgresQueries(database, now),
    ...createPostgresPruning(database),
    ...createPostgresForgetting(database),
    ...flows,
    ...createPostgresKeys(database),
    ...createPostgresCredits(database),
    ...createPostgresDeliveries(database, now),
    ...executions,
    ...createPostgresBacklog(database, now),
    commandExecution: async (...args) => {
      const outcome = await executions.commandExecution(...args);
      sleepers.wake(executionsName);
      return outcome;
    },
    saveSettings: async (projectId, settings) => {
      await flows.saveSettings(projectId, settings);
      // It may have room for more runs now.
      wakeWorkers();
    },
    claim: async (worker, limit, concurrentRuns) => {
      // Others would take them for lost at once, again and again. Coming back wakes who waits for runs.
      if (presence.isLost) return [];
      const handedOut = await runs.claim({ worker, limit, concurrentRuns: concurrentRuns ?? null });
      isAnyFull = handedOut.isAnyFull;
      if (handedOut.isNews) wakeWorkers();
      if (handedOut.isUnfinished) sleepers.wake(claimableName);
      if (handedOut.isAnyBusy) setTimeout(wakeWorkers, busyMs).unref();
      if (handedOut.runs.some(({ execution }) => execution !== undefined)) sleepers.wake(executionsName);
      return handedOut.runs;
    },
    append: async (entries) => {
      const outcomes = await journal.append(entries.map(toJournalRow), now());
      announce(entries, outcomes, sleepers, sender);
      if (isAnyFull && entries.some(endsHold)) wakeWorkers();
      return outcomes;
    },
    runsToCancel: async (limit) => [...(await executions.runsToCancel(limit)), ...(await nodes.cancelRequests(limit))],
    recover: async () => {
      const count = await recovery.recover();
      if (count > 0) wakeWorkers();
      await sweeping(count > 0);
      return count;
    },
    ping: async () => {
      await pulse.run(database);
    },
  } satisfies Omit<Store, "changed" | "claimable" | "executionsChanged" | "partials" | "nodes" | "close">;

  async function close(): Promise<void> {
    await gate.close();
    await sender.idle();
    await tickets.close();
    await Promise.all([presence.close(), database.close()]);
  }

  return {
    ...gate.guard(methods),
    partials: {
      ...gate.guard({ append: partials.append, read: partials.read, drop: partials.drop }),
      changed: partials.changed,
    },
    nodes: {
      ...nodes,
      ...gate.guard({ held: nodes.held, requestCancel: nodes.requestCancel, takeTokens: nodes.takeTokens }),
    },
    changed: (runId, signal) => sleepers.next(runId, signal),
    claimable: (signal) => sleepers.next(claimableName, signal),
    executionsChanged: (signal) => sleepers.next(executionsName, signal),
    close: () => {
      closed ??= close().finally(() => sleepers.close());
      return closed;
    },
  };
}

/** Time between two sweeps of what no log needs, in milliseconds; what lost workers left goes at once. */
const sweepEveryMs = 60_000;

/** Gives the function that sweeps now, if it must or it is time. */
function createSweeping(sweeps: readonly (() => Promise<void>)[]): (mustSweep: boolean) => Promise<void> {
  let sweptAt = performance.now();
  return async (mustSweep) => {
    if (!mustSweep && performance.now() - sweptAt < sweepEveryMs) return;
    sweptAt = performance.now();
    for (const sweep of sweeps) await sweep();
  };
}

/** Wakes who waits for what was written, here and in the other processes. */
function announce(
  entries: readonly JournalEntry[],
  outcomes: readonly AppendOutcome[],
  sleepers: Sleepers,
  sender: NudgeSender,
): void {
  let isClaimable = false;
  for (const [index, entry] of entries.entries()) {
    if (outcomes[index]?.outcome !== "written") continue;
    if (entry.kind === "create") {
      isClaimable ||= entry.run.owner === null;
      if (entry.execution !== undefined) sleepers.wake(executionsName);
    } else {
      if (entry.isOfExecution === true) sleepers.wake(executionsName);
      sleepers.wake(entry.runId);
      sender.appended(entry.runId, entry.events.at(-1)?.seq ?? 0);
      isClaimable ||= entry.status === "pending" || (entry.kind === "append" && entry.release === true);
    }
  }
  if (isClaimable) announceClaimable(sleepers, sender);
}

function announceClaimable(sleepers: Sleepers, sender: NudgeSender): void {
  sleepers.wake(claimableName);
  sender.claimable();
}
