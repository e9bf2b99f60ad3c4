import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { RelayStore } from "@noukai/hono";
import { createRelayFlow, type RelayFlow } from "@noukai/sdk";
import { describe, expect, test } from "vitest";
import { startTestServer } from "../../server/test/harness.ts";
import { chatApp } from "../src/server/app.ts";
import { sqliteStore } from "../src/server/sqlite-store.ts";

interface Chat {
  readonly request: (path: string, init?: RequestInit) => Promise<Response>;
  /** The chat's flow, as a visitor's page has it. */
  readonly flowOf: (cookie: string) => RelayFlow;
}

/** Applications in front of a real server, as they come one after the other. */
async function start(): Promise<(store: RelayStore) => Chat> {
  const flow = await readFile(join(import.meta.dirname, "../flows/acme/kitchen/assistant.yaml"), "utf8");
  const server = await startTestServer({ flows: { "acme/kitchen/assistant.yaml": flow.replace("?deltaMs=30", "") } });
  const apiKey = server.newKeys.find(({ project }) => project === "kitchen")?.secret;
  return (store) => {
    const app = chatApp({ store, apiKey, baseUrl: `${server.url}/api/v1` });
    app.get("/", (c) => c.html("<title>Kitchen chat</title>"));
    return {
      request: async (path, init) => app.request(path, init),
      flowOf: (cookie) =>
        createRelayFlow({
          url: "https://chat.test/agent/execute",
          // As a browser does, which lets no program write it.
          fetch: async (request) =>
            app.request(new Request(request, { headers: [...request.headers, ["cookie", cookie]] })),
        }),
    };
  };
}

async function visit({ request }: Chat): Promise<string> {
  const { headers } = await request("/", { headers: { accept: "text/html" } });
  return headers.get("set-cookie")?.split(";")[0] ?? "";
}

describe("a visitor", () => {
  test("is given a name by the first page, which scripts cannot read, and keeps it", async () => {
    const chat = (await start())(sqliteStore(":memory:"));
    const first = await chat.request("/", { headers: { accept: "text/html" } });
    expect(first.headers.get("set-cookie")).toMatch(/^visitor=[\da-f-]{36};.* HttpOnly; SameSite=Lax$/);
    const cookie = first.headers.get("set-cookie")?.split(";")[0] ?? "";
    const again = await chat.request("/", { headers: { accept: "text/html", cookie } });
    expect(again.headers.has("set-cookie")).toBe(false);
  });

  test("without a name, or with one that is made up, begins nothing", async () => {
    const chat = (await start())(sqliteStore(":memory:"));
    for (const cookie of ["", "visitor=ann"]) {
      const headers = { "content-type": "application/json", cookie };
      const response = await chat.request("/agent/execute", { method: "POST", headers, body: '{"message":"hi"}' });
      expect(response.status).toBe(401);
    }
  });

  test("finds their runs after a restart, and nobody else does", async () => {
    const restart = await start();
    const store = sqliteStore(":memory:");
    const before = restart(store);
    const [ann, bob] = [await visit(before), await visit(before)];
    const { executionId } = await before.flowOf(ann).execute({ message: "Leeks" });
    const after = restart(store);
    expect((await after.flowOf(ann).run(executionId).summary()).status).toBe("completed");
    await expect(after.flowOf(bob).run(executionId).summary()).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
  });
});

test("the assistant answers the last of several messages", async () => {
  const chat = (await start())(sqliteStore(":memory:"));
  const messages = [
    { role: "user", content: "Leeks" },
    { role: "assistant", content: "Soup." },
    { role: "user", content: "And pears?" },
  ] as const;
  const result = await chat
    .flowOf(await visit(chat))
    .events({ messages: [...messages] })
    .result();
  expect(result).toEqual({ text: expect.stringMatching(/^And pears\?\n\nSo you said/) });
});
