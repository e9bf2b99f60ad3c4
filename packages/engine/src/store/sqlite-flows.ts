import type { DatabaseSync } from "node:sqlite";
import { newRunId } from "../run-id.ts";
import { prepare, type Transaction } from "./sqlite-statement.ts";
import { type ProjectRow, toProject } from "./project-rows.ts";
import type { FlowRecord, FlowRetention, FlowVersion, Project, Store, StoredSettings } from "./store.ts";

type Draft = Parameters<Store["saveDraft"]>[0];

const selectProject = "SELECT id, org, slug, settings FROM projects";

const selectFlow = `
  SELECT id, project_id AS projectId, slug, name, description, draft_hash AS draftHash, loaded_hash AS loadedHash,
         retention_days AS retentionDays,
         coalesce((SELECT max(version) FROM versions WHERE versions.flow_id = flows.id), 0) AS latestVersion,
         production_version AS productionVersion, created_at AS createdAt, updated_at AS updatedAt, archived_at AS archivedAt
  FROM flows`;

const selectVersion = `
  SELECT flow_id AS flowId, version, definition_hash AS definitionHash, note, created_at AS createdAt FROM versions`;

/** The statements about projects and definitions, each in view. */
function prepareProjectStatements(database: DatabaseSync) {
  const definition = prepare<{ text: string }>(database, "SELECT text FROM definitions WHERE hash = ?");
  const insertDefinition = prepare(
    database,
    "INSERT INTO definitions (hash, text) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING",
  );
  const insertProject = prepare(
    database,
    "INSERT INTO projects (id, org, slug) VALUES (?, ?, ?) ON CONFLICT (org, slug) DO NOTHING",
  );
  const project = prepare<ProjectRow>(database, `${selectProject} WHERE org = ? AND slug = ?`);
  const projectById = prepare<ProjectRow>(database, `${selectProject} WHERE id = ?`);
  const projects = prepare<ProjectRow>(database, `${selectProject} ORDER BY org, slug`);
  const saveSettings = prepare(database, "UPDATE projects SET settings = ? WHERE id = ?");
  return {
    definition: (hash: string) => definition.get(hash)?.text,
    insertDefinition: (hash: string, text: string) => insertDefinition.run(hash, text),
    insertProject: (id: string, org: string, slug: string) => insertProject.run(id, org, slug),
    project: (org: string, slug: string) => toProjectIfAny(project.get(org, slug)),
    projectById: (id: string) => toProjectIfAny(projectById.get(id)),
    projects: () => projects.all().map(toProject),
    saveSettings: (projectId: string, text: string) => saveSettings.run(text, projectId),
  };
}

/** The statements about flows and versions, each in view. */
function prepareFlowStatements(database: DatabaseSync) {
  const flow = prepare<FlowRecord>(database, `${selectFlow} WHERE project_id = ? AND slug = ?`);
  const flowById = prepare<FlowRecord>(database, `${selectFlow} WHERE id = ?`);
  const flows = prepare<FlowRecord>(
    database,
    `${selectFlow} WHERE project_id = ? AND archived_at IS NULL ORDER BY slug`,
  );
  const retentions = prepare<FlowRetention>(
    database,
    "SELECT id AS flowId, retention_days AS days FROM flows WHERE project_id = ?",
  );
  const upsertFlow = prepare<{ id: string }>(
    database,
    `INSERT INTO flows (no, id, project_id, slug, name, description, draft_hash, loaded_hash, retention_days, created_at, updated_at)
     VALUES ((SELECT coalesce(max(no), 0) + 1 FROM flows), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (project_id, slug) DO UPDATE
     SET name = excluded.name, description = excluded.description, draft_hash = excluded.draft_hash,
         loaded_hash = coalesce(excluded.loaded_hash, loaded_hash), retention_days = excluded.retention_days, updated_at = excluded.updated_at, archived_at = NULL
     RETURNING id`,
  );
  const insertVersion = prepare(
    database,
    "INSERT INTO versions (flow_id, version, definition_hash, note, created_at) VALUES (?, ?, ?, ?, ?)",
  );
  const version = prepare<FlowVersion>(database, `${selectVersion} WHERE flow_id = ? AND version = ?`);
  const versions = prepare<FlowVersion>(database, `${selectVersion} WHERE flow_id = ? ORDER BY version`);
  const promote = prepare(
    database,
    `UPDATE flows SET production_version = ?2, updated_at = ?3
     WHERE id = ?1 AND EXISTS (SELECT 1 FROM versions WHERE flow_id = ?1 AND version = ?2)`,
  );
  const touch = prepare(database, "UPDATE flows SET updated_at = ? WHERE id = ?");
  const archive = prepare(database, "UPDATE flows SET archived_at = ? WHERE id = ? AND archived_at IS NULL");
  return {
    flow: (projectId: string, slug: string) => flow.get(projectId, slug),
    flowById: (id: string) => flowById.get(id),
    flows: (projectId: string) => flows.all(projectId),
    /** The flow's id: `newId` when there was none. */
    upsertFlow: (newId: string, draft: Draft) => {
      const { projectId, slug, name, description, definition, retentionDays, fromFile, at } = draft;
      const { hash } = definition;
      return upsertFlow.get(
        newId,
        projectId,
        slug,
        name,
        description,
        hash,
        fromFile ? hash : null,
        retentionDays,
        at,
        at,
      )?.id;
    },
    retentions: (projectId: string) => retentions.all(projectId),
    insertVersion: ({ flowId, version: number, definitionHash, note, createdAt }: FlowVersion) =>
      insertVersion.run(flowId, number, definitionHash, note, createdAt),
    version: (flowId: string, number: number) => version.get(flowId, number),
    versions: (flowId: string) => versions.all(flowId),
    promote: (flowId: string, number: number, at: number) => promote.run(flowId, number, at) === 1,
    touch: (flowId: string, at: number) => touch.run(at, flowId),
    archive: (flowId: string, at: number) => archive.run(at, flowId),
  };
}

