import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { SandboxLimits } from "./limits.ts";

/** A way to start a sandbox process: what stands before `node` on its command line. */
export interface Launcher {
  readonly prefix: readonly string[];
  /** The kernel ends the process with the one that started it. */
  readonly endsWithParent: boolean;
}

const withoutNetwork: readonly (readonly string[])[] = [
  // A user namespace of its own takes away the rights of a root user, too.
  ["unshare", "--user", "--map-root-user", "--net", "--"],
  ["unshare", "--net", "--"],
];
const withDeathSignal = ["setpriv", "--pdeathsig", "KILL", "--"];

/** From the most to the least confined. Which of them work is found by trying; only Linux has more than the last one. */
export const launchers: readonly Launcher[] = [
  // The signal is forgotten when rights change, so it is set inside.
  ...withoutNetwork.map((prefix) => ({ prefix: [...prefix, ...withDeathSignal], endsWithParent: true })),
  ...withoutNetwork.map((prefix) => ({ prefix, endsWithParent: false })),
  { prefix: withDeathSignal, endsWithParent: true },
  { prefix: [], endsWithParent: false },
];

/** Bound of V8's own heap in a process, in MB: questions and answers, not what the code makes. */
const heapMegabytes = 128;

/** Starts a process; standard input and output carry frames. Its failure to start is an `error` or an early `exit`. */
export function launch({ prefix }: Launcher, limits: SandboxLimits): ChildProcess {
  const node = [
    process.execPath,
    "--permission",
    ...readablePaths.map((path) => `--allow-fs-read=${path}`),
    `--max-old-space-size=${heapMegabytes}`,
    childPath,
    JSON.stringify(limits),
  ];
  const [command = process.execPath, ...args] = [...prefix, ...node];
  return spawn(command, args, {
    env: {},
    stdio: ["pipe", "pipe", "ignore"],
    cwd: dirname(childPath),
    windowsHide: true,
  });
}

/** Works from source, where Node strips the types, and from the build. */
const childPath = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "./child.ts" : "./child.js", import.meta.url),
);

const readablePaths = findReadablePaths();

/** The sandbox's own files and those of QuickJS, as a package manager has linked them and where they truly are. */
function findReadablePaths(): readonly string[] {
  const paths = [dirname(childPath)];
  for (const name of ["quickjs-emscripten-core", "@jitl/quickjs-wasmfile-release-sync"]) {
    const root = findPackage(name, dirname(childPath));
    const types = findPackage("@jitl/quickjs-ffi-types", root.path);
    paths.push(root.link, root.path, types.link, types.path);
  }
  return [...new Set(paths)].map((path) => path + sep);
}

/** Where Node finds a package when a file in `from` imports it. */
function findPackage(name: string, from: string): { readonly link: string; readonly path: string } {
  const link = join(from, "node_modules", name);
  if (existsSync(link)) return { link, path: realpathSync(link) };
  if (dirname(from) === from) throw new Error(`The package ${name} is not installed.`);
  return findPackage(name, dirname(from));
}
