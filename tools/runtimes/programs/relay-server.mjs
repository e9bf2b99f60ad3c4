// For Node, Deno and Bun: listens, and prints where.
import { app } from "./relay-app.mjs";

const { argv } = globalThis.process ?? (await import("node:process"));
const [NOUKAI_BASE_URL, NOUKAI_API_KEY] = argv.slice(2);
const hostname = "127.0.0.1";
const fetch = (request, bindings) => app.fetch(request, { ...bindings, NOUKAI_BASE_URL, NOUKAI_API_KEY });
const tell = ({ port }) => console.log(`http://${hostname}:${port}`);

if (globalThis.Deno) Deno.serve({ hostname, port: 0, onListen: tell }, (request) => fetch(request));
else if (globalThis.Bun) tell(Bun.serve({ hostname, port: 0, fetch: (request) => fetch(request), idleTimeout: 30 }));
else (await import("@hono/node-server")).serve({ hostname, port: 0, fetch }, tell);
