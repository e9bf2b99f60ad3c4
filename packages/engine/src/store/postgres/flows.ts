import { newRunId } from "../../run-id.ts";
import { type ProjectRow, toProject } from "../project-rows.ts";
import type { FlowRecord, FlowRetention, FlowVersion, Project, Store } from "../store.ts";
import type { PostgresDatabase } from "./connection.ts";
import { prepare } from "./statement.ts";

const flowColumns = `
  id, project_id AS "projectId", slug, name, description, draft_hash AS "draftHash", loaded_hash AS "loadedHash",
  retention_days AS "retentionDays",
  coalesce((SELECT max(version) FROM versions WHERE versions.flow_id = flows.id), 0) AS "latestVersion",
  production_version AS "productionVersion", created_at AS "createdAt", updated_at AS "updatedAt", archived_at AS "archivedAt"`;

const versionColumns = `flow_id AS "flowId", version, definition_hash AS "definitionHash", note, created_at AS "createdAt"`;

const selectDefinition = prepare<{ text: string }>("definition", "SELECT text FROM definitions WHERE hash = $1");
const insertDefinition = prepare(
  "insert_definition",
  `INSERT INTO definitions (hash, text) SELECT $1, $2 WHERE NOT EXISTS (SELECT FROM definitions WHERE hash = $1)
   ON CONFLICT (hash) DO NOTHING`,
);

const insertProject = prepare(
  "insert_project",
  `INSERT INTO projects (id, org, slug) SELECT $1, $2, $3 WHERE NOT EXISTS (SELECT FROM projects WHERE org = $2 AND slug = $3)
   ON CONFLICT (org, slug) DO NOTHING`,
);
const selectProject = prepare<ProjectRow>(
  "project",
  "SELECT id, org, slug, settings FROM projects WHERE org = $1 AND slug = $2",
);
const selectProjectById = prepare<ProjectRow>(
  "project_by_id",
  "SELECT id, org, slug, settings FROM projects WHERE id = $1",
);
const selectProjects = prepare<ProjectRow>(
  "projects",
  "SELECT id, org, slug, settings FROM projects ORDER BY org, slug",
);
const saveSettings = prepare("save_settings", "UPDATE projects SET settings = $2 WHERE id = $1");

const selectFlow = prepare<FlowRecord>("flow", `SELECT ${flowColumns} FROM flows WHERE project_id = $1 AND slug = $2`);
const selectFlowById = prepare<FlowRecord>("flow_by_id", `SELECT ${flowColumns} FROM flows WHERE id = $1`);
const selectFlows = prepare<FlowRecord>(
  "flows",
  `SELECT ${flowColumns} FROM flows WHERE project_id = $1 AND archived_at IS NULL ORDER BY slug`,
);
const selectRetentions = prepare<FlowRetention>(
  "retentions",
  `SELECT id AS "flowId", retention_days AS days FROM flows WHERE project_id = $1`,
);
/** Whoever else changes the flow waits. */
const lockFlow = prepare("lock_flow", "SELECT FROM flows WHERE id = $1 FOR UPDATE");
const upsertFlow = prepare<{ id: string }>(
  "upsert_flow",
  `INSERT INTO flows (id, project_id, slug, name, description, draft_hash, loaded_hash, retention_days, created_at, updated_at)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
   ON CONFLICT (project_id, slug) DO UPDATE
   SET name = excluded.name, description = excluded.description, draft_hash = excluded.draft_hash,
       loaded_hash = coalesce(excluded.loaded_hash, flows.loaded_hash), retention_days = excluded.retention_days, updated_at = excluded.updated_at, archived_at = NULL
   RETURNING id`,
);

const insertVersion = prepare(
  "insert_version",
  "INSERT INTO versions (flow_id, version, definition_hash, note, created_at) VALUES ($1, $2, $3, $4, $5)",
);
const selectVersion = prepare<FlowVersion>(
  "version",
  `SELECT ${versionColumns} FROM versions WHERE flow_id = $1 AND version = $2`,
);
const selectVersions = prepare<FlowVersion>(
  "versions",
  `SELECT ${versionColumns} FROM versions WHERE flow_id = $1 ORDER BY version`,
);
const promoteVersion = prepare(
  "promote_version",
  `UPDATE flows SET production_version = $2, updated_at = $3
   WHERE id = $1 AND EXISTS (SELECT FROM versions WHERE flow_id = $1 AND version = $2)`,
);
const touchFlow = prepare("touch_flow", "UPDATE flows SET updated_at = $2 WHERE id = $1");
const archiveFlow = prepare("archive_flow", "UPDATE flows SET archived_at = $2 WHERE id = $1 AND archived_at IS NULL");

