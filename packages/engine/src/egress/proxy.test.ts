import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";

/** A server that remembers what it is asked for. */
async function listen() {
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    response.end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }; // as: it listens on a port
}

const program = `
const { createEgress } = await import(process.argv[1]);
const { parseEgressAllow } = await import(process.argv[2]);
const url = process.argv[3];
const egress = createEgress({ allow: parseEgressAllow("http://127.0.0.1").rules });
const signal = new AbortController().signal;
const answer = await egress.request({ url, method: "GET", timeoutMs: 5000, maxResponseBytes: 0, signal });
const { get } = await import("node:http");
await new Promise((resolve) => get(url + "/other", (other) => other.resume().on("end", resolve)));
console.log(answer.status);
`;

test("no proxy of the environment is used, though the process's other requests go through it", async () => {
  const [proxy, receiver] = [await listen(), await listen()];
  const modules = ["egress.ts", "allow-list.ts"].map((name) => new URL(name, import.meta.url).href);
  const child = spawn(process.execPath, ["--input-type=module", "-e", program, ...modules, receiver.url], {
    env: {
      NODE_USE_ENV_PROXY: "1",
      HTTP_PROXY: proxy.url,
      HTTPS_PROXY: proxy.url,
      http_proxy: proxy.url,
      NO_PROXY: "",
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  expect((await text(child.stdout)).trim()).toBe("200");
  expect(receiver.asked).toEqual(["/"]);
  expect(proxy.asked).toEqual([`${receiver.url}/other`]);
});
