/** What a subject measured, as a file: `bench/results-<subject>.json`. */
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { join } from "node:path";

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
}

export interface Results<Content> {
  readonly at: string;
  readonly machine: Machine;
  readonly content: Content;
}

const folder = join(import.meta.dirname, "..");

export function writeResults(subject: string, content: unknown): void {
  const results = { at: new Date().toISOString(), machine: thisMachine(), content };
  writeFileSync(pathOf(subject), `${JSON.stringify(results, undefined, 2)}\n`);
}

/** Undefined when the subject was not measured on this machine. */
export function readResults<Content>(subject: string): Results<Content> | undefined {
  try {
    return JSON.parse(readFileSync(pathOf(subject), "utf8")) as Results<Content>; // as: written above
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** How many processes wanted a core in the last minute. */
export function loadAverage(): number {
  return loadavg()[0] ?? Number.NaN;
}

export function thisMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${process.arch}`,
    node: process.version,
  };
}

function pathOf(subject: string): string {
  return join(folder, `results-${subject}.json`);
}
