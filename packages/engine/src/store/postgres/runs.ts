import type { Store } from "../store.ts";
import { integerArray } from "./array.ts";
import { clock } from "./clock.ts";
import type { Connection } from "./connection.ts";
import { type HandedOut, handOut, type HandOutOptions, type HandOutRequest } from "./hand-out.ts";
import { settleExecutions } from "./settling.ts";
import { prepare } from "./statement.ts";
import { fileArrivals } from "./turns.ts";

const nextReadyAt = prepare<{ readyAt: number | null }>(
  "next_ready_at",
  `SELECT min(ready_at) AS "readyAt" FROM run_states WHERE status = 'pending' AND ready_at > ${clock("$1")}`,
);

const releaseLost = prepare<{ runId: string }>(
  "release_lost",
  `WITH lost AS MATERIALIZED (
     SELECT run_id FROM run_states WHERE holder = ANY ($1::integer[]) FOR UPDATE SKIP LOCKED
   )
   UPDATE run_states SET holder = NULL, owner = NULL, status = 'pending', losses = losses + 1
   FROM lost WHERE run_states.run_id = lost.run_id
   RETURNING run_states.run_id AS "runId"`,
);

/** Who works on runs; see `Store` for what each promises. */
export interface PostgresRuns extends Pick<Store, "nextReadyAt"> {
  claim(request: HandOutRequest): Promise<HandedOut>;
  /** Makes the runs of processes that are gone, by their numbers, wait for another worker, and counts the loss; within the caller's transaction. Returns how many. */
  makeReady(connection: Connection, holders: readonly number[]): Promise<number>;
}

export function createPostgresRuns(options: HandOutOptions): PostgresRuns {
  const { database, tickets, now } = options;
  return {
    async claim(request) {
      const handedOut = await handOut(options, request);
      const ofExecutions = handedOut.runs.flatMap(({ id, execution }) => (execution === undefined ? [] : [id]));
      if (ofExecutions.length > 0)
        await database.transaction((connection) => settleExecutions(connection, ofExecutions, now()));
      return handedOut;
    },
    async nextReadyAt() {
      return (await nextReadyAt.get(database, now()))?.readyAt ?? undefined;
    },
    async makeReady(connection, holders) {
      if (holders.length === 0) return 0;
      const lost = await releaseLost.all(connection, integerArray(holders));
      return fileArrivals(connection, tickets, {
        arrivals: lost.map(({ runId }) => ({ runId, at: "front" as const })),
        now: now(),
      });
    },
  };
}
