import type { DatabaseSync } from "node:sqlite";
import { selectRun } from "./sqlite-queries.ts";
import type { RunRow } from "./sqlite-rows.ts";
import { prepareSettling } from "./sqlite-settling.ts";
import { prepare, type Transaction } from "./sqlite-statement.ts";
import { prepareWaiting } from "./sqlite-waiting.ts";

/** Runs of a full project that are set aside at once: some ten milliseconds, and how often that is done before whatever else wants the database has its turn. */
const asideBatch = 1_000;
const mostAsides = 4;

/** The statements of the hand-out, each in view. Indexes are named where SQLite would take that of the lists, and read every pending run for it. */
function prepareStatements(database: DatabaseSync) {
  const runByNumber = prepare<RunRow>(database, `${selectRun} WHERE runs.no = ?`);
  const first = prepare<{ no: number; projectId: string }>(
    database,
    `SELECT no, project_id AS projectId FROM runs INDEXED BY waiting_runs
     WHERE status = 'pending' AND waits = 'turn' ORDER BY priority DESC, turn, no LIMIT 1`,
  );
  const due = prepare<{ no: number }>(
    database,
    `SELECT no FROM runs INDEXED BY delayed_runs
     WHERE status = 'pending' AND waits = 'time' AND ready_at <= ? ORDER BY ready_at, no LIMIT ?`,
  );
  const nextReady = prepare<{ readyAt: number | null }>(
    database,
    `SELECT min(ready_at) AS readyAt FROM runs INDEXED BY delayed_runs
     WHERE status = 'pending' AND waits = 'time' AND ready_at > ?`,
  );
  const fullBehind = prepare<{ projectId: string | null }>(
    database,
    `SELECT min(project_id) AS projectId FROM runs INDEXED BY lines
     WHERE status = 'pending' AND waits = 'room' AND project_id > ?`,
  );
  const inLine = prepare<{ no: number }>(
    database,
    `SELECT no FROM runs INDEXED BY lines
     WHERE status = 'pending' AND waits = 'room' AND project_id = ? ORDER BY priority DESC, turn, no LIMIT ?`,
  );
  const offered = prepare<{ count: number }>(
    database,
    `SELECT count(*) AS count FROM (
       SELECT 1 FROM runs INDEXED BY lines WHERE status = 'pending' AND waits = 'turn' AND project_id = ? LIMIT ?)`,
  );
  const setAside = prepare(
    database,
    `UPDATE runs SET waits = 'room' WHERE no IN (
       SELECT no FROM runs INDEXED BY lines
       WHERE status = 'pending' AND waits = 'turn' AND project_id = ? ORDER BY priority DESC, turn LIMIT ${asideBatch})`,
  );
  const cap = prepare<{ cap: number | null }>(
    database,
    "SELECT json_extract(settings, '$.limits.concurrentRuns') AS cap FROM projects WHERE id = ?",
  );
  const claim = prepare(
    database,
    `UPDATE runs SET status = 'running', owner = ?2, epoch = epoch + 1, started_at = coalesce(started_at, ?3)
     WHERE no = ?1`,
  );
  const disown = prepare(database, "UPDATE runs SET owner = NULL WHERE status = 'running' AND owner IS NOT NULL");
  const findPlaces = prepare(database, "UPDATE runs SET waits = 'time' WHERE status = 'pending' AND waits IS NULL");
  const requeue = prepare<{ no: number }>(
    database,
    "UPDATE runs SET status = 'pending', losses = losses + 1 WHERE status = 'running' AND owner IS NULL RETURNING no",
  );
  return {
    runByNumber: (no: number) => runByNumber.get(no),
    /** Whose turn it is. */
    first: () => first.get(),
    /** Delayed runs whose time has come. */
    due: (now: number, limit: number) => due.all(now, limit),
    nextReadyAt: (now: number) => nextReady.get(now)?.readyAt ?? undefined,
    /** The next project, by id, that has runs waiting for room. */
    fullBehind: (projectId: string) => fullBehind.get(projectId)?.projectId ?? undefined,
    /** The project's runs that wait for room, the first ones first. */
    inLine: (projectId: string, limit: number) => inLine.all(projectId, limit),
    /** How many runs of the project wait for their turn; no more than `most` are counted. */
    offered: (projectId: string, most: number) => offered.get(projectId, most)?.count ?? 0,
    /** Lets the project's first thousand runs wait for room. */
    setAside: (projectId: string) => setAside.run(projectId),
    /** What the project's settings say of runs in work. */
    cap: (projectId: string) => cap.get(projectId)?.cap ?? undefined,
    claim: (no: number, worker: string, now: number) => claim.run(no, worker, now),
    /** Ends every hold, without making a run ready. */
    disown: () => disown.run(),
    /** Lets pending runs wait that have no place yet; they get their turns with the next hand-out. */
    findPlaces: () => findPlaces.run(),
    /** Makes the running runs that nobody holds pending again. */
    requeue: () => requeue.all(),
  };
}

