import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fromReadableStream, signWebhook } from "@noukai/sdk";
import { expect, test } from "vitest";
import { startTestServer } from "../../server/test/harness.ts";
import { app, type Bindings } from "../src/app.ts";
import { inMemory } from "../src/digests.ts";

const WEBHOOK_SECRET = `whsec_${btoa("a secret of the example's test")}`;

/** The app in front of a real server. */
async function start(): Promise<
  (method: string, path: string, body?: string, headers?: HeadersInit) => Promise<Response>
> {
  const flow = await readFile(join(import.meta.dirname, "../flows/acme/news/digest.yaml"), "utf8");
  const server = await startTestServer({ flows: { "acme/news/digest.yaml": flow } });
  const key = server.newKeys.find(({ project }) => project === "news")?.secret ?? "";
  const bindings: Bindings = {
    NOUKAI_API_KEY: key,
    NOUKAI_BASE_URL: `${server.url}/api/v1`,
    WEBHOOK_SECRET,
    DIGESTS: inMemory(),
  };
  return async (method, path, body, headers) =>
    app.request(path, { method, ...(body !== undefined && { body }), ...(headers && { headers }) }, bindings);
}

test("a digest is streamed while it is written", async () => {
  const call = await start();
  const { body, headers } = await call("POST", "/digest", "A lighthouse.");
  const events = fromReadableStream(body as ReadableStream<Uint8Array>);
  let text = "";
  for await (const delta of events.text()) text += delta;
  expect(text).toBe("In short: A lighthouse.");
  expect(headers.get("x-noukai-execution-id")).toMatch(/^[\da-f-]{36}$/);
});

test("a digest that nobody waits for is found when it is done", async () => {
  const call = await start();
  const response = await call("POST", "/digests", "A lighthouse.");
  const { id } = (await response.json()) as { readonly id: string };
  expect(response.status).toBe(202);
  await expect
    .poll(async () => (await call("GET", `/digests/${id}`)).json())
    .toMatchObject({ status: "completed", result: { text: "In short: A lighthouse." } });
});

test("what a webhook told is not asked for again, and only its sender is believed", async () => {
  const call = await start();
  const id = "01a1f7ef-e7b7-7585-a447-ba6b5459a927";
  const data = { executionId: id, status: "completed", state: "completed", result: { text: "told" } };
  const payload = JSON.stringify({ type: "job.completed", timestamp: new Date().toISOString(), data });
  const headers = await signWebhook({ id: "msg_1", payload, secret: WEBHOOK_SECRET });
  expect((await call("POST", "/webhooks/noukai", payload.replace("told", "lied"), headers)).status).toBe(400);
  expect((await call("GET", `/digests/${id}`)).status).toBe(404);
  expect((await call("POST", "/webhooks/noukai", payload, headers)).status).toBe(204);
  expect(await (await call("GET", `/digests/${id}`)).json()).toEqual(data);
});
