/** Peer: Restate's server, started here from its npm package, and a service of its TypeScript SDK. Calls go through Restate's own ingress. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import * as restate from "@restatedev/restate-sdk";

const dir = mkdtempSync(join(tmpdir(), "noukai-peer-"));
const bench = restate.service({
  name: "Bench",
  handlers: {
    async execute(context, { message }) {
      let value = { message };
      for (const name of ["one", "two", "three"]) {
        const input = value;
        value = await context.run(name, () => ({ message: input.message }));
      }
      return { status: "completed", result: value };
    },
  },
});
const servicePort = await freePort();
await restate.serve({ services: [bench], port: servicePort, logger: () => undefined });

const [ingressPort, adminPort, nodePort] = await Promise.all([freePort(), freePort(), freePort()]);
const platform = `@restatedev/restate-server-${process.platform}-${process.arch}`;
const fromServer = createRequire(createRequire(import.meta.url).resolve("@restatedev/restate-server/package.json"));
const binary = join(dirname(fromServer.resolve(`${platform}/package.json`)), "bin", "restate-server");
const args = ["--no-logo", "--listen-mode=tcp", `--bind-ip=127.0.0.1`, `--bind-port=${nodePort}`, `--base-dir=${dir}`];
const child = spawn(binary, args, {
  env: {
    PATH: process.env["PATH"],
    RESTATE_DISABLE_TELEMETRY: "true",
    RESTATE_LOG_FILTER: "error",
    RESTATE_INGRESS__BIND_PORT: String(ingressPort),
    RESTATE_ADMIN__BIND_PORT: String(adminPort),
  },
  stdio: ["ignore", "ignore", "inherit"],
});
child.once("exit", () => {
  rmSync(dir, { recursive: true, force: true });
  process.exit(0);
});
process.once("SIGTERM", () => void child.kill("SIGKILL"));

await register();
console.log(`http://127.0.0.1:${ingressPort}`);

/** Asks until the server has come up. */
async function register() {
  const body = JSON.stringify({ uri: `http://127.0.0.1:${servicePort}` });
  const request = { method: "POST", headers: { "content-type": "application/json" }, body };
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${adminPort}/deployments`, request).catch(() => undefined);
    if (response?.ok === true) return;
    await delay(100);
  }
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  return port;
}
