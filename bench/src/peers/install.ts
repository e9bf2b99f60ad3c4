/** Brings the peers from the registry into `bench/peers/node_modules`, apart from the workspace, at the versions of their own lockfile. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

/** A package of `bench/peers/package.json`. */
export type Requirement = string;

const folder = join(import.meta.dirname, "../../peers");
const modules = join(folder, "node_modules");
/** Which lockfile the installed packages are of. */
const marker = join(modules, ".installed-lockfile.json");

/** Installs what the lockfile says unless that was done before. Gives why it could not be; undefined when it was. */
export async function installPeers(): Promise<string | undefined> {
  const lockfile = readFileSync(join(folder, "package-lock.json"), "utf8");
  if (existsSync(marker) && readFileSync(marker, "utf8") === lockfile) return undefined;
  console.error("Installing the peers into bench/peers/node_modules: half a gigabyte.");
  // Without install scripts: none is needed, and one reports each install to somebody.
  const failure = await npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline");
  if (failure !== undefined) return failure;
  writeFileSync(marker, lockfile);
  return undefined;
}

/** Which of these packages are not there; undefined when all are. */
export function findMissing(requirements: readonly Requirement[]): string | undefined {
  const missing = requirements.filter((name) => !existsSync(join(modules, name, "package.json")));
  return missing.length === 0 ? undefined : `${missing.join(", ")} did not install`;
}

/** Such as `@mastra/core 1.71.0, @mastra/libsql 1.23.1`. */
export function versionsOf(requirements: readonly Requirement[]): string {
  return requirements.map((name) => `${name} ${versionOf(name)}`).join(", ");
}

function versionOf(name: string): string {
  const text = readFileSync(join(modules, name, "package.json"), "utf8");
  return (JSON.parse(text) as { readonly version: string }).version; // as: every package.json has one
}

/** Runs npm on this Node. Gives the end of what it said when it failed. */
async function npm(...args: readonly string[]): Promise<string | undefined> {
  const child = spawn("npm", args, {
    cwd: folder,
    env: { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env["PATH"] ?? ""}` },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => output.push(text));
  const [code] = await once(child, "close");
  if (code === 0) return undefined;
  return `npm ${args.join(" ")} ended with ${String(code)}: ${output.join("").trim().slice(-500)}`;
}
