import type { Engine, LoadedFile, LoadedProject } from "@noukai/engine";

/** What a flows directory came to when it was loaded. */
export interface LoadedFolder {
  readonly files: readonly LoadedFile[];
  readonly projects: readonly LoadedProject[];
}

/** Loads the settings of all projects, then all flows. Rejects only when the directory itself cannot be read. */
export async function loadFolder(
  engine: Engine,
  { dir, promote }: { readonly dir: string; readonly promote: boolean },
): Promise<LoadedFolder> {
  const projects = await engine.projects.loadFiles(dir);
  return { projects, files: await engine.catalog.loadFiles(dir, { promote }) };
}

/** Every line that the operator should read of a folder: each fault of each file with its place, so that an editor can jump to it. */
export function folderFaults({ files, projects }: LoadedFolder): readonly string[] {
  return [...projects.flatMap(faultsOf), ...files.flatMap(faultsOf)];
}

/** What became different between two loads of a folder, in lines for the operator. */
export function folderChanges(before: LoadedFolder, after: LoadedFolder): readonly string[] {
  return [
    ...changes(before.projects, after.projects, { what: "settings", stay: "the settings stay" }),
    ...changes(before.files, after.files, { what: "flow", stay: "the flow stays" }),
  ];
}

type Loaded = LoadedFile | LoadedProject;

/** What is wrong with a file, or why it was passed over. */
function faultsOf(loaded: Loaded): readonly string[] {
  const { file, issues } = loaded;
  if (loaded.outcome === "kept") {
    return [`${file}: the draft of ${nameOf(loaded)} was edited through the API and is kept; the file was not loaded.`];
  }
  return issues.map(({ path, message, line, column }) => {
    const place = line === undefined ? file : `${file}:${line}:${column ?? 1}`;
    return path === "" ? `${place} ${message}` : `${place} ${path}: ${message}`;
  });
}

interface Words {
  readonly what: string;
  readonly stay: string;
}

function changes(before: readonly Loaded[], after: readonly Loaded[], words: Words): readonly string[] {
  const earlier = new Map(before.map((loaded) => [loaded.file, loaded]));
  const later = new Set(after.map(({ file }) => file));
  const gone = before.filter(({ file }) => !later.has(file));
  return [
    ...after.flatMap((loaded) => changeOf(earlier.get(loaded.file), loaded, words)),
    ...gone.map(({ file }) => `${file} is gone; ${words.stay} as last loaded.`),
  ];
}

function changeOf(before: Loaded | undefined, after: Loaded, { what, stay }: Words): readonly string[] {
  const faults = faultsOf(after);
  if (faults.length > 0) {
    const isKnown = before !== undefined && faultsOf(before).join("\n") === faults.join("\n");
    if (isKnown) return [];
    return after.outcome === "refused" ? [...faults, `${after.file} is not loaded; ${stay} as last loaded.`] : faults;
  }
  const isMended = before?.outcome === "refused" || before?.outcome === "kept";
  const version = "version" in after ? ` as version ${after.version}` : "";
  if (isMended) return [`${after.file} is in order again: ${what} ${nameOf(after)} is loaded${version}.`];
  return after.outcome === "unchanged" ? [] : [`${after.file}: ${what} ${nameOf(after)} is loaded${version}.`];
}

function nameOf(loaded: Loaded): string {
  return `${loaded.org}/${loaded.project}${"flow" in loaded ? `/${loaded.flow}` : ""}`;
}
