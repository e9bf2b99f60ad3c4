import type { DatabaseSync } from "node:sqlite";
import { prepare } from "./sqlite-statement.ts";
import { type Backlog, mostCounted } from "./store.ts";

/** The statements that see what waits, each in view; every one reads an index of nothing but open runs. */
function prepareStatements(database: DatabaseSync) {
  const prepareCount = (from: string) =>
    prepare<{ count: number }>(
      database,
      `SELECT count(*) AS count FROM (SELECT 1 FROM runs ${from} LIMIT ${mostCounted})`,
    );
  const inLine = prepareCount("INDEXED BY lines WHERE status = 'pending' AND waits IN ('turn', 'room')");
  const due = prepareCount("INDEXED BY delayed_runs WHERE status = 'pending' AND waits = 'time' AND ready_at <= ?");
  const delayed = prepareCount("INDEXED BY delayed_runs WHERE status = 'pending' AND waits = 'time' AND ready_at > ?");
  const paused = prepareCount("INDEXED BY paused_runs WHERE paused_at IS NOT NULL");
  const firstDue = prepare<{ readyAt: number | null }>(
    database,
    "SELECT min(ready_at) AS readyAt FROM runs INDEXED BY delayed_runs WHERE status = 'pending' AND waits = 'time'",
  );
  const project = prepare<{ id: string | null }>(
    database,
    "SELECT min(project_id) AS id FROM runs INDEXED BY lines WHERE status = 'pending' AND waits = ? AND project_id > ?",
  );
  const head = prepare<{ priority: number; readyAt: number }>(
    database,
    `SELECT priority, ready_at AS readyAt FROM runs INDEXED BY lines
     WHERE status = 'pending' AND waits = ? AND project_id = ? AND priority < ? ORDER BY priority DESC, turn LIMIT 1`,
  );
  return {
    inLine: () => inLine.get()?.count ?? 0,
    due: (now: number) => due.get(now)?.count ?? 0,
    delayed: (now: number) => delayed.get(now)?.count ?? 0,
    paused: () => paused.get()?.count ?? 0,
    firstDue: () => firstDue.get()?.readyAt ?? Infinity,
    /** The next project, by id, that has runs in that line. */
    projectBehind: (waits: string, projectId: string) => project.get(waits, projectId)?.id ?? undefined,
    /** The first of the project's runs at the next lower priority. */
    headBelow: (waits: string, projectId: string, priority: number) => head.get(waits, projectId, priority),
  };
}

/** See `Store.backlog`; `now` is the store's clock. */
export interface SqliteBacklog {
  backlog(now: number): Backlog;
}

export function createSqliteBacklog(database: DatabaseSync): SqliteBacklog {
  const sql = prepareStatements(database);

  /** By the heads of the lines, each of which is in order of arrival. */
  function* readyTimes(): Generator<number> {
    yield sql.firstDue();
    for (const waits of ["turn", "room"])
      for (let id = sql.projectBehind(waits, ""); id !== undefined; id = sql.projectBehind(waits, id))
        for (let head = sql.headBelow(waits, id, Infinity); head !== undefined;) {
          yield head.readyAt;
          head = sql.headBelow(waits, id, head.priority);
        }
  }

  return {
    backlog: (now) => ({
      ready: Math.min(mostCounted, sql.inLine() + sql.due(now)),
      delayed: sql.delayed(now),
      paused: sql.paused(),
      oldestReadyMs: Math.max(0, now - Math.min(...readyTimes())),
      nodes: 1,
    }),
  };
}
