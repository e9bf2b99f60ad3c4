import { codeIssues } from "./code-issues.ts";
import { EngineError, InvalidDefinitionError } from "./errors.ts";
import { type FlowFile, readFlowFiles } from "./flow/files.ts";
import type { DefinitionIssue, FlowDefinition } from "./flow/definition.ts";
import { type DefinitionLimits, defaultDefinitionLimits, limitIssues } from "./flow/definition-limits.ts";
import { parseFlowObject, type ParsedFlow, type RefusedFlow } from "./flow/parse.ts";
import type { Sandbox } from "./sandbox/sandbox.ts";
import type { FlowRecord, FlowVersion, Store } from "./store/store.ts";
import { subflowIssues, subflowNodes, type SubflowSource } from "./subflows.ts";

/** Which of a flow's definitions: its draft, what production points at (the draft while nothing was promoted), or version N ≥ 1. */
export type FlowVersionRef = "draft" | "production" | number;

/** One flow file, loaded or refused. */
export interface LoadedFile {
  readonly file: string;
  readonly org: string;
  readonly project: string;
  readonly flow: string;
  /** `published` a new version, found it `unchanged`, or `kept` a draft that was edited through the API since its last load. */
  readonly outcome: "published" | "unchanged" | "kept" | "refused";
  readonly version?: number;
  /** Every fault, when refused. */
  readonly issues: readonly DefinitionIssue[];
}

/** The definition that a call runs. */
export interface ResolvedFlow {
  readonly flow: FlowRecord;
  /** 0 for the draft. */
  readonly flowVersion: number;
  readonly definitionHash: string;
}

/** Flows as they are kept: drafts, versions and the production pointer. */
export interface Catalog {
  /** Archived flows are found too. */
  flow(projectId: string, slug: string): Promise<FlowRecord | undefined>;
  flows(projectId: string): Promise<readonly FlowRecord[]>;
  /** Throws `FLOW_NOT_FOUND` and `VERSION_NOT_FOUND`. */
  resolve(projectId: string, slug: string, version: FlowVersionRef): Promise<ResolvedFlow>;
  /** The definition's text as stored. */
  definitionText(hash: string): Promise<string | undefined>;
  /** Every fault that would keep this definition from being saved as that flow's; stores nothing. */
  check(projectId: string, slug: string, definition: unknown): Promise<readonly DefinitionIssue[]>;
  /** Checks and stores a draft; throws `InvalidDefinitionError` with every issue. */
  saveDraft(projectId: string, slug: string, definition: unknown): Promise<FlowRecord>;
  /** Throws `InvalidDefinitionError` when the draft, with what its sub-flows are by now, would run itself. */
  publish(flow: FlowRecord, note: string | null): Promise<FlowVersion>;
  versions(flow: FlowRecord): Promise<readonly FlowVersion[]>;
  /** False when there is no such version. */
  promote(flow: FlowRecord, version: number): Promise<boolean>;
  archive(flow: FlowRecord): Promise<void>;
  /** Loads `dir/<org>/<project>/<flow>.yaml|json` by the rules of the contract §9. A bad file refuses only itself. */
  loadFiles(dir: string, options: { readonly promote: boolean }): Promise<readonly LoadedFile[]>;
}

/** How long a flow's pointers may be remembered, in milliseconds. Our own writes are seen at once. */
const pointerAgeMs = 1_000;

/** Versions never change, so that only the memory they take bounds how many are remembered. */
const maxKnownVersions = 10_000;

export interface CatalogOptions {
  /** Checks the code of code steps, where there is one. */
  readonly sandbox?: Pick<Sandbox, "check"> | undefined;
  /** Default: the contract's. */
  readonly limits?: DefinitionLimits | undefined;
}

