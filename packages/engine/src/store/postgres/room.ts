import { integerArray, textArray, uuidArray } from "./array.ts";
import type { Connection } from "./connection.ts";
import { roomSpace } from "./locks.ts";
import type { CreateRow, MoveRow, Placed } from "./rounds.ts";
import { prepare } from "./statement.ts";

/**
 * How many runs of a project may be in work at once: as its settings say, else so many (null: as many as there are). PostgreSQL refuses to look into
 * JSON that has an escaped NUL or half a pair anywhere; without their escapes texts are other ones, and numbers what they were.
 */
export function capOf(project: string, most: string): string {
  const settings = `regexp_replace(${project}.settings, '\\\\.', '', 'g')::json`;
  return `coalesce((${settings} -> 'limits' ->> 'concurrentRuns')::integer, ${most}::integer)`;
}

/** Who holds runs, found one by one: for WITH RECURSIVE. */
export const holders = `
  holders AS (
    (SELECT holder FROM run_states WHERE holder IS NOT NULL ORDER BY holder LIMIT 1)
    UNION ALL
    SELECT (SELECT holder FROM run_states WHERE holder > holders.holder ORDER BY holder LIMIT 1)
    FROM holders WHERE holders.holder IS NOT NULL
  )`;

/** How many runs of the project somebody holds; beside `holders`. */
export function inWork(project: string): string {
  return `(SELECT count(*)::integer FROM flows CROSS JOIN holders
           JOIN run_states AS held ON held.holder = holders.holder AND held.flow_no = flows.no
           WHERE flows.project_id = ${project}.id)`;
}

/** Keeps those projects' numbers of runs in work as they are for the rest of the transaction, whatever other processes are up to; in order, so that two never wait for each other. */
export const lockRooms = prepare(
  "lock_rooms",
  `SELECT pg_advisory_xact_lock(${roomSpace}, no) FROM (SELECT no FROM unnest($1::integer[]) AS asked (no) ORDER BY no OFFSET 0) AS projects`,
);

/** Projects of these runs that have a cap, or tickets in a line of their own. */
export const cappedProjects = prepare<{ no: number }>(
  "capped_projects",
  `SELECT no FROM projects
   WHERE no IN (SELECT project_no FROM runs WHERE id = ANY ($1::uuid[]))
     AND (${capOf("projects", "$2")} IS NOT NULL OR EXISTS (SELECT FROM full_projects WHERE project_no = projects.no))`,
);

const projectNumbers = prepare<{ id: string; no: number }>(
  "project_numbers",
  "SELECT id, no FROM projects WHERE id = ANY ($1::text[])",
);

const runsInWork = prepare<{ id: string; count: number }>(
  "runs_in_work",
  `WITH RECURSIVE ${holders} SELECT id, ${inWork("projects")} AS count FROM projects WHERE id = ANY ($1::text[])`,
);

const projectsOfRuns = prepare<{ runId: string; projectId: string }>(
  "projects_of_runs",
  `SELECT runs.id AS "runId", projects.id AS "projectId" FROM runs JOIN projects ON projects.no = runs.project_no
   WHERE runs.id = ANY ($1::uuid[])`,
);

/** The most runs that the project may have in work for the row to be written; null where it asks for none to be counted. */
export function boundOf(row: CreateRow | MoveRow): number | null {
  if (row.kind === "create") return row.run.concurrentRuns ?? null;
  return row.kind === "seize" ? row.concurrentRuns : null;
}

/** A run that its project has no room for, and how many it has in work. */
export interface Turned {
  readonly entry: Placed<CreateRow | MoveRow>;
  readonly runsInWork: number;
}

/** Which of the entries go beyond what their callers know to be the most for their project; nobody else changes that before the transaction ends. */
export async function findTurnedAway(
  on: Connection,
  entries: readonly Placed<CreateRow | MoveRow>[],
): Promise<readonly Turned[]> {
  const bounded = entries.filter(({ row }) => boundOf(row) !== null);
  if (bounded.length === 0) return [];
  const projectOf = await findProjects(on, bounded);
  const ids = textArray([...new Set(projectOf.values())]);
  const projects = await projectNumbers.all(on, ids);
  await lockRooms.run(on, integerArray(projects.map(({ no }) => no)));
  const inWorkById = new Map((await runsInWork.all(on, ids)).map(({ id, count }) => [id, count]));
  return bounded.flatMap((entry) => {
    const projectId = projectOf.get(entry) ?? "";
    const count = inWorkById.get(projectId) ?? 0;
    if (count >= (boundOf(entry.row) ?? Infinity)) return [{ entry, runsInWork: count }];
    inWorkById.set(projectId, count + 1);
    return [];
  });
}

/** The ids of the entries' projects, where they are known. */
async function findProjects(
  on: Connection,
  entries: readonly Placed<CreateRow | MoveRow>[],
): Promise<ReadonlyMap<Placed<CreateRow | MoveRow>, string>> {
  const runIds = entries.flatMap(({ row }) => (row.kind === "create" ? [] : [row.runId]));
  const rows = runIds.length === 0 ? [] : await projectsOfRuns.all(on, uuidArray(runIds));
  const byRun = new Map(rows.map(({ runId, projectId }) => [runId, projectId]));
  return new Map(
    entries.flatMap((entry) => {
      const id = entry.row.kind === "create" ? entry.row.run.projectId : byRun.get(entry.row.runId);
      return id === undefined ? [] : [[entry, id] as const];
    }),
  );
}
