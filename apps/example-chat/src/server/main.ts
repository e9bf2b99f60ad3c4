// The chat on Node. See README.md.
import { mkdirSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { serve } from "@hono/node-server";
import { serveStatic } from "@hono/node-server/serve-static";
import { chatApp } from "./app.ts";
import { sqliteStore } from "./sqlite-store.ts";

const PAGES = join(import.meta.dirname, "../../dist/page");
const {
  PORT = "3000",
  HOST = "127.0.0.1",
  CHAT_STORE = join(import.meta.dirname, "../../.noukai/chat.sqlite"),
} = process.env;

if (!process.env["NOUKAI_API_KEY"]) {
  console.error("NOUKAI_API_KEY is not set. `npm run serve` prints a key for the flows that it finds.");
  process.exit(1);
}
mkdirSync(dirname(CHAT_STORE), { recursive: true });
const app = chatApp({ store: sqliteStore(CHAT_STORE) });
app.use(serveStatic({ root: PAGES }));

const server = serve({ fetch: app.fetch, port: Number(PORT), hostname: HOST }, ({ address, port }: AddressInfo) => {
  console.log(`The chat is at http://${address === "127.0.0.1" ? "localhost" : address}:${port}`);
});
// Streams would keep it open for as long as their runs take; pages take them up again.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => server.close() && process.exit(0));
