import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { furnish } from "./contract/subject.ts";
import { openSqliteStore } from "./sqlite-store.ts";
import type { Store } from "./store.ts";

const urlOf = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);

/** What every child begins with: the store and the journal from source, and one line on standard output per fact. */
const prelude = `
  import { openSqliteStore } from ${urlOf("./sqlite-store.ts")};
  import { createJournal } from ${urlOf("../journal.ts")};
  import { append, completed, furnish, started } from ${urlOf("./contract/subject.ts")};
  const say = (line) => process.stdout.write(line + "\\n");
  const store = await openSqliteStore({ dataDir: process.argv[1] });
`;

/** Eight writers, each with one run after the other; each answered append is told at once. */
const writers = `
  ${prelude}
  const { newRun } = await furnish(store);
  const journal = createJournal(store, { retryForMs: 0 });
  async function write(entry, runId, seq) {
    const { outcome } = await journal.append(entry);
    if (outcome !== "written") throw new Error(outcome);
    say(runId + " " + seq);
  }
  async function work() {
    for (;;) {
      const run = newRun();
      await write({ kind: "create", run, events: [started()] }, run.id, 1);
      for (let seq = 2; seq <= 6; seq++) await write(append(run.id, 1, completed(seq, { text: "x".repeat(seq * 500) })), run.id, seq);
    }
  }
  await Promise.all(Array.from({ length: 8 }, work)).catch((error) => say(error.name));
  await store.close().catch(() => undefined);
`;

let dataDir: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "noukai-process-"));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  rmSync(dataDir, { recursive: true, force: true });
});

interface Child {
  readonly pid: number | undefined;
  readonly lines: string[];
  /** Resolves when `count` lines were said, or the process ended. */
  said(count: number): Promise<void>;
  readonly ended: Promise<unknown>;
  kill(): Promise<void>;
}

/** Starts `source` as a module of its own process, through `shell` when a limit must be set first. */
function start(source: string, shell?: string): Child {
  const node = [process.execPath, "--no-warnings", "--input-type=module", "--eval", source, dataDir];
  const command = shell === undefined ? node : ["/bin/sh", "-c", `${shell}; exec "$@"`, "sh", ...node];
  const child = spawn(command[0] ?? "", command.slice(1), { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
  const ended = once(reader, "close");
  return {
    pid: child.pid,
    lines,
    ended,
    said: async (count) => {
      while (lines.length < count)
        await Promise.race([once(reader, "line"), ended.then(() => Promise.reject(new Error("The child ended.")))]);
    },
    kill: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** The last event that was answered for, per run. A line that the kill cut off is no fact. */
function answered(lines: readonly string[]): ReadonlyMap<string, number> {
  const facts = lines
    .map((line) => line.split(" "))
    .filter(([runId, seq]) => runId?.length === 36 && seq !== undefined);
  return new Map(facts.map(([runId = "", seq]) => [runId, Number(seq)]));
}

async function expectWhole(store: Store, facts: ReadonlyMap<string, number>): Promise<void> {
  for (const [runId, seq] of facts) {
    const events = await store.eventsAfter(runId, 0, 100);
    expect(events.length).toBeGreaterThanOrEqual(seq);
    expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
  }
}

describe("a process that is killed", () => {
  it("leaves every append that it was answered for, round after round", async () => {
    const facts = new Map<string, number>();
    for (let round = 0; round < 4; round++) {
      const child = start(writers);
      await child.said(1 + Math.floor(Math.random() * 1_500));
      await child.kill();
      for (const [runId, seq] of answered(child.lines)) facts.set(runId, seq);
      const store = await openSqliteStore({ dataDir });
      await expectWhole(store, facts);
      const running = await store.recover();
      expect(running).toBeGreaterThan(0);
      for (const run of await store.claim("cleaner", running)) {
        expect(run.epoch).toBe(2);
        await store.append([{ kind: "append", runId: run.id, epoch: 2, events: [], status: "cancelled" }]);
      }
      await store.close();
    }
    expect(facts.size).toBeGreaterThan(4);
  }, 60_000);

  it("does not keep its data directory", async () => {
    const child = start(`${prelude} say("open"); setInterval(() => store.ping(), 5);`);
    await child.said(1);
    const refused = openSqliteStore({ dataDir });
    await expect(refused).rejects.toMatchObject({ name: "StoreUnavailableError" });
    await expect(refused).rejects.toThrow(`${dataDir} is in use by process ${child.pid}`);
    await child.kill();
    const store = await openSqliteStore({ dataDir });
    await store.ping();
    await store.close();
  }, 30_000);
});

describe("a disk that takes no more", () => {
  it("makes the store unavailable, and what was answered before is there afterwards", async () => {
    const child = start(writers, "ulimit -f 4096");
    await child.ended;
    expect(child.lines.at(-1)).toBe("StoreUnavailableError");
    const facts = answered(child.lines);
    expect(facts.size).toBeGreaterThan(10);
    const store = await openSqliteStore({ dataDir });
    await expectWhole(store, facts);
    const { start: startRun } = await furnish(store);
    expect(await store.run(await startRun())).toMatchObject({ lastSeq: 1 });
    await store.close();
  }, 60_000);
});
