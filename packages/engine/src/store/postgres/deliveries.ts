import { isUuid } from "../../run-id.ts";
import type { Delivery, Store } from "../store.ts";
import { textArray } from "./array.ts";
import { clock } from "./clock.ts";
import type { PostgresDatabase } from "./connection.ts";
import { prepare } from "./statement.ts";

/** What another process is taking at this moment is passed over, not waited for. The index is read from the webhook that is due longest. */
const claimDeliveries = prepare<Delivery>(
  "claim_deliveries",
  `WITH clock AS MATERIALIZED (
     SELECT ${clock("$1")} AS now
   ), due AS MATERIALIZED (
     SELECT run_id FROM deliveries
     WHERE due_at <= (SELECT now FROM clock) AND host <> ALL ($3::text[])
       AND (project_no IN (SELECT no FROM projects WHERE id = ANY ($2::text[]))) IS TRUE
     ORDER BY due_at LIMIT $4 FOR UPDATE SKIP LOCKED
   )
   UPDATE deliveries AS delivery SET attempts = attempts + 1, due_at = (SELECT now FROM clock) + $5::bigint
   FROM due WHERE delivery.run_id = due.run_id
   RETURNING delivery.run_id AS "runId", (SELECT id FROM projects WHERE no = project_no) AS "projectId", url, host, attempts AS attempt`,
);

const removeDelivery = prepare("remove_delivery", "DELETE FROM deliveries WHERE run_id = $1 AND attempts = $2");

/** Null: for ever. */
const putOffDelivery = prepare(
  "put_off_delivery",
  `UPDATE deliveries SET due_at = ${clock("$3")} + $4::bigint WHERE run_id = $1 AND attempts = $2`,
);

/** Webhooks to be sent; see `Store` for what each promises. */
export type PostgresDeliveries = Pick<Store, "claimDeliveries" | "settleDelivery">;

/** `now` is the store's clock, where null is the database's. */
export function createPostgresDeliveries(database: PostgresDatabase, now: () => number | null): PostgresDeliveries {
  return {
    claimDeliveries: ({ projectIds, exceptHosts, limit, leaseMs }) =>
      claimDeliveries.all(database, now(), textArray(projectIds), textArray(exceptHosts), limit, leaseMs),
    async settleDelivery({ runId, attempt }, end) {
      if (!isUuid(runId)) return false;
      if (end.end === "delivered") return (await removeDelivery.run(database, runId, attempt)) === 1;
      const retryInMs = end.end === "givenUp" ? null : end.retryInMs;
      return (await putOffDelivery.run(database, runId, attempt, now(), retryInMs)) === 1;
    },
  };
}
