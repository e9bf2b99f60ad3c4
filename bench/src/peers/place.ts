/** What the contenders need of this machine: packages from the registry and a PostgreSQL. What cannot be had is told, not thrown. */
import { type BenchDatabase, type BenchPostgres, startPostgres } from "../postgres.ts";
import type { Contender } from "./contenders.ts";
import { findMissing, installPeers, versionsOf } from "./install.ts";
import type { About } from "./rows.ts";

export class Place {
  readonly #postgres: BenchPostgres | undefined;
  /** Why there is none. */
  readonly #notStarted: string | undefined;
  readonly #notInstalled: string | undefined;

  private constructor(postgres: BenchPostgres | string | undefined, notInstalled: string | undefined) {
    this.#postgres = typeof postgres === "string" ? undefined : postgres;
    this.#notStarted = typeof postgres === "string" ? postgres : undefined;
    this.#notInstalled = notInstalled;
  }

  /** Installs and starts what any of them needs. */
  static async prepare(contenders: readonly Contender[]): Promise<Place> {
    const notInstalled = contenders.some(({ needs }) => needs !== undefined) ? await installPeers() : undefined;
    const needsPostgres = contenders.some((contender) => contender.needsPostgres === true);
    const postgres = needsPostgres
      ? await startPostgres().catch((error: unknown) => `no PostgreSQL could be started: ${wordsOf(error)}`)
      : undefined;
    return new Place(postgres, notInstalled);
  }

  /** Why it cannot be measured here; undefined when it can. */
  obstacleTo({ needs, needsPostgres }: Contender): string | undefined {
    if (needsPostgres === true && this.#notStarted !== undefined) return this.#notStarted;
    return needs === undefined ? undefined : (this.#notInstalled ?? findMissing(needs));
  }

  /** A new one for a contender that needs it. */
  async databaseFor({ needsPostgres }: Contender): Promise<BenchDatabase | undefined> {
    return needsPostgres === true ? this.#postgres?.createDatabase() : undefined;
  }

  /** `detail` is what the contender said of itself when it started. */
  describe(contender: Contender, detail: string): About {
    const { id, group, name, floor, beside, needs = [], needsPostgres } = contender;
    const server = needsPostgres === true ? this.#postgres : undefined;
    const isInstalled = needs.length > 0 && findMissing(needs) === undefined;
    const versions = [isInstalled ? versionsOf(needs) : "", server?.version ?? ""];
    const durability = [server?.durability ?? "", contender.durability, detail];
    return { id, group, name, floor, beside, versions: joined(versions, ", "), durability: joined(durability, "; ") };
  }

  async close(): Promise<void> {
    await this.#postgres?.close();
  }
}

function joined(parts: readonly string[], separator: string): string {
  return parts.filter((part) => part !== "").join(separator);
}

/** What went wrong, from the output of a program too: its line with the error, not its stack. */
export function wordsOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const telling = lines.find((line) => /^\s*\w*Error\b.*: |Assertion failed/.test(line)) ?? lines[0] ?? "";
  return telling.trim().slice(0, 300);
}
