import { StoreUnavailableError } from "../errors.ts";
import { createSqliteDatabase, openFile, type SqliteDatabase, toStoreError } from "./sqlite-database.ts";
import type { SqliteHost, SqliteMethod } from "./sqlite-rpc.ts";
import { toEvents, toEventTexts, toJournalRow } from "./journal-rows.ts";
import { packRow } from "./sqlite-packing.ts";
import { type RunRow, toRunRecord } from "./sqlite-rows.ts";
import { startSqliteThread } from "./sqlite-thread.ts";
import { type AppendOutcome, endsHold, type JournalEntry, type RunRecord, type Store } from "./store.ts";
import { createWakeUps, type WakeUps } from "./wake-ups.ts";

export interface MemoryStoreOptions {
  /** The store's clock, in milliseconds since 1970: expiry of idempotency keys, first starts, whose time has come. Default: the system's. */
  readonly now?: () => number;
}

export interface SqliteStoreOptions extends MemoryStoreOptions {
  /** Made when it is not there; held exclusively until `close` or the end of the process. */
  readonly dataDir: string;
}

/**
 * The embedded store: SQLite in `dataDir`, every commit synced, on a thread of its own. Rejects with `StoreUnavailableError` when
 * another process holds the directory (naming both) or the database cannot be opened. Keeps the process alive until `close`.
 */
export async function openSqliteStore({ dataDir, now }: SqliteStoreOptions): Promise<Store> {
  return createSqliteStore(await startSqliteThread({ dataDir }), now);
}

/** The same store without a disk and without a thread: gone when it is closed. For tests and for Noukai as a library. */
export function openMemoryStore({ now }: MemoryStoreOptions = {}): Store {
  return createSqliteStore(hostHere(createSqliteDatabase(openFile(":memory:"))), now);
}

/** Runs the database on the calling thread. */
export function hostHere(database: SqliteDatabase): SqliteHost {
  let isClosed = false;
  const call: SqliteHost["call"] = async (method, ...args) => {
    if (isClosed) throw new StoreUnavailableError("The store is closed.");
    try {
      const work = database[method] as (...args: readonly unknown[]) => unknown; // as: `args` are the parameters of this very method
      return work(...args) as ReturnType<SqliteDatabase[typeof method]>; // as: and this is its result
    } catch (error) {
      throw toStoreError(error);
    }
  };
  const close = async (): Promise<void> => {
    const closing = call("close");
    isClosed = true;
    await closing;
  };
  return { call, close };
}

const claimableName = "claimable";
const executionsName = "executions";