/** Projects, definitions, flows and their versions; see `Store` for what each promises. */
export interface SqliteFlows {
  definition(hash: string): string | undefined;
  ensureProject(org: string, slug: string): Project;
  project(org: string, slug: string): Project | undefined;
  projectById(id: string): Project | undefined;
  projects(): readonly Project[];
  saveSettings(projectId: string, settings: StoredSettings): void;
  flow(projectId: string, slug: string): FlowRecord | undefined;
  flowById(flowId: string): FlowRecord | undefined;
  flows(projectId: string): readonly FlowRecord[];
  retentions(projectId: string): readonly FlowRetention[];
  saveDraft(draft: Draft): FlowRecord;
  publish(flowId: string, note: string | null, at: number): FlowVersion;
  versions(flowId: string): readonly FlowVersion[];
  version(flowId: string, version: number): FlowVersion | undefined;
  promote(flowId: string, version: number, at: number): boolean;
  archive(flowId: string, at: number): void;
}

export function createSqliteFlows(database: DatabaseSync, transaction: Transaction): SqliteFlows {
  const sql = { ...prepareProjectStatements(database), ...prepareFlowStatements(database) };

  function ensureProject(org: string, slug: string): Project {
    sql.insertProject(newRunId(), org, slug);
    return stored(sql.project(org, slug), `project ${org}/${slug}`);
  }

  function saveDraft(draft: Draft): FlowRecord {
    sql.insertDefinition(draft.definition.hash, draft.definition.text);
    const id = sql.upsertFlow(newRunId(), draft);
    return stored(id === undefined ? undefined : sql.flowById(id), `flow ${draft.slug}`);
  }

  function publish(flowId: string, note: string | null, at: number): FlowVersion {
    const { draftHash, latestVersion } = stored(sql.flowById(flowId), `flow ${flowId}`);
    const newest = sql.version(flowId, latestVersion);
    const isRepeated = newest?.definitionHash === draftHash && newest.note === note && newest.createdAt === at;
    if (isRepeated) return newest;
    const next: FlowVersion = { flowId, version: latestVersion + 1, definitionHash: draftHash, note, createdAt: at };
    sql.insertVersion(next);
    sql.touch(flowId, at);
    return next;
  }

  return {
    definition: sql.definition,
    ensureProject: (org, slug) => transaction(() => ensureProject(org, slug)),
    project: sql.project,
    projectById: sql.projectById,
    projects: sql.projects,
    saveSettings: (projectId, settings) => {
      transaction(() => sql.saveSettings(projectId, JSON.stringify(settings)));
    },
    flow: sql.flow,
    flowById: sql.flowById,
    flows: sql.flows,
    retentions: sql.retentions,
    saveDraft: (draft) => transaction(() => saveDraft(draft)),
    publish: (flowId, note, at) => transaction(() => publish(flowId, note, at)),
    versions: sql.versions,
    version: sql.version,
    promote: (flowId, version, at) => transaction(() => sql.promote(flowId, version, at)),
    archive: (flowId, at) => {
      transaction(() => sql.archive(flowId, at));
    },
  };
}

function toProjectIfAny(row: ProjectRow | undefined): Project | undefined {
  return row === undefined ? undefined : toProject(row);
}

function stored<Row>(row: Row | undefined, what: string): Row {
  if (row === undefined) throw new Error(`There is no ${what} in the store.`);
  return row;
}
