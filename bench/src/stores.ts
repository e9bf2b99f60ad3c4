/** Both stores, for the subjects that measure each: `--only=embedded` leaves PostgreSQL out. */
import { parseArgs, type ParseArgsConfig } from "node:util";
import { type NoukaiOptions, type NoukaiSubject, startNoukai } from "./noukai.ts";
import { type BenchDatabase, type BenchPostgres, startPostgres } from "./postgres.ts";

export type StoreName = "embedded" | "postgres";

const storeNames: readonly StoreName[] = ["embedded", "postgres"];

/** A store to measure on. */
export interface BenchStore {
  readonly name: StoreName;
  /** Undefined on the embedded one. */
  readonly database: BenchDatabase | undefined;
  /** A server on it. */
  start(options?: Omit<NoukaiOptions, "databaseUrl">): Promise<NoukaiSubject>;
}

/**
 * What `measure` gives on each of the chosen stores, one after the other. A store on which it fails is told of, makes this process end with 1,
 * and is left out.
 */
export async function onStores<Result>(
  only: string | undefined,
  measure: (store: BenchStore) => Promise<Result>,
): Promise<Readonly<Partial<Record<StoreName, Result>>>> {
  const results: Partial<Record<StoreName, Result>> = {};
  for (const name of chooseStores(only)) {
    console.error(`on ${name}`);
    try {
      results[name] = await (name === "embedded" ? measure(embedded) : onPostgres(measure));
    } catch (error) {
      console.error(`${name} could not be measured:`, error);
      process.exitCode = 1;
    }
  }
  return results;
}

export function chooseStores(only: string | undefined): readonly StoreName[] {
  const names = only?.split(",") ?? storeNames;
  const unknown = names.find((name) => !storeNames.some((store) => store === name));
  if (unknown !== undefined) throw new Error(`--only: there is no "${unknown}". Known: ${storeNames.join(", ")}.`);
  return storeNames.filter((name) => names.includes(name));
}

/** The flags behind the subject's name; each is text. */
export function readFlags<const Defaults extends Readonly<Record<string, string | undefined>>>(
  defaults: Defaults,
): Readonly<Record<keyof Defaults, string>> & { readonly only: string | undefined } {
  const options: NonNullable<ParseArgsConfig["options"]> = { only: { type: "string" } };
  for (const [name, value] of Object.entries(defaults))
    options[name] = { type: "string", ...(value !== undefined && { default: value }) };
  const { values } = parseArgs({ args: process.argv.slice(3), options });
  // as: every flag is declared as text above, and has a default.
  return values as Readonly<Record<keyof Defaults, string>> & { readonly only: string | undefined };
}

const embedded: BenchStore = { name: "embedded", database: undefined, start: (options) => startNoukai(options) };

async function onPostgres<Result>(measure: (store: BenchStore) => Promise<Result>): Promise<Result> {
  const postgres: BenchPostgres = await startPostgres();
  try {
    const database = await postgres.createDatabase();
    const start: BenchStore["start"] = (options) => startNoukai({ ...options, databaseUrl: database.url });
    const result = await measure({ name: "postgres", database, start });
    await database.drop();
    return result;
  } finally {
    await postgres.close();
  }
}