export function createCatalog(store: Store, now: () => number, options: CatalogOptions = {}): Catalog {
  const { sandbox, limits = defaultDefinitionLimits } = options;
  const versionHashes = new Map<string, string>();
  const pointers = new Map<string, { readonly flow: FlowRecord; readonly readAt: number }>();
  const keyOf = (projectId: string, slug: string): string => `${projectId}/${slug}`;

  async function pointersOf(projectId: string, slug: string): Promise<FlowRecord | undefined> {
    const known = pointers.get(keyOf(projectId, slug));
    if (known !== undefined && now() - known.readAt < pointerAgeMs) return known.flow;
    return reread(projectId, slug);
  }

  async function reread(projectId: string, slug: string): Promise<FlowRecord | undefined> {
    const flow = await store.flow(projectId, slug);
    if (flow === undefined) pointers.delete(keyOf(projectId, slug));
    else pointers.set(keyOf(projectId, slug), { flow, readAt: now() });
    return flow;
  }

  async function hashOfVersion(flow: FlowRecord, version: number): Promise<string | undefined> {
    const key = `${flow.id}/${version}`;
    const known = versionHashes.get(key);
    if (known !== undefined) return known;
    const hash = (await store.version(flow.id, version))?.definitionHash;
    if (versionHashes.size >= maxKnownVersions) versionHashes.clear();
    if (hash !== undefined) versionHashes.set(key, hash);
    return hash;
  }

  async function save(projectId: string, slug: string, parsed: ParsedFlow, fromFile: boolean): Promise<FlowRecord> {
    const { definition, stored } = parsed;
    const flow = await store.saveDraft({
      projectId,
      slug,
      name: definition.name ?? slug,
      description: definition.description ?? null,
      definition: stored,
      retentionDays: definition.retention?.days ?? null,
      fromFile,
      at: now(),
    });
    pointers.delete(keyOf(projectId, slug));
    return flow;
  }

  async function definitionOf(hash: string): Promise<FlowDefinition> {
    return JSON.parse((await store.definition(hash)) ?? '{"steps":[]}') as FlowDefinition; // reason: only checked definitions are stored
  }

  function checkSubflows(
    projectId: string,
    slug: string,
    definition: FlowDefinition,
  ): Promise<readonly DefinitionIssue[]> {
    const source: SubflowSource = {
      resolve: (subflow, version) => resolve(projectId, subflow, version),
      definition: definitionOf,
    };
    return subflowIssues(definition, slug, source);
  }

  /** The faults of a definition in itself, else those of its code and those that it has among the project's flows. */
  async function check(
    projectId: string,
    slug: string,
    parsed: ParsedFlow | RefusedFlow,
  ): Promise<readonly DefinitionIssue[]> {
    if (!parsed.ok) return parsed.issues;
    const { definition } = parsed;
    const inCode = sandbox === undefined ? [] : await codeIssues(definition, sandbox);
    return [...limitIssues(definition, limits), ...inCode, ...(await checkSubflows(projectId, slug, definition))];
  }

  async function publish(flow: FlowRecord, note: string | null): Promise<FlowVersion> {
    const issues = await checkSubflows(flow.projectId, flow.slug, await definitionOf(flow.draftHash));
    if (issues.length > 0) throw new InvalidDefinitionError(issues);
    const version = await store.publish(flow.id, note, now());
    pointers.delete(keyOf(flow.projectId, flow.slug));
    return version;
  }

  async function promote(flow: FlowRecord, version: number): Promise<boolean> {
    const isPromoted = await store.promote(flow.id, version, now());
    pointers.delete(keyOf(flow.projectId, flow.slug));
    return isPromoted;
  }

  /** The rules of the contract §9 for a file that is in order. */
  async function loadFlow(
    projectId: string,
    slug: string,
    parsed: ParsedFlow,
    promoteAlways: boolean,
  ): Promise<Pick<LoadedFile, "outcome" | "version">> {
    const known = await store.flow(projectId, slug);
    if (known !== undefined && known.draftHash !== known.loadedHash) return { outcome: "kept" };
    const isChanged = known === undefined || known.loadedHash !== parsed.stored.hash;
    const flow = isChanged ? await save(projectId, slug, parsed, true) : known;
    const version = isChanged ? (await publish(flow, "Loaded from a file")).version : flow.latestVersion;
    if ((promoteAlways || flow.productionVersion === null) && version > 0 && flow.productionVersion !== version) {
      await promote(flow, version);
    }
    return { outcome: isChanged ? "published" : "unchanged", version };
  }

  async function resolve(projectId: string, slug: string, ref: FlowVersionRef): Promise<ResolvedFlow> {
    const flow = await pointersOf(projectId, slug);
    if (flow === undefined || flow.archivedAt !== null) {
      throw new EngineError("FLOW_NOT_FOUND", `There is no flow "${slug}" in this project. Is the slug right?`);
    }
    const flowVersion = ref === "draft" ? 0 : ref === "production" ? (flow.productionVersion ?? 0) : ref;
    if (flowVersion === 0) return { flow, flowVersion, definitionHash: flow.draftHash };
    const definitionHash = await hashOfVersion(flow, flowVersion);
    if (definitionHash === undefined) {
      const published = flow.latestVersion === 0 ? "none is published" : `the newest is ${flow.latestVersion}`;
      throw new EngineError("VERSION_NOT_FOUND", `Flow "${slug}" has no version ${flowVersion}; ${published}.`);
    }
    return { flow, flowVersion, definitionHash };
  }

  async function loadFile({ file, org, project, slug: flow, result }: FlowFile, promote: boolean): Promise<LoadedFile> {
    const place = { file, org, project, flow };
    const { id } = result.ok ? await store.ensureProject(org, project) : { id: "" };
    const issues = await check(id, flow, result);
    if (!result.ok || issues.length > 0) return { ...place, outcome: "refused", issues };
    return { ...place, ...(await loadFlow(id, flow, result, promote)), issues: [] };
  }

  return {
    flow: (projectId, slug) => store.flow(projectId, slug),
    flows: (projectId) => store.flows(projectId),
    definitionText: (hash) => store.definition(hash),
    versions: (flow) => store.versions(flow.id),
    publish,
    promote,
    resolve,

    check: (projectId, slug, definition) => check(projectId, slug, parseFlowObject(definition)),

    async saveDraft(projectId, slug, definition) {
      const parsed = parseFlowObject(definition);
      const issues = await check(projectId, slug, parsed);
      if (!parsed.ok || issues.length > 0) throw new InvalidDefinitionError(issues);
      return save(projectId, slug, parsed, false);
    },

    async archive(flow) {
      await store.archive(flow.id, now());
      pointers.delete(keyOf(flow.projectId, flow.slug));
    },

    async loadFiles(dir, options) {
      const files = await readFlowFiles(dir);
      const loaded = new Map<FlowFile, LoadedFile>();
      for (const file of subflowsFirst(files)) loaded.set(file, await loadFile(file, options.promote));
      return files.flatMap((file) => loaded.get(file) ?? []);
    },
  };
}

/** Each file behind those of the flows that it runs, so that they are there when it is checked. */
function subflowsFirst(files: readonly FlowFile[]): readonly FlowFile[] {
  const ordered = new Set<FlowFile>();
  const begun = new Set<FlowFile>();
  const place = (file: FlowFile): void => {
    if (begun.has(file)) return;
    begun.add(file);
    const names = file.result.ok ? subflowNodes(file.result.definition).map(({ flow }) => flow) : [];
    for (const other of names.length === 0 ? [] : files) {
      if (other.org === file.org && other.project === file.project && names.includes(other.slug)) place(other);
    }
    ordered.add(file);
  };
  for (const file of files) place(file);
  return [...ordered];
}
