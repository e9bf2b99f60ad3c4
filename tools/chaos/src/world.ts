import type { Store } from "@noukai/engine";
import { sourceThreads } from "../../../vitest.shared.ts";
import type { Fault } from "./fault.ts";
import type { Namespaces } from "./namespaces.ts";

export type WorldName = "embedded" | "postgres";

/** Servers under test, with what they stand on and what can go wrong with it. */
export interface World {
  readonly name: WorldName;
  readonly faults: readonly Fault[];
  /** Faults that this machine does not allow, each with why. */
  readonly refused: readonly string[];
  /** Where callers call. */
  urls(): readonly string[];
  /** Ends every fault, and has everything run again. */
  heal(): Promise<void>;
  /** Lets all servers end as they should. */
  stop(): Promise<void>;
  /** What they left, once they have ended. */
  openStore(): Promise<Store>;
  /** Runs a statement of a planted fault on the database, once they have ended. */
  tamper(change: Tampering): Promise<void>;
  /** Ends everything at once. `keep`: leaves logs and database where they can be read. */
  dispose(keep: boolean): Promise<void>;
}

/** A planted fault of the database, in the words of each store; `?` and `$1` are the run's id. */
export interface Tampering {
  readonly runId: string;
  readonly embedded: readonly string[];
  readonly postgres: readonly string[];
}

export interface WorldOptions {
  readonly directory: string;
  /** What every server is told. */
  readonly env: Readonly<Record<string, string>>;
  /** The server's program, built or as source; undefined: the one that is built in this repository. */
  readonly program: string | undefined;
  /** Networks of the workers' own, or why there are none; undefined where there are no workers. */
  readonly namespaces: Namespaces | { readonly refused: string } | undefined;
  /** Loaded before each server. */
  readonly preloads: readonly string[];
}

/** The file with the error of a node's clock, and what has the node read it. */
export function clockFile({ directory }: Pick<WorldOptions, "directory">, name: string): string {
  return `${directory}/${name}.clock`;
}

/** What a node of a world is started with beside its settings. */
export function nodeArgs({ preloads, program }: WorldOptions): readonly string[] {
  const fromSource = program?.endsWith(".ts") === true ? [...sourceThreads, "--conditions=@noukai/source"] : [];
  return [...fromSource, ...preloads.flatMap((file) => ["--import", file])];
}