/** Projects, definitions, flows and their versions; see `Store` for what each promises. */
export type PostgresFlows = Pick<
  Store,
  | "definition"
  | "ensureProject"
  | "project"
  | "projectById"
  | "projects"
  | "saveSettings"
  | "flow"
  | "flowById"
  | "flows"
  | "retentions"
  | "saveDraft"
  | "publish"
  | "versions"
  | "version"
  | "promote"
  | "archive"
>;

export function createPostgresFlows(database: PostgresDatabase): PostgresFlows {
  return {
    definition: async (hash) => (await selectDefinition.get(database, hash))?.text,
    async ensureProject(org, slug) {
      await insertProject.run(database, newRunId(), org, slug);
      return toProject(stored(await selectProject.get(database, org, slug), `project ${org}/${slug}`));
    },
    project: async (org, slug) => toProjectIfAny(await selectProject.get(database, org, slug)),
    projectById: async (id) => toProjectIfAny(await selectProjectById.get(database, id)),
    projects: async () => (await selectProjects.all(database)).map(toProject),
    saveSettings: async (projectId, settings) => {
      await saveSettings.run(database, projectId, JSON.stringify(settings));
    },
    flow: (projectId, slug) => selectFlow.get(database, projectId, slug),
    flowById: (flowId) => selectFlowById.get(database, flowId),
    flows: (projectId) => selectFlows.all(database, projectId),
    retentions: (projectId) => selectRetentions.all(database, projectId),
    saveDraft: (draft) => saveDraft(database, draft),
    publish: (flowId, note, at) => publish(database, flowId, note, at),
    versions: (flowId) => selectVersions.all(database, flowId),
    version: (flowId, version) => selectVersion.get(database, flowId, version),
    promote: async (flowId, version, at) => (await promoteVersion.run(database, flowId, version, at)) === 1,
    archive: async (flowId, at) => {
      await archiveFlow.run(database, flowId, at);
    },
  };
}

function saveDraft(database: PostgresDatabase, draft: Parameters<Store["saveDraft"]>[0]): Promise<FlowRecord> {
  const { projectId, slug, name, description, definition, retentionDays, fromFile, at } = draft;
  const { hash, text } = definition;
  return database.transaction(async (connection) => {
    await insertDefinition.run(connection, hash, text);
    const values = [newRunId(), projectId, slug, name, description, hash, fromFile ? hash : null, retentionDays, at];
    const { id } = stored(await upsertFlow.get(connection, ...values), `flow ${slug}`);
    return stored(await selectFlowById.get(connection, id), `flow ${slug}`);
  });
}

function publish(database: PostgresDatabase, flowId: string, note: string | null, at: number): Promise<FlowVersion> {
  return database.transaction(async (connection) => {
    await lockFlow.run(connection, flowId);
    const { draftHash, latestVersion } = stored(await selectFlowById.get(connection, flowId), `flow ${flowId}`);
    const newest = await selectVersion.get(connection, flowId, latestVersion);
    const isRepeated = newest?.definitionHash === draftHash && newest.note === note && newest.createdAt === at;
    if (isRepeated) return newest;
    const next: FlowVersion = { flowId, version: latestVersion + 1, definitionHash: draftHash, note, createdAt: at };
    await insertVersion.run(connection, flowId, next.version, draftHash, note, at);
    await touchFlow.run(connection, flowId, at);
    return next;
  });
}

function toProjectIfAny(row: ProjectRow | undefined): Project | undefined {
  return row === undefined ? undefined : toProject(row);
}

function stored<Row>(row: Row | undefined, what: string): Row {
  if (row === undefined) throw new Error(`There is no ${what} in the store.`);
  return row;
}
