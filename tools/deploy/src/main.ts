/**
 * `npm run check` runs it; alone, on a built checkout: `pnpm exec node tools/deploy/src/main.ts`. Lays out what the Dockerfile puts into its image, and does there what a
 * container would be asked to do: start, say that it is well, tell its figures, stop.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ImageCommands, readImageCommands } from "./dockerfile.ts";

const startsWithinMs = 30_000;
const folder = mkdtempSync(join(tmpdir(), "noukai-image-"));
try {
  await tryImage(readImageCommands());
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function tryImage({ start, health, environment }: ImageCommands): Promise<void> {
  const server = join(folder, "server");
  run("pnpm", ["--filter", "@noukai/server", "deploy", "--prod", "--legacy", "--prefer-offline", server], process.env);
  const [image, port] = [{ ...environment, PATH: process.env["PATH"] }, await freePort()];
  // The directories and the address of a container, on this machine.
  const [data, flows] = [join(folder, "data"), join(folder, "flows")];
  mkdirSync(flows);
  const here = { PORT: String(port), HOST: "127.0.0.1", NOUKAI_DATA_DIR: data, NOUKAI_FLOWS_DIR: flows };
  const env = { ...image, ...here };
  const [program = "", ...words] = start;
  const child = spawn(program, words, { cwd: server, env, stdio: ["ignore", "ignore", "inherit"] });
  try {
    await untilReady(child, `http://127.0.0.1:${port}`);
    const [asker = "", ...question] = health;
    run(asker, question, env);
    const figures = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    if (!figures.includes("noukai_store_up 1"))
      throw new Error(`/metrics does not say that the store is up:\n${figures}`);
  } finally {
    child.kill("SIGTERM");
  }
  const [code] = (await once(child, "exit")) as [number | null]; // as: the event's first value
  if (code !== 0) throw new Error(`The server ended with ${code} on SIGTERM.`);
  console.log("The image's files start, are well, tell figures and stop.");
}

function run(program: string, words: readonly string[], env: NodeJS.ProcessEnv): void {
  const { status, stdout, stderr } = spawnSync(program, [...words], { env, encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ${words.join(" ")} ended with ${status}:\n${stdout}${stderr}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("There is no free port.");
  return address.port;
}

async function untilReady(child: ChildProcess, url: string): Promise<void> {
  const giveUpAt = performance.now() + startsWithinMs;
  while (performance.now() < giveUpAt) {
    if (child.exitCode !== null) throw new Error(`The server ended with ${child.exitCode} when it was started.`);
    const isReady = await fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`The server was not ready within ${startsWithinMs / 1_000} s.`);
}
