import { once } from "node:events";
import { rm } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { type Place, Proxy } from "./proxy.ts";

/** A server that says again what it hears, behind a proxy. */
async function startEcho(at: Place = { port: 0 }): Promise<Proxy> {
  const server = createServer((socket) => socket.on("error", () => undefined).pipe(socket)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // it listens on a port
  const proxy = await Proxy.listen(at, () => ({ port }));
  onTestFinished(() => {
    proxy.close();
    server.close();
  });
  return proxy;
}

async function open(proxy: Proxy): Promise<Socket> {
  const socket = connect(proxy.port, "127.0.0.1").on("error", () => undefined);
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  return socket;
}

/** However it comes to it. */
function closeOf(socket: Socket): Promise<void> {
  return new Promise((resolve) => void socket.once("close", () => resolve()));
}

async function answer(socket: Socket): Promise<string> {
  const [chunk] = (await once(socket, "data")) as [Buffer]; // without an encoding it gives buffers
  return chunk.toString();
}

test("what is said comes back through an open proxy", async () => {
  const socket = await open(await startEcho());
  socket.write("hello");
  expect(await answer(socket)).toBe("hello");
});

test("a stalled proxy says nothing and closes nothing; healed, it carries what was said meanwhile", async () => {
  const proxy = await startEcho();
  const socket = await open(proxy);
  socket.write("before");
  await answer(socket);
  proxy.stall();
  const late = await open(proxy);
  socket.write("meanwhile");
  late.write("late");
  const first = await Promise.race([answer(socket), answer(late), closeOf(socket), delay(100, "silence")]);
  expect(first).toBe("silence");
  const answers = Promise.all([answer(socket), answer(late)]);
  proxy.heal();
  expect(await answers).toEqual(["meanwhile", "late"]);
});

test("a shut proxy resets what there is and what comes, until it is healed", async () => {
  const proxy = await startEcho();
  const socket = await open(proxy);
  socket.write("hello");
  await answer(socket);
  const closed = closeOf(socket);
  proxy.shut();
  await closed;
  const refused = connect(proxy.port, "127.0.0.1").on("error", () => undefined);
  await closeOf(refused);
  proxy.heal();
  const again = await open(proxy);
  again.write("again");
  expect(await answer(again)).toBe("again");
});

test("a cut resets the connections that there are and takes new ones", async () => {
  const proxy = await startEcho();
  const socket = await open(proxy);
  socket.write("hello");
  await answer(socket);
  const closed = closeOf(socket);
  proxy.cut();
  await closed;
  const again = await open(proxy);
  again.write("again");
  expect(await answer(again)).toBe("again");
});

test("on a Unix socket connections are cut and refused as well", async () => {
  const path = join(tmpdir(), `noukai-proxy-test-${process.pid}`);
  onTestFinished(() => rm(path, { force: true }));
  const proxy = await startEcho({ path });
  const socket = connect(path).on("error", () => undefined);
  socket.write("hello");
  expect(await answer(socket)).toBe("hello");
  const closed = closeOf(socket);
  proxy.shut();
  await closed;
  await closeOf(connect(path).on("error", () => undefined));
});
