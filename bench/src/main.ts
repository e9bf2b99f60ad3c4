/**
 * `npm run bench [-- <subject> …]`: without a subject, `peers`. `all` measures every subject in one go, in the order below, and writes
 * `docs/benchmarks.md`; one that fails is named at the end and does not keep the others from being measured.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";

/** Each measures when it is imported, and ends by itself. */
const subjects: Readonly<Record<string, () => Promise<unknown>>> = {
  peers: () => import("./peers/main.ts"),
  executions: () => import("./executions.ts"),
  jobs: () => import("./jobs.ts"),
  takeover: () => import("./takeover.ts"),
  tails: () => import("./tails/main.ts"),
  wal: () => import("./wal/main.ts"),
  shapes: () => import("./shapes.ts"),
  growth: () => import("./growth/main.ts"),
  costs: () => import("./costs.ts"),
  sse: () => import("./sse/main.ts"),
  faults: () => import("./faults/main.ts"),
  document: () => import("./document/main.ts"),
  sandbox: () => import("./sandbox.ts"),
};

/** What nothing in the page comes from. */
const notInAll = new Set(["sandbox"]);

const [first = "peers"] = process.argv.slice(2);
const name = first.startsWith("--") ? "peers" : first;
if (name === "all") process.exitCode = await measureAll();
else if (subjects[name] !== undefined) await subjects[name]();
else {
  console.error(`There is no subject "${name}". Known: all, ${Object.keys(subjects).join(", ")}.`);
  process.exitCode = 2;
}

/** Each in a process of its own, so that none feels what another one left in memory. */
async function measureAll(): Promise<number> {
  const names = Object.keys(subjects).filter((name) => !notInAll.has(name));
  const beganAt = Date.now();
  const taken: { readonly name: string; readonly seconds: number; readonly isOk: boolean }[] = [];
  for (const [index, name] of names.entries()) {
    const minutes = ((Date.now() - beganAt) / 60_000).toFixed(1);
    console.error(`\n[${index + 1}/${names.length}, after ${minutes} min] ${name}`);
    const startedAt = Date.now();
    const isOk = await succeeds(name);
    taken.push({ name, seconds: Math.round((Date.now() - startedAt) / 1000), isOk });
  }
  console.table(taken);
  return taken.every(({ isOk }) => isOk) ? 0 : 1;
}

async function succeeds(name: string): Promise<boolean> {
  const child = spawn(process.execPath, [import.meta.filename, name], { stdio: "inherit" });
  const [code] = await once(child, "close");
  return code === 0;
}
