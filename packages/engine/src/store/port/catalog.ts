import type { ProjectSettings } from "../../flow/project.ts";

export interface Project {
  readonly id: string;
  readonly org: string;
  readonly slug: string;
  /** What its `project.yaml` says, without the secret in it. */
  readonly settings: StoredSettings;
}

/** Secrets stay in the file and in memory: no row holds one. */
export type StoredSettings = Omit<ProjectSettings, "$schema" | "webhookSecret">;

export interface FlowRecord {
  /** UUID. */
  readonly id: string;
  readonly projectId: string;
  readonly slug: string;
  readonly name: string;
  readonly description: string | null;
  readonly draftHash: string;
  /** Hash of the definition that was last loaded from a file; tells a draft edited through the API from one that a file owns. */
  readonly loadedHash: string | null;
  /** How long its runs are kept by its draft, in days; null when the draft leaves that to the project. */
  readonly retentionDays: number | null;
  /** The newest published version; 0 when there is none. */
  readonly latestVersion: number;
  readonly productionVersion: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Since when the flow is hidden; null when it is not. */
  readonly archivedAt: number | null;
}

/** How long a flow's runs are kept. */
export interface FlowRetention {
  readonly flowId: string;
  /** Null when the draft leaves it to the project. */
  readonly days: number | null;
}

export interface FlowVersion {
  readonly flowId: string;
  /** From 1. */
  readonly version: number;
  readonly definitionHash: string;
  readonly note: string | null;
  readonly createdAt: number;
}

/** A definition as text, named by what it says: `hash` is the hex SHA-256 of `text`. Text, because key order carries meaning. */
export interface StoredDefinition {
  readonly hash: string;
  readonly text: string;
}

/** Part of the store: projects, flows and their versions. */
export interface CatalogStore {
  /** The definition of that hash. */
  definition(hash: string): Promise<string | undefined>;
  /** Finds or makes the project. Slugs are taken as checked. */
  ensureProject(org: string, slug: string): Promise<Project>;
  project(org: string, slug: string): Promise<Project | undefined>;
  projectById(id: string): Promise<Project | undefined>;
  projects(): Promise<readonly Project[]>;
  /** Puts these in place of the project's settings. Does nothing when there is no such project. */
  saveSettings(projectId: string, settings: StoredSettings): Promise<void>;

  /** Also when it is archived. */
  flow(projectId: string, slug: string): Promise<FlowRecord | undefined>;
  /** Also when it is archived. */
  flowById(flowId: string): Promise<FlowRecord | undefined>;
  /** Flows that are not archived, by slug. */
  flows(projectId: string): Promise<readonly FlowRecord[]>;
  /** Makes the flow when there is none, else replaces its draft; an archived flow comes back. `fromFile` marks the draft as owned by a file. */
  saveDraft(draft: {
    readonly projectId: string;
    readonly slug: string;
    readonly name: string;
    readonly description: string | null;
    readonly definition: StoredDefinition;
    readonly retentionDays: number | null;
    readonly fromFile: boolean;
    readonly at: number;
  }): Promise<FlowRecord>;
  /** Freezes the draft as the next version. The call that made the newest version, made again, gives that version. */
  publish(flowId: string, note: string | null, at: number): Promise<FlowVersion>;
  /** Oldest first. */
  versions(flowId: string): Promise<readonly FlowVersion[]>;
  version(flowId: string, version: number): Promise<FlowVersion | undefined>;
  /** Points production at a version that exists. False when it does not. */
  promote(flowId: string, version: number, at: number): Promise<boolean>;
  /** Hides the flow; its runs and versions stay. Idempotent. */
  archive(flowId: string, at: number): Promise<void>;
}
