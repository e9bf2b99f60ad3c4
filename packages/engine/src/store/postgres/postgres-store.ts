import type { Client, Notification } from "pg";
import { migrations } from "../migrations/postgres/all.ts";
import { toJournalRow } from "../journal-rows.ts";
import type { AppendOutcome, JournalEntry, Store } from "../store.ts";
import { checkServer, connect, createPostgresDatabase, type PostgresDatabase } from "./connection.ts";
import { createPostgresCredits } from "./credits.ts";
import { createPostgresDeliveries } from "./deliveries.ts";
import { createPostgresExecutions } from "./executions.ts";
import { createPostgresFlows } from "./flows.ts";
import { createPostgresForgetting } from "./forgetting.ts";
import { createGate } from "./gate.ts";
import { createPostgresJournal } from "./journal.ts";
import { createPostgresKeys } from "./keys.ts";
import { migrate } from "./migrations.ts";
import { claimableChannel, fromPayload, partialsChannel } from "./nudges.ts";
import { createPostgresPartials, partialsName } from "./partials.ts";
import { Presence } from "./presence.ts";
import { createPostgresPruning } from "./pruning.ts";
import { createPostgresQueries } from "./queries.ts";
import { createPostgresRuns } from "./runs.ts";
import { createNudgeSender, type NudgeSender } from "./sender.ts";
import { createSleepers, type Sleepers } from "./sleepers.ts";
import { prepare } from "./statement.ts";
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
  try {
    await checkServer(client);
    await migrate(client, migrations);
    const presence = await appear(client, url, sleepers);
    return createPostgresStore({ database: createPostgresDatabase(url), presence, sleepers, now: now ?? (() => null) });
  } catch (error) {
    sleepers.close();
    await client.end().catch(() => undefined);
    throw toStoreError(error);
  }
}

/** Lets this process be seen, and hear what others tell. */
async function appear(client: Client, url: string, sleepers: Sleepers): Promise<Presence> {
  const presence = await Presence.begin(client, url, {
    onNotification: (notification) => hear(notification),
    onReconnect: () => sleepers.wakeAll(),
  });

  function hear({ channel, payload = "" }: Notification): void {
    const { sender, nudges } = fromPayload(payload);
    if (sender === presence.number) return;
    if (channel === claimableChannel) sleepers.wake(claimableName);
    for (const { runId } of nudges) sleepers.wake(channel === partialsChannel ? partialsName(runId) : runId);
  }

  return presence;
}

interface Parts {
  readonly database: PostgresDatabase;
  readonly presence: Presence;
  readonly sleepers: Sleepers;
  readonly now: () => number | null;
}

function createPostgresStore({ database, presence, sleepers, now }: Parts): Store {
  const gate = createGate();
  const sender = createNudgeSender(database, presence.number);
  const journal = createPostgresJournal(database, presence.number);
  const runs = createPostgresRuns(database, presence.number, now);
  const partials = createPostgresPartials(database, presence.number, sleepers);
  const executions = createPostgresExecutions(database, now);
  let closed: Promise<void> | undefined;

  const methods = {
    ...runs,
    ...createPostgresQueries(database, now),
    ...createPostgresPruning(database),
    ...createPostgresForgetting(database),
    ...createPostgresFlows(database),
    ...createPostgresKeys(database),
    ...createPostgresCredits(database),
    ...createPostgresDeliveries(database, now),
    ...executions,
    commandExecution: async (...args) => {
      const outcome = await executions.commandExecution(...args);
      sleepers.wake(executionsName);
      return outcome;
    },
    claim: async (worker, limit) => {
      const claimed = await runs.claim(worker, limit);
      if (claimed.some(({ execution }) => execution !== undefined)) sleepers.wake(executionsName);
      return claimed;
    },
    append: async (entries) => {
      const outcomes = await journal.append(entries.map(toJournalRow), now());
      announce(entries, outcomes, sleepers, sender);
      return outcomes;
    },
    recover: async () => {
      const count = await runs.recover();
      if (count > 0) announceClaimable(sleepers, sender);
      await partials.sweep();
      return count;
    },
    ping: async () => {
      await pulse.run(database);
    },
  } satisfies Omit<Store, "changed" | "claimable" | "executionsChanged" | "partials" | "close">;

  async function close(): Promise<void> {
    await gate.close();
    await sender.idle();
    await Promise.all([presence.close(), database.close()]);
  }

  return {
    ...gate.guard(methods),
    partials: {
      ...gate.guard({ append: partials.append, read: partials.read, drop: partials.drop }),
      changed: partials.changed,
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
