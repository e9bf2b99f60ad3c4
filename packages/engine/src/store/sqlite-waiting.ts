import type { DatabaseSync } from "node:sqlite";
import { prepare } from "./sqlite-statement.ts";

/** How far a project's turns are apart, and the first one of all; `postgres/turns.ts` says what turns are. */
const turnStep = 2;
const firstTurn = turnStep;

/** Where pending runs wait: within the caller's transaction. */
export interface Waiting {
  /**
   * Gives a run its place if it is pending: behind its project's others (`end`), where a project with none comes (`turn`), or before everybody
   * (`front`). `now` is the store's clock.
   */
  file(runNo: number, place: { readonly at: "end" | "turn" | "front"; readonly now: number }): void;
  /** How many runs of the project are in work. */
  inWork(projectId: string): number;
  /** How many of the same project are, if that run could be taken now; else none, since who wants it is to hear why not. */
  inWorkBeside(runId: string, epoch: number): number;
}

const waitsForTurn = (alias: string): string => `${alias}.status = 'pending' AND ${alias}.waits = 'turn'`;

/** The turn that is being handed out at the run's priority. */
const present = `coalesce(
  (SELECT first.turn FROM runs AS first WHERE ${waitsForTurn("first")} AND first.priority = runs.priority ORDER BY first.turn LIMIT 1),
  ${firstTurn - 1})`;

/** The turn behind the project's last run that waits for one at that priority; 0 when none does. */
const behindOwn = `coalesce(
  (SELECT last.turn + ${turnStep} FROM runs AS last INDEXED BY lines
   WHERE ${waitsForTurn("last")} AND last.project_id = runs.project_id AND last.priority = runs.priority
   ORDER BY last.turn DESC LIMIT 1), 0)`;

/** Whoever delays nothing asks for the moment of the creation, by a clock that may have been ahead of the store's. */
const isDelayed = "ready_at > ?3 AND ready_at <> created_at";

export function prepareWaiting(database: DatabaseSync): Waiting {
  const file = prepare(
    database,
    `UPDATE runs SET waits = iif(${isDelayed}, 'time', 'turn'),
                     turn = iif(${isDelayed}, NULL, CASE ?2 WHEN 'front' THEN max(${present} - 1, 0) WHEN 'turn' THEN ${present} + 1
                                                                      ELSE max(${present} + 1, ${behindOwn}) END)
     WHERE no = ?1 AND status = 'pending'`,
  );
  const inWork = prepare<{ count: number }>(
    database,
    `SELECT count(*) AS count FROM runs INDEXED BY listed_runs
     WHERE status = 'running' AND flow_no IN (SELECT no FROM flows WHERE project_id = ?)`,
  );
  const freeRun = prepare<{ projectId: string }>(
    database,
    "SELECT project_id AS projectId FROM runs WHERE id = ? AND epoch = ? AND status IN ('pending', 'paused')",
  );
  const countInWork = (projectId: string): number => inWork.get(projectId)?.count ?? 0;
  return {
    file: (runNo, { at, now }) => void file.run(runNo, at, now),
    inWork: countInWork,
    inWorkBeside: (runId, epoch) => {
      const run = freeRun.get(runId, epoch);
      return run === undefined ? 0 : countInWork(run.projectId);
    },
  };
}
