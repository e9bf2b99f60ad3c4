/** Who does the work of `main.ts`, and how it is asked to. */
import { join } from "node:path";
import { apiKey, flowsPath, startNoukai, threeSteps } from "../noukai.ts";
import { startSubject, type Subject } from "../subject.ts";
import type { Requirement } from "./install.ts";

export interface Contender {
  /** For `--only`. */
  readonly id: string;
  readonly group: "floor" | "noukai" | "peer";
  readonly name: string;
  /** Whether what is answered for is on disk; `""` where PostgreSQL's own settings say it. */
  readonly durability: string;
  readonly needsPostgres?: true;
  /** What has to be installed for it. */
  readonly needs?: readonly Requirement[];
  /** The contender without anything but durability that this one is measured against. */
  readonly floor?: string;
  /** Ours on a store of the same kind: one file on this machine, or PostgreSQL. */
  readonly beside?: "embedded" | "postgres";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
  /** What an answer to work that was done contains. */
  readonly expects: string;
  readonly isKeyless?: true;
  readonly start: (databaseUrl: string | undefined) => Promise<Subject>;
  /** A counter of commits in its /metrics. */
  readonly commitsCounter?: string;
}

const body = JSON.stringify({ message: "hello" });
const plain = { path: "/execute", body, expects: "completed" };

function ofFile(file: string, env: NodeJS.ProcessEnv = {}): Contender["start"] {
  return (databaseUrl) =>
    startSubject([join(import.meta.dirname, file)], {
      ...env,
      ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
    });
}

function commitsInARow(commits: number): string {
  return `${commits} commit${commits === 1 ? "" : "s"} in a row`;
}

const floors: readonly Contender[] = [
  {
    id: "bare-http",
    group: "floor",
    name: "floor: bare HTTP",
    durability: "nothing kept",
    ...plain,
    start: ofFile("../floors/bare-http.ts"),
  },
  ...[1, 4].map((commits): Contender => ({
    id: `sqlite-${commits}`,
    group: "floor",
    name: `floor: Hono + SQLite, ${commitsInARow(commits)}`,
    durability: "fsync per commit",
    ...plain,
    start: ofFile("../floors/hono-sqlite.ts", { COMMITS: String(commits) }),
  })),
  ...[1, 4].map((commits): Contender => ({
    id: `postgres-${commits}`,
    group: "floor",
    name: `floor: Hono + PostgreSQL, ${commitsInARow(commits)}`,
    durability: "",
    needsPostgres: true,
    ...plain,
    start: ofFile("../floors/hono-postgres.ts", { COMMITS: String(commits) }),
  })),
];

const noukai = {
  group: "noukai",
  path: `${flowsPath}/${threeSteps.slug}/execute`,
  headers: { authorization: `Bearer ${apiKey}` },
  body,
  expects: "completed",
  start: (databaseUrl: string | undefined) => startNoukai(databaseUrl === undefined ? {} : { databaseUrl }),
  commitsCounter: "noukai_journal_commits_total",
} as const;

const ours: readonly Contender[] = [
  { id: "embedded", name: "Noukai, embedded", durability: "fsync per step", floor: "sqlite-4", ...noukai },
  { id: "postgres", name: "Noukai, PostgreSQL", durability: "", needsPostgres: true, floor: "postgres-4", ...noukai },
];

const quiet = { MASTRA_TELEMETRY_DISABLED: "1", LANGCHAIN_TRACING_V2: "false" };
const peer = { group: "peer", isKeyless: true } as const;
const mastra = {
  path: "/api/workflows/threeSteps/start-async",
  body: JSON.stringify({ inputData: { message: "hello" } }),
  expects: '"success"',
  start: ofFile("../../peers/mastra.mjs", quiet),
};

const peers: readonly Contender[] = [
  {
    id: "mastra-libsql",
    beside: "embedded",
    name: "Mastra server, LibSQL",
    durability: "no fsync per commit (its own synchronous=NORMAL)",
    needs: ["@mastra/hono", "@mastra/core", "@mastra/libsql"],
    ...peer,
    ...mastra,
  },
  {
    id: "mastra-postgres",
    beside: "postgres",
    name: "Mastra server, PostgreSQL",
    durability: "",
    needsPostgres: true,
    needs: ["@mastra/hono", "@mastra/core", "@mastra/pg"],
    ...peer,
    ...mastra,
  },
  {
    id: "langgraph-sqlite",
    beside: "embedded",
    name: "LangGraph.js, SQLite checkpointer",
    // Of better-sqlite3 a newer one than it asks for: 12.x aborts on this Node (RemoveEnvironmentCleanupHook).
    durability: "no fsync per commit (as the checkpointer opens it), durability=sync",
    needs: ["@langchain/langgraph", "@langchain/langgraph-checkpoint-sqlite", "better-sqlite3"],
    ...peer,
    ...plain,
    start: ofFile("../../peers/langgraph.mjs", quiet),
  },
  {
    id: "langgraph-postgres",
    beside: "postgres",
    name: "LangGraph.js, PostgreSQL checkpointer",
    durability: "durability=sync",
    needsPostgres: true,
    needs: ["@langchain/langgraph", "@langchain/langgraph-checkpoint-postgres"],
    ...peer,
    ...plain,
    start: ofFile("../../peers/langgraph.mjs", quiet),
  },
  {
    id: "dbos",
    beside: "postgres",
    name: "DBOS, PostgreSQL",
    durability: "",
    needsPostgres: true,
    needs: ["@dbos-inc/dbos-sdk"],
    ...peer,
    ...plain,
    start: ofFile("../../peers/dbos.mjs"),
  },
  {
    id: "restate",
    beside: "embedded",
    name: "Restate, its own store",
    durability: "fsync (its default, rocksdb-disable-wal-fsync = false)",
    needs: ["@restatedev/restate-server", "@restatedev/restate-sdk"],
    ...peer,
    ...plain,
    path: "/Bench/execute",
    start: ofFile("../../peers/restate.mjs"),
  },
];

export const contenders: readonly Contender[] = [...floors, ...ours, ...peers];

/** Those that `--only=embedded,postgres,peers` names, by id or group, in their own order. Throws on a name that means none. */
export function chooseContenders(only: string | undefined): readonly Contender[] {
  if (only === undefined) return contenders;
  const names = only.split(",");
  const isNamed = ({ id, group }: Contender, name: string): boolean =>
    name === id || name === group || name === `${group}s`;
  for (const name of names) {
    if (contenders.some((contender) => isNamed(contender, name))) continue;
    const known = ["floors", "noukai", "peers", ...contenders.map(({ id }) => id)];
    throw new Error(`--only: there is no "${name}". Known: ${known.join(", ")}.`);
  }
  return contenders.filter((contender) => names.some((name) => isNamed(contender, name)));
}
