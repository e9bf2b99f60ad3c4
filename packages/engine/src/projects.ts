import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { DefinitionIssue } from "./flow/definition.ts";
import { type ProjectFile, readProjectFiles } from "./flow/files.ts";
import type { ProjectSettings } from "./flow/project.ts";
import type { Project, Store } from "./store/store.ts";

/** One `project.yaml`, loaded or refused. */
export interface LoadedProject {
  readonly file: string;
  readonly org: string;
  readonly project: string;
  readonly outcome: "loaded" | "unchanged" | "refused";
  /** Every fault, when refused: then the settings stay as they were. */
  readonly issues: readonly DefinitionIssue[];
}

/** Projects and their settings, as `project.yaml` gave them last. */
export interface Projects {
  /** As stored, remembered for a second; undefined when there is no such project. */
  byId(projectId: string): Promise<Project | undefined>;
  /** As stored, remembered for a second. */
  all(): Promise<readonly Project[]>;
  /** What signs the project's webhooks; it is in no row, so that only a process that has loaded the file knows it. */
  webhookSecret(projectId: string): string | undefined;
  /** The projects of which this process knows what signs their webhooks. */
  signingProjects(): readonly string[];
  /** Loads `dir/<org>/<project>/project.yaml`. A bad file refuses only itself; a project that has a directory there and no such file in it goes back to the defaults. */
  loadFiles(dir: string): Promise<readonly LoadedProject[]>;
}

/** How long settings may be remembered, in milliseconds. Those that this process loads count at once. */
const rememberMs = 1_000;

/** Projects remembered; past that it starts over, so that memory cannot grow without end. */
const maxRemembered = 10_000;

export function createProjects(store: Store, now: () => number): Projects {
  const secrets = new Map<string, string>();
  const byId = new Map<string, { readonly project: Project | undefined; readonly readAt: number }>();
  let list: { readonly projects: readonly Project[]; readonly readAt: number } | undefined;
  const isFresh = (readAt: number): boolean => now() - readAt < rememberMs;

  async function find(id: string): Promise<Project | undefined> {
    const known = byId.get(id);
    if (known !== undefined && isFresh(known.readAt)) return known.project;
    const readAt = now();
    const project = await store.projectById(id);
    if (byId.size >= maxRemembered) byId.clear();
    byId.set(id, { project, readAt });
    return project;
  }

  async function all(): Promise<readonly Project[]> {
    if (list !== undefined && isFresh(list.readAt)) return list.projects;
    const readAt = now();
    list = { projects: await store.projects(), readAt };
    return list.projects;
  }

  /** True when that changed something. */
  async function apply(id: string, settings: ProjectSettings): Promise<boolean> {
    const { webhookSecret, $schema: _, ...stored } = settings;
    // Said again, it changes nothing: a process that died between the two writes left this one out.
    await store.grantFromFile(id, stored.creditsUsd === undefined ? null : String(stored.creditsUsd));
    const before = JSON.stringify([secrets.get(id), (await store.projectById(id))?.settings]);
    if (webhookSecret === undefined) secrets.delete(id);
    else secrets.set(id, webhookSecret);
    if (before === JSON.stringify([webhookSecret, stored])) return false;
    await store.saveSettings(id, stored);
    byId.delete(id);
    list = undefined;
    return true;
  }

  async function load({ file, org, project, result }: ProjectFile): Promise<LoadedProject> {
    const place = { file, org, project };
    if (!result.ok) return { ...place, outcome: "refused", issues: result.issues };
    const { id } = await store.ensureProject(org, project);
    return { ...place, outcome: (await apply(id, result.settings)) ? "loaded" : "unchanged", issues: [] };
  }

  return {
    byId: find,
    all,
    webhookSecret: (projectId) => secrets.get(projectId),
    signingProjects: () => [...secrets.keys()],

    async loadFiles(dir) {
      const files = await readProjectFiles(dir);
      const loaded: LoadedProject[] = [];
      for (const file of files) loaded.push(await load(file));
      const hasFile = new Set(files.map(({ org, project }) => `${org}/${project}`));
      for (const { id, org, slug } of await store.projects()) {
        if (!hasFile.has(`${org}/${slug}`) && (await isDirectory(join(dir, org, slug)))) await apply(id, {});
      }
      return loaded;
    },
  };
}

async function isDirectory(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}
