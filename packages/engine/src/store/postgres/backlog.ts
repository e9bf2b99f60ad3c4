import { mostCounted, type Store } from "../store.ts";
import { clock } from "./clock.ts";
import type { PostgresDatabase } from "./connection.ts";
import { silentAfterMs } from "./recovery.ts";
import { prepare } from "./statement.ts";

interface BacklogRow {
  readonly ready: number;
  readonly delayed: number;
  readonly paused: number;
  readonly oldestReadyMs: number;
  readonly nodes: number;
}

/** How many rows there are; not many more are looked at than are counted. In the order of their index, which then is all that is read. */
const count = (where: string, column: string): string =>
  `(SELECT count(*) FROM (SELECT FROM run_states WHERE ${where} ORDER BY ${column} LIMIT ${mostCounted}) AS counted)::integer`;

/** Any at all, as a range: of that, without statistics, the planner expects few rows, and reads them from the index in their order. */
const anyPause = `paused_at BETWEEN 0 AND ${Number.MAX_SAFE_INTEGER}`;

/** What is asked of runs is in the two indexes of nothing but open ones. */
const selectBacklog = prepare<BacklogRow>(
  "backlog",
  `WITH clock AS MATERIALIZED (
     SELECT ${clock("$1")} AS now
   )
   SELECT ${count("status = 'pending' AND ready_at <= (SELECT now FROM clock)", "ready_at")} AS ready,
          ${count("status = 'pending' AND ready_at > (SELECT now FROM clock)", "ready_at")} AS delayed,
          ${count(anyPause, "paused_at")} AS paused,
          greatest(0, coalesce((SELECT now FROM clock) - (SELECT min(ready_at) FROM run_states WHERE status = 'pending'), 0)) AS "oldestReadyMs",
          (SELECT count(*) FROM workers
           WHERE NOT is_given_up AND beat_at >= extract(epoch FROM clock_timestamp()) * 1000 - ${silentAfterMs})::integer AS nodes`,
);

/** See `Store.backlog`. `now` is the store's clock, where null is the database's. */
export function createPostgresBacklog(database: PostgresDatabase, now: () => number | null): Pick<Store, "backlog"> {
  return {
    async backlog() {
      const row = await selectBacklog.get(database, now());
      if (row === undefined) throw new Error("The database said nothing about what waits.");
      return row;
    },
  };
}
