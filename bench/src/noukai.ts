/** Our server as `npm run serve` starts it, with its defaults, on flows that are made for the bench. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSubject, type Subject } from "./subject.ts";

export const apiKey = `nk_test_bench000_${"0".repeat(32)}`;

export const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" };

export const serverProgram = join(import.meta.dirname, "../../apps/server/dist/main.js");

/** Below which the flows of the bench are reached. */
export const flowsPath = "/api/v1/seq/bench/bench";

/** The flow that most of it runs: three steps that take no time. */
export const threeSteps = {
  slug: "three-steps",
  text: definition("Three instant steps", ["one", "two", "three"].map(passthrough)),
};

export function definition(name: string, steps: readonly string[]): string {
  return `name: ${name}\nsteps:\n${steps.map((step) => `  - ${step}\n`).join("")}`;
}

export function passthrough(id: string): string {
  return `{ id: ${id}, type: passthrough }`;
}

export interface Flow {
  readonly slug: string;
  /** YAML. */
  readonly text: string;
}

export interface NoukaiOptions {
  /** Absent: the embedded store. */
  readonly databaseUrl?: string;
  readonly flows?: readonly Flow[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface NoukaiSubject extends Subject {
  /** Where the embedded database is. */
  readonly dataDir: string;
  /** Ends the process, does `meanwhile`, and starts another one on the same data. */
  restart(meanwhile?: () => Promise<void> | void): Promise<NoukaiSubject>;
}

/** A server on a folder of its own, which goes with it. */
export async function startNoukai({
  databaseUrl,
  flows = [threeSteps],
  env = {},
}: NoukaiOptions = {}): Promise<NoukaiSubject> {
  const dir = mkdtempSync(join(tmpdir(), "noukai-bench-"));
  const flowsDir = join(dir, "flows/bench/bench");
  mkdirSync(flowsDir, { recursive: true });
  for (const { slug, text } of flows) writeFileSync(join(flowsDir, `${slug}.yaml`), text);
  return open(dir, {
    PORT: "0",
    NOUKAI_DATA_DIR: join(dir, "data"),
    NOUKAI_FLOWS_DIR: join(dir, "flows"),
    NOUKAI_API_KEY: apiKey,
    ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
    ...env,
  });
}

async function open(dir: string, env: Readonly<Record<string, string>>): Promise<NoukaiSubject> {
  const remove = (): void => rmSync(dir, { recursive: true, force: true });
  const subject = await startSubject([serverProgram], env).catch((error: unknown) => {
    remove();
    throw error;
  });
  return {
    ...subject,
    dataDir: join(dir, "data"),
    async stop() {
      await subject.stop();
      remove();
    },
    async restart(meanwhile) {
      await subject.stop();
      await meanwhile?.();
      return open(dir, env);
    },
  };
}

/** Reads a counter of `/metrics`. */
export async function readCounter(url: string, name: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const value = new RegExp(`^${name} (\\d+)`, "m").exec(metrics)?.[1];
  if (value === undefined) throw new Error(`/metrics does not tell ${name}.`);
  return Number(value);
}

/** Calls the API and gives the body of the answer, which must be of a status below 300. */
export async function call(url: string, path: string, body?: unknown): Promise<unknown> {
  const sent = body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) };
  const response = await fetch(`${url}${path}`, sent);
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text.slice(0, 300)}`);
  return JSON.parse(text);
}
