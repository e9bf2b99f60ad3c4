import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { describePostgres, execute } from "./describe-postgres.ts";
import { findPostmaster } from "./server.ts";
import { directoryOf, isAlive, isLeftOver, noteKeeper, removeAbandoned } from "./shared.ts";

const packageDirectory = fileURLToPath(new URL("..", import.meta.url));

describePostgres("the PostgreSQL of a test run", (postgres) => {
  it("gives each caller an empty database of the server that the run shares", async () => {
    const words = "CREATE TABLE words (text text); CREATE SCHEMA library; CREATE TABLE library.books (text text)";
    const [first, second] = [await postgres.createDatabase(), await postgres.createDatabase()];
    await execute(first.url, words);
    await execute(second.url, words);
    await first.drop();
    const third = await postgres.createDatabase();
    await execute(third.url, words);
    await expect(execute(second.url, words)).rejects.toThrow(/already exists/);
    await Promise.all([second.drop(), third.drop()]);
  });

  it("is ended and removed, with its directory, by the next run when its own could not", async () => {
    const gone = spawnSync(process.execPath, ["--version"]).pid;
    const directory = directoryOf(gone);
    mkdirSync(directory);
    const source = `
      import { createPostgresServer } from ${JSON.stringify(new URL("./server.ts", import.meta.url).href)};
      const server = await createPostgresServer(${JSON.stringify(join(directory, "server"))}, { fsync: "off" });
      await server.start();
      console.log("started");
    `;
    const owner = spawn(process.execPath, ["--no-warnings", "--input-type=module", "--eval", source], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(owner.stdout, "data");
    owner.kill("SIGKILL");
    await once(owner, "close");
    const postmaster = findPostmaster(join(directory, "server")) ?? 0;
    expect(isAlive(postmaster)).toBe(true);
    await removeAbandoned();
    expect(isAlive(postmaster)).toBe(false);
    expect(existsSync(directory)).toBe(false);
  }, 30_000);
});

describe("the directory of a test run", () => {
  it("is left over when the process that kept it is gone, or another one by now", () => {
    const directory = mkdtempSync(join(tmpdir(), "noukai-keeper-"));
    expect(isLeftOver(directory)).toBe(false);
    noteKeeper(directory, spawnSync(process.execPath, ["--version"]).pid);
    expect(isLeftOver(directory)).toBe(true);
    noteKeeper(directory, process.pid);
    expect(isLeftOver(directory)).toBe(true);
    rmSync(directory, { recursive: true });
  });
});

describe("tests that need PostgreSQL where it cannot be started", () => {
  /** Runs a test file in an environment that has no room for a server. */
  async function runWithoutPostgres(ci: string): Promise<{ readonly code: unknown; readonly output: string }> {
    const vitest = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");
    const args = [vitest, "run", "--root", packageDirectory, "src/server.test.ts"];
    const env = { ...process.env, TMPDIR: join(packageDirectory, "no-such-directory"), CI: ci, NO_COLOR: "1" };
    const run = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [run.stdout, run.stderr]) stream.on("data", (text: Buffer) => (output += text.toString()));
    const [code] = await once(run, "close");
    return { code, output };
  }

  it("are skipped on a developer's machine, and the reason is told", async () => {
    const { code, output } = await runWithoutPostgres("");
    expect(output).toContain(
      "Skipped: a PostgreSQL server of the caller's own. PostgreSQL cannot be started here: ENOENT",
    );
    expect(output).toMatch(/Tests +1 skipped/);
    expect(code).toBe(0);
  }, 30_000);

  it("fail in CI", async () => {
    const { code, output } = await runWithoutPostgres("true");
    expect(output).toContain("PostgreSQL cannot be started here: ENOENT");
    expect(output).toMatch(/Tests +1 failed/);
    expect(code).toBe(1);
  }, 30_000);
});
