import { statSync } from "node:fs";
import { ConfigError } from "./config.ts";
import { folderFaults, type LoadedFolder } from "./flow-folder.ts";
import type { StartedServer } from "./listen.ts";
import { reloadOnChange } from "./reload.ts";
import type { NewKey } from "./server.ts";

/** A terminal's Ctrl-C reaches this process directly and once more through npm; only a later signal is a second wish. */
const sameSignalMs = 500;

/** Where the server listens, the keys that it made, and the runs that it took over from a process that died. */
export function announce(server: StartedServer, wantedPort: number): void {
  const isMoved = wantedPort !== 0 && server.port !== wantedPort;
  const name = server.role === "all" ? "Noukai" : `Noukai (${server.role})`;
  console.log(`${name} listens on ${server.url}${isMoved ? ` (port ${wantedPort} is in use)` : ""}`);
  if (server.role === "worker") console.log(`It works runs off, and answers /healthz, /readyz and /metrics alone.`);
  else console.log(`The API, with a form for each request: ${server.url}/reference`);
  announceKeys(server.newKeys);
  const { recovered } = server;
  if (recovered === 1) console.log("1 run that was in work when the last process died goes on.");
  if (recovered > 1) console.log(`${recovered} runs that were in work when the last process died go on.`);
}

/** Says why a program could not start, in lines for the operator, and makes it end with 1. */
export function complain(error: unknown): void {
  const lines =
    error instanceof ConfigError
      ? [...error.warnings, ...error.faults]
      : [error instanceof Error ? error.message : String(error)];
  for (const line of lines) console.error(line);
  process.exitCode = 1;
}

/** Every fault of the flows directory's files, or that there is no such directory; nothing where none is loaded. */
export function reportFlows(flowsDir: string, { role, folder }: Pick<StartedServer, "role" | "folder">): void {
  if (role === "worker") return;
  if (statSync(flowsDir, { throwIfNoEntry: false })?.isDirectory() !== true) {
    console.error(`There is no directory ${flowsDir}, so no flow was loaded. Make it, or set NOUKAI_FLOWS_DIR.`);
  }
  for (const line of folderFaults(folder)) console.error(line);
}

/** While `NOUKAI_DEV` is on: loads what changes in the flows directory, and says so. Gives the function that ends it. */
export function keepFlowsFresh(
  flowsDir: string,
  { folder, reload }: Pick<StartedServer, "folder" | "reload">,
): () => void {
  const load = async (): Promise<LoadedFolder> => {
    const { folder: next, newKeys } = await reload();
    announceKeys(newKeys);
    return next;
  };
  const stop = reloadOnChange({ dir: flowsDir, loaded: folder, load, tell: (line) => console.log(line) });
  console.log(`Changes in ${flowsDir} are loaded as they are made (NOUKAI_DEV).`);
  return stop;
}

function announceKeys(newKeys: readonly NewKey[]): void {
  for (const { org, project, secret } of newKeys) {
    console.log(`API key of ${org}/${project}, shown this once: ${secret}`);
  }
}

/** Drains on Ctrl-C or SIGTERM and exits with 0; a second one exits at once. */
export function stopOnSignal(close: () => Promise<void>, drainMs: number): void {
  let stoppingSince: number | undefined;
  const stop = (): void => {
    if (stoppingSince !== undefined) {
      if (performance.now() - stoppingSince > sameSignalMs) process.exit(130);
      return;
    }
    stoppingSince = performance.now();
    console.log(`Stopping: steps in flight may end within ${drainMs / 1000} s. Once more to stop at once.`);
    close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  // Whoever reads what we print may go away before us (`npm start | head`): that must not keep us from draining.
  process.stdout.on("error", () => undefined);
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
}
