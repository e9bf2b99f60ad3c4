import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { appendFile, chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { openPostgresStore, openSqliteStore, type Store } from "@noukai/engine";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { sourceThreads } from "../../../vitest.shared.ts";
import { makeDirectory } from "./harness.ts";

/** The commands of the document about moving, as they stand, in a directory that looks like a checkout. */

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const markdown = await readFile(join(import.meta.dirname, "../../../docs/moving.md"), "utf8");

/** The commands below a heading, up to the next one of any level; those that serve are left out, as they do not end. */
function commandsBelow(heading: string): string {
  return blocksBelow(heading, "sh").join("");
}

function blocksBelow(heading: string, language: string): readonly string[] {
  const [, section = ""] = markdown.split(`# ${heading}\n`);
  const body = section.split(/^#+ /m)[0] ?? "";
  const blocks = Array.from(body.matchAll(/^```(.+)\n([^]*?)^```$/gm));
  const wanted = blocks.flatMap(([, kind, block = ""]) => (kind === language ? [block] : []));
  expect([heading, wanted.length]).not.toEqual([heading, 0]);
  return wanted;
}

/** The settings below a heading. */
function settingsBelow(heading: string): readonly string[] {
  return blocksBelow(heading, "text");
}

let home: string;

beforeEach(async () => {
  home = await makeDirectory();
  await mkdir(join(home, "bin"));
  const program = [process.execPath, ...sourceThreads, "--conditions=@noukai/source", main].join(" ");
  // `npm run migrate -- …`, without its install and build.
  await writeFile(join(home, "bin/npm"), `#!/bin/sh\ncommand=$2; shift 3\nexec ${program} "$command" "$@"\n`);
  await chmod(join(home, "bin/npm"), 0o755);
});

/** Runs commands one after the other, until one fails, and gives what they print. */
async function run(commands: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const child = spawn("sh", ["-e", "-c", commands], {
    cwd: home,
    env: { ...process.env, PATH: `${join(home, "bin")}:${dirname(process.execPath)}:${process.env["PATH"]}`, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  expect([code, code === 0 ? "" : stderr]).toEqual([0, ""]);
  return stdout;
}

async function slugsIn(store: Store): Promise<readonly string[]> {
  try {
    return (await store.projects()).map(({ slug }) => slug).toSorted();
  } finally {
    await store.close();
  }
}

const embedded = (name: string): Promise<Store> => openSqliteStore({ dataDir: join(home, name) });

test(
  "the backup of an embedded database at work has what was committed, and can be restored",
  { timeout: 30_000 },
  async () => {
    const store = await embedded(".noukai");
    await store.ensureProject("acme", "before");
    await run(commandsBelow("Backup of the embedded database"));
    await store.ensureProject("acme", "after");
    await store.close();
    expect(await slugsIn(await embedded("restored"))).toEqual(["before"]);
    expect(await slugsIn(await embedded(".noukai"))).toEqual(["after", "before"]);
  },
);

const configTool = "pg_config";

/** Where the server and the tools of one installed PostgreSQL are; undefined where there is none. */
function findTools(): string | undefined {
  try {
    const folder = execFileSync(configTool, ["--bindir"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
    for (const tool of [
      "initdb",
      "postgres",
      "pg_dump",
      "pg_restore",
      "pg_basebackup",
      "pg_verifybackup",
      "createdb",
      "psql",
    ])
      execFileSync(join(folder, tool), ["--version"], { stdio: "ignore" });
    return folder;
  } catch {
    return undefined;
  }
}

const tools = findTools();
if (tools === undefined)
  console.warn("Skipped: the commands for PostgreSQL in docs/moving.md. Its tools are not installed here.");

/** PostgreSQL refuses to run as root. */
function serverUser(): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const idOf = (flag: string): number => Number(execFileSync("id", [flag, "nobody"], { encoding: "utf8" }));
  return { uid: idOf("-u"), gid: idOf("-g") };
}

describe.skipIf(tools === undefined)("with the tools of PostgreSQL", () => {
  const user = serverUser();
  const bin = (tool: string): string => join(tools ?? "", tool);
  let directory: string;

  /** A directory for servers of the tools' own version, since older tools read no newer server. */
  beforeEach(async () => {
    directory = join(home, "postgres");
    await mkdir(directory);
    await chmod(home, 0o755);
    handOver(directory);
    const args = [
      "-D",
      join(directory, "data"),
      "-U",
      "noukai",
      "--auth=trust",
      "--encoding=UTF8",
      "--locale=C",
      "--no-sync",
    ];
    execFileSync(bin("initdb"), args, { ...user, cwd: directory, env: { LC_ALL: "C" }, stdio: "ignore" });
  });

  function handOver(path: string): void {
    if (user.uid !== undefined) execFileSync("chown", ["-R", `${user.uid}:${user.gid}`, path]);
  }

  /** Serves `data` on a socket in the directory, once it takes writes, until the function that it gives is called, or the test ends. */
  async function startServer(data: string): Promise<() => Promise<void>> {
    const args = ["-D", data, "-k", directory, "-c", "listen_addresses="];
    const server = spawn(bin("postgres"), args, { ...user, cwd: directory, env: { LC_ALL: "C" }, stdio: "ignore" });
    const closed = once(server, "close");
    const stop = async (): Promise<void> => {
      server.kill("SIGINT");
      await closed;
    };
    onTestFinished(stop);
    const question = ["-qAtc", "SELECT pg_is_in_recovery()", urlOf("postgres")];
    const isUp = (): boolean => spawnSync(bin("psql"), question, { encoding: "utf8" }).stdout === "f\n";
    await expect.poll(isUp, { timeout: 20_000 }).toBe(true);
    return stop;
  }

  const urlOf = (name: string): string => `postgres://noukai@/${name}?host=${encodeURIComponent(directory)}`;

  function environment(): Record<string, string> {
    return {
      PATH: `${join(home, "bin")}:${tools}:${dirname(process.execPath)}:${process.env["PATH"]}`,
      PGHOST: directory,
      PGUSER: "noukai",
      DATABASE_NAME: "moved",
      DATABASE_URL: urlOf("moved"),
      RESTORED_NAME: "restored",
      RESTORED_URL: urlOf("restored"),
      SERVER_URL: urlOf("postgres"),
    };
  }

  test("moving up and back, a dump and the trial of a restore", { timeout: 120_000 }, async () => {
    await startServer(join(directory, "data"));
    const env = environment();
    const store = await embedded(".noukai");
    await store.ensureProject("acme", "moved");
    await store.close();
    await run(commandsBelow("Moving to PostgreSQL"), env);
    await run(commandsBelow("The way back"), env);
    await run(commandsBelow("Backup of the embedded database"), env);
    const up = await openPostgresStore({ url: urlOf("moved") });
    await up.ensureProject("acme", "later");
    expect(await slugsIn(up)).toEqual(["later", "moved"]);
    await run(commandsBelow("Backup of PostgreSQL"), env);
    const tables = await run(commandsBelow("Trying a restore"), env);
    expect(tables.match(/^projects .*$/gm)).toEqual([
      expect.stringMatching(/ 1 +1 .* same$/),
      expect.stringMatching(/ 2 +2 .* same$/),
    ]);
    expect(await slugsIn(await openPostgresStore({ url: urlOf("restored") }))).toEqual(["later", "moved"]);
    expect(await slugsIn(await embedded(".noukai-back"))).toEqual(["moved"]);
    expect(await readdir(home)).not.toContain("trial");
  });

  test("a restore to a moment between two base backups", { timeout: 120_000 }, async () => {
    const [data, archive, base] = [join(directory, "data"), join(directory, "archive"), join(home, "backup/base")];
    await Promise.all([mkdir(archive), mkdir(join(home, "backup"))]);
    handOver(archive);
    const [archiving = "", restoring = ""] = settingsBelow("To the moment").map((block) =>
      block.replaceAll("/archive", archive),
    );
    await appendFile(join(data, "postgresql.conf"), archiving);
    const stop = await startServer(data);
    const env = environment();
    await run('createdb "$DATABASE_NAME"', env);
    const store = await openPostgresStore({ url: urlOf("moved") });
    await store.ensureProject("acme", "before");
    await run(commandsBelow("To the moment"), env);
    await store.ensureProject("acme", "between");
    const moment = await run(`psql -qAtc "SELECT clock_timestamp()" "$SERVER_URL"`, env);
    await store.ensureProject("acme", "too-late");
    await store.close();
    await run('psql -qAtc "SELECT pg_switch_wal()" "$SERVER_URL"', env);
    await stop();

    handOver(base);
    const settings = restoring.replace(/(?<=recovery_target_time = ')[^']+/, moment.trim());
    expect(settings).toContain(moment.trim());
    await appendFile(join(base, "postgresql.conf"), settings);
    await writeFile(join(base, "recovery.signal"), "");
    await startServer(base);
    expect(await slugsIn(await openPostgresStore({ url: urlOf("moved") }))).toEqual(["before", "between"]);
  });
});
