import { type FSWatcher, readdirSync, watch } from "node:fs";
import { join } from "node:path";
import { folderChanges, type LoadedFolder } from "./flow-folder.ts";

export interface ReloadOptions {
  readonly dir: string;
  /** As it is loaded now. */
  readonly loaded: LoadedFolder;
  readonly load: () => Promise<LoadedFolder>;
  /** Told what became different, one line each, and what stands in the way. */
  readonly tell: (line: string) => void;
}

/** Editors write a file in several steps; what comes this soon after a change belongs to it, in milliseconds. */
const settleMs = 100;

/** Loads `dir` again whenever something in it changes, one load at a time. Gives the function that ends it. */
export function reloadOnChange({ dir, load, tell, ...options }: ReloadOptions): () => void {
  let loaded = options.loaded;
  let timer: NodeJS.Timeout | undefined;
  let loading = Promise.resolve();
  let isStopped = false;

  const reload = async (): Promise<void> => {
    if (isStopped) return;
    // First, so that what changes while the files are read is seen.
    watchers.renew();
    try {
      const next = await load();
      for (const line of folderChanges(loaded, next)) tell(line);
      loaded = next;
    } catch (error) {
      tell(`${dir} cannot be loaded: ${describe(error)}`);
    }
  };
  const settle = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      loading = loading.then(reload);
    }, settleMs);
  };
  const watchers = new Watchers(dir, settle, tell);
  watchers.renew();
  // What changed since `loaded` was read, and before anybody watched.
  settle();
  return () => {
    isStopped = true;
    clearTimeout(timer);
    watchers.close();
  };
}

/** One watcher for each directory that definitions may lie in. Node's own recursive one loses files that are put in another's place. */
class Watchers {
  readonly #dir: string;
  readonly #onChange: () => void;
  readonly #tell: (line: string) => void;
  #open: FSWatcher[] = [];

  constructor(dir: string, onChange: () => void, tell: (line: string) => void) {
    this.#dir = dir;
    this.#onChange = onChange;
    this.#tell = tell;
  }

  /** Watches what is there now: a directory may be another one by the same name. */
  renew(): void {
    const before = this.#open;
    this.#open = [];
    this.#watch(this.#dir);
    for (const org of directoriesIn(this.#dir)) {
      this.#watch(org);
      for (const project of directoriesIn(org)) this.#watch(project);
    }
    for (const watcher of before) watcher.close();
  }

  close(): void {
    for (const watcher of this.#open.splice(0)) watcher.close();
  }

  #watch(path: string): void {
    const fail = (error: unknown): void =>
      this.#tell(`${path} is not watched, so that changes in it are not seen: ${describe(error)}`);
    try {
      this.#open.push(watch(path, { persistent: false }, this.#onChange).on("error", fail));
    } catch (error) {
      fail(error);
    }
  }
}

/** Links among them: what they lead to is loaded too. */
function directoriesIn(path: string): readonly string[] {
  try {
    const entries = readdirSync(path, { withFileTypes: true });
    return entries
      .filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && !entry.name.startsWith("."))
      .map(({ name }) => join(path, name));
  } catch {
    return [];
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
