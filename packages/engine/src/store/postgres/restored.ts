import type { ClientBase } from "pg";

/**
 * Changes of executions are in the order of the transactions that wrote them, whose numbers mean nothing on another server: a dump that is
 * restored there brings some that are still to come, and what they stand by would be told to nobody until they have come. All changes then
 * begin anew, before whatever is written from here on, in the order of their own numbers, which is the same for each execution. Looks at the
 * latest change of each project only, and changes nothing where there is nothing to mend, whoever works on the database meanwhile.
 */
export async function settleRestored(client: ClientBase): Promise<void> {
  await client.query(
    `UPDATE execution_changes SET xid = '0'
     WHERE EXISTS (
       SELECT FROM projects CROSS JOIN LATERAL (
         SELECT xid FROM execution_changes WHERE project_no = projects.no ORDER BY xid DESC, no DESC LIMIT 1) AS latest
       WHERE latest.xid >= pg_snapshot_xmax(pg_current_snapshot()))`,
  );
}