/** Delayed runs that are given their turns at once. */
const dueBatch = 500;

export interface HandedOutRows {
  readonly runs: readonly RunRow[];
  /** Some projects have as many runs in work as they may, and more that wait. */
  readonly isAnyFull: boolean;
  /** There was more to look through. */
  readonly isUnfinished: boolean;
}

/** Who works on runs. `now` is the store's clock. */
export interface SqliteRuns {
  claim(request: {
    readonly worker: string;
    readonly limit: number;
    readonly concurrentRuns: number | undefined;
    readonly now: number;
  }): HandedOutRows;
  nextReadyAt(now: number): number | undefined;
  recover(now: number): number;
}

/** A database belongs to one process at a time: every hold that is found here is one that its holder cannot have any more. */
export function createSqliteRuns(database: DatabaseSync, transaction: Transaction): SqliteRuns {
  const sql = prepareStatements(database);
  const settling = prepareSettling(database);
  const waiting = prepareWaiting(database);
  sql.disown();
  sql.findPlaces();

  /** Gives delayed runs whose time has come their turns; true when there were any. */
  function giveTurns(now: number): boolean {
    const due = sql.due(now, dueBatch);
    for (const { no } of due) waiting.file(no, { at: "end", now });
    return due.length > 0;
  }

  /** Lets the first runs in the lines of full projects have turns, as many as there is room for. */
  function offerRoom(room: Rooms, limit: number, now: number): void {
    for (let id = sql.fullBehind(""); id !== undefined; id = sql.fullBehind(id)) {
      const most = Math.min(room.of(id), limit);
      const count = most - sql.offered(id, most);
      if (count > 0) for (const { no } of sql.inLine(id, count)) waiting.file(no, { at: "turn", now });
    }
  }

  function claimOne(no: number, worker: string, now: number): RunRow[] {
    sql.claim(no, worker, now);
    const run = sql.runByNumber(no);
    if (run?.executionId) settling.settle(no, now);
    return run === undefined ? [] : [run];
  }

  const claim: SqliteRuns["claim"] = ({ worker, limit, concurrentRuns, now }) => {
    const rooms = createRooms((id) => (sql.cap(id) ?? concurrentRuns ?? Infinity) - waiting.inWork(id));
    const runs: RunRow[] = [];
    let asides = 0;
    giveTurns(now);
    offerRoom(rooms, limit, now);
    while (runs.length < limit && asides < mostAsides) {
      const first = sql.first();
      if (first === undefined) {
        if (giveTurns(now)) continue;
        break;
      }
      if (rooms.take(first.projectId)) runs.push(...claimOne(first.no, worker, now));
      else {
        sql.setAside(first.projectId);
        asides++;
      }
    }
    return { runs, isAnyFull: sql.fullBehind("") !== undefined, isUnfinished: asides === mostAsides };
  };

  return {
    claim: (request) => transaction(() => claim(request)),
    nextReadyAt: sql.nextReadyAt,
    recover: (now) =>
      transaction(() => {
        const lost = sql.requeue();
        for (const { no } of lost) waiting.file(no, { at: "front", now });
        if (lost.length > 0) settling.settleWaiting(now);
        return lost.length;
      }),
  };
}

/** How many more runs each project may have in work, counted once. */
interface Rooms {
  of(projectId: string): number;
  /** One fewer from here on; false when there is none. */
  take(projectId: string): boolean;
}

function createRooms(count: (projectId: string) => number): Rooms {
  const rooms = new Map<string, number>();
  const of = (projectId: string): number => {
    const known = rooms.get(projectId) ?? count(projectId);
    rooms.set(projectId, known);
    return known;
  };
  return {
    of,
    take: (projectId) => {
      const room = of(projectId);
      if (room <= 0) return false;
      rooms.set(projectId, room - 1);
      return true;
    },
  };
}
