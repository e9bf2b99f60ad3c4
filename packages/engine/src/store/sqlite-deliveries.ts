import type { DatabaseSync } from "node:sqlite";
import { prepare, type Transaction } from "./sqlite-statement.ts";
import type { Delivery, DeliveryEnd, DeliveryQuery } from "./store.ts";

/** Clocks that are kept in step go back by less, in milliseconds. */
const jitterMs = 500;

/** The statements about webhooks to be sent, each in view. */
function prepareStatements(database: DatabaseSync) {
  const due = prepare<Omit<Delivery, "attempt"> & { readonly no: number; readonly attempts: number }>(
    database,
    `SELECT run_no AS no, runs.id AS runId, project_id AS projectId, url, host, attempts
     FROM deliveries JOIN runs ON runs.no = run_no
     WHERE due_at <= ?1 AND project_id IN (SELECT value FROM json_each(?2)) AND host NOT IN (SELECT value FROM json_each(?3))
     ORDER BY due_at LIMIT ?4`,
  );
  const handOut = prepare(database, "UPDATE deliveries SET attempts = attempts + 1, due_at = ?2 WHERE run_no = ?1");
  const ofAttempt = "run_no = (SELECT no FROM runs WHERE id = ?1) AND attempts = ?2";
  const remove = prepare(database, `DELETE FROM deliveries WHERE ${ofAttempt}`);
  const putOff = prepare(database, `UPDATE deliveries SET due_at = ?3 WHERE ${ofAttempt}`);
  const pullForward = prepare(database, "UPDATE deliveries SET due_at = due_at - ?1 WHERE due_at > ?2");
  return {
    pullForward: (ms: number, now: number) => pullForward.run(ms, now),
    due: ({ projectIds, exceptHosts, limit }: DeliveryQuery, now: number) =>
      due.all(now, JSON.stringify(projectIds), JSON.stringify(exceptHosts), limit),
    handOut: (no: number, until: number) => handOut.run(no, until),
    remove: (runId: string, attempt: number) => remove.run(runId, attempt) === 1,
    /** Null: for ever. */
    putOff: (runId: string, attempt: number, dueAt: number | null) => putOff.run(runId, attempt, dueAt) === 1,
  };
}

/** Webhooks to be sent; see `Store` for what each promises. `now` is the store's clock. */
export interface SqliteDeliveries {
  claimDeliveries(query: DeliveryQuery, now: number): readonly Delivery[];
  settleDelivery(delivery: Pick<Delivery, "runId" | "attempt">, end: DeliveryEnd, now: number): boolean;
}

export function createSqliteDeliveries(database: DatabaseSync, transaction: Transaction): SqliteDeliveries {
  const sql = prepareStatements(database);
  let lookedAt = -Infinity;

  /** What was put off while the clock was ahead does not wait until it gets there again. */
  function followClock(now: number): void {
    const aheadMs = lookedAt - now;
    lookedAt = now;
    if (aheadMs > jitterMs) transaction(() => sql.pullForward(aheadMs, now));
  }

  function claim(query: DeliveryQuery, now: number): readonly Delivery[] {
    return sql.due(query, now).map(({ no, attempts, ...delivery }) => {
      sql.handOut(no, now + query.leaseMs);
      return { ...delivery, attempt: attempts + 1 };
    });
  }

  return {
    // Asked every second: a look without a transaction around it, unless there is something to hand out.
    claimDeliveries: (query, now) => {
      followClock(now);
      return sql.due(query, now).length === 0 ? [] : transaction(() => claim(query, now));
    },
    settleDelivery: ({ runId, attempt }, end, now) => {
      if (end.end === "delivered") return sql.remove(runId, attempt);
      return sql.putOff(runId, attempt, end.end === "givenUp" ? null : now + end.retryInMs);
    },
  };
}