/** The port over a host; wake-ups are this process's own, since no other may work on the same database. */
export function createSqliteStore(host: SqliteHost, now: () => number = Date.now): Store {
  const wakeUps = createWakeUps();
  let closed: Promise<void> | undefined;
  /** A project that is full has waiting runs that are wanted as soon as one of its own ends. */
  let isAnyFull = false;
  const pass =
    <Method extends SqliteMethod>(method: Method) =>
    (...args: Parameters<SqliteDatabase[Method]>) =>
      host.call(method, ...args);
  return {
    append: async (entries) => {
      const rows = Array.from(entries, (entry) => packRow(toJournalRow(entry)));
      const outcomes: AppendOutcome[] = rows.map(() => ({ outcome: "written" }));
      for (const [index, outcome] of await host.call("append", rows, now())) outcomes[index] = outcome;
      announce(wakeUps, entries, outcomes);
      if (isAnyFull && entries.some(endsHold)) wakeUps.wake(claimableName);
      return outcomes;
    },
    eventsAfter: async (runId, cursor, limit) =>
      toEvents(await host.call("logAfter", runId, cursor, limit), cursor, limit),
    changed: (runId, signal) => wakeUps.next(runId, signal),
    run: async (runId) => toRecordIfAny(await host.call("run", runId)),
    runByKey: async (projectId, key) => toRecordIfAny(await host.call("runByKey", projectId, key, now())),
    runs: async (query) => (await host.call("runs", query)).map(toRunRecord),
    sessionRuns: async (sessionId) => (await host.call("sessionRuns", sessionId)).map(toRunRecord),
    pausedBefore: async (at, limit) => (await host.call("pausedBefore", at, limit)).map(toRunRecord),
    prunable: async (at, limit) => (await host.call("prunable", at, limit)).map(toRunRecord),
    prune: async (runId, events) => host.call("prune", runId, toEventTexts(events)),
    forget: pass("forget"),
    claim: async (worker, limit, concurrentRuns) => {
      const handedOut = await host.call("claim", { worker, limit, concurrentRuns, now: now() });
      isAnyFull = handedOut.isAnyFull;
      if (handedOut.isUnfinished) wakeUps.wake(claimableName);
      const claimed = handedOut.runs.map(toRunRecord);
      if (claimed.some(({ execution }) => execution !== undefined)) wakeUps.wake(executionsName);
      return claimed;
    },
    nextReadyAt: () => host.call("nextReadyAt", now()),
    claimable: (signal) => wakeUps.next(claimableName, signal),
    recover: async () => {
      const count = await host.call("recover", now());
      if (count > 0) for (const name of [claimableName, executionsName]) wakeUps.wake(name);
      return count;
    },
    claimDeliveries: (query) => host.call("claimDeliveries", query, now()),
    settleDelivery: (delivery, end) => host.call("settleDelivery", delivery, end, now()),
    execution: pass("execution"),
    executions: pass("executions"),
    commandExecution: async (executionId, by, command) => {
      const outcome = await host.call("commandExecution", executionId, by, command, now());
      wakeUps.wake(executionsName);
      return outcome;
    },
    executionChanges: pass("executionChanges"),
    latestChange: pass("latestChange"),
    executionsChanged: (signal) => wakeUps.next(executionsName, signal),
    runsToCancel: pass("runsToCancel"),
    definition: pass("definition"),
    ensureProject: pass("ensureProject"),
    project: pass("project"),
    projectById: pass("projectById"),
    projects: pass("projects"),
    saveSettings: async (projectId, settings) => {
      await host.call("saveSettings", projectId, settings);
      // It may have room for more runs now.
      wakeUps.wake(claimableName);
    },
    flow: pass("flow"),
    flowById: pass("flowById"),
    flows: pass("flows"),
    retentions: pass("retentions"),
    saveDraft: pass("saveDraft"),
    publish: pass("publish"),
    versions: pass("versions"),
    version: pass("version"),
    promote: pass("promote"),
    archive: pass("archive"),
    saveKey: pass("saveKey"),
    key: pass("key"),
    keys: pass("keys"),
    revokeKey: pass("revokeKey"),
    credits: pass("credits"),
    setCredits: pass("setCredits"),
    addCredits: pass("addCredits"),
    grantFromFile: pass("grantFromFile"),
    backlog: () => host.call("backlog", now()),
    ping: () => host.call("ping", now()),
    close: () => {
      closed ??= host.close().finally(() => wakeUps.close());
      return closed;
    },
  };
}

function toRecordIfAny(row: RunRow | undefined): RunRecord | undefined {
  return row === undefined ? undefined : toRunRecord(row);
}

/** Wakes who waits for what was written. */
function announce(wakeUps: WakeUps, entries: readonly JournalEntry[], outcomes: readonly AppendOutcome[]): void {
  let isClaimable = false;
  let isOfExecution = false;
  for (const [index, entry] of entries.entries()) {
    if (outcomes[index]?.outcome !== "written") continue;
    if (entry.kind === "create") {
      isClaimable ||= entry.run.owner === null;
      isOfExecution ||= entry.execution !== undefined;
    } else {
      isOfExecution ||= entry.isOfExecution === true;
      wakeUps.wake(entry.runId);
      isClaimable ||= entry.status === "pending" || (entry.kind === "append" && entry.release === true);
    }
  }
  if (isClaimable) wakeUps.wake(claimableName);
  if (isOfExecution) wakeUps.wake(executionsName);
}
