import { signWebhook, type WebhookEvent } from "@noukai/sdk";
import { type Context, Hono } from "hono";
import { describe, expect, test, vi } from "vitest";
import { RelayRefusal, webhook, type WebhookSecret } from "./index.ts";

const secret = `whsec_${btoa("a secret of the webhook's test")}`;
const payload = JSON.stringify({
  type: "job.completed",
  timestamp: "2026-11-20T00:00:00Z",
  data: { status: "completed" },
});

async function send(
  handler: (event: WebhookEvent, c: Context) => Response | void | Promise<Response | void>,
  options: {
    readonly body?: string;
    readonly known?: WebhookSecret;
    readonly env?: object;
    readonly timestamp?: number;
  } = {},
): Promise<Response> {
  const { body = payload, known = secret, env, timestamp = Date.now() } = options;
  const headers = await signWebhook({ id: "msg_1", payload, secret, timestamp });
  const app = new Hono().post("/", webhook(known, handler)).onError((error, c) => c.text(error.message, 500));
  return app.request("/", { method: "POST", body, headers }, env);
}

test("a signed event reaches the handler", async () => {
  const handler = vi.fn((_: WebhookEvent, c: Context) => void c.req.header("webhook-id"));
  const response = await send(handler);
  expect([response.status, handler.mock.calls[0]?.[0]]).toEqual([204, JSON.parse(payload)]);
});

test("what the handler gives is the answer, and what it throws is the app's", async () => {
  expect(await (await send((_, c) => c.text("seen"))).text()).toBe("seen");
  const failing = await send(() => {
    throw new Error("not now");
  });
  expect([failing.status, await failing.text()]).toEqual([500, "not now"]);
  const refusing = await send(() => {
    throw new RelayRefusal(503, "LATER", 9);
  });
  expect([refusing.status, refusing.headers.get("retry-after")]).toEqual([503, "9"]);
});

test("the secret may be in the bindings", async () => {
  const known = (c: Context): string => (c.env as { readonly SECRET: string }).SECRET;
  expect((await send(() => {}, { known, env: { SECRET: secret } })).status).toBe(204);
});

describe("the handler is not called", () => {
  test.each([
    ["a body that was changed", { body: `${payload} ` }, 400, "WEBHOOK_SIGNATURE_MISMATCH"],
    ["another secret", { known: `whsec_${btoa("another secret of the test")}` }, 400, "WEBHOOK_SIGNATURE_MISMATCH"],
    ["an old recording", { timestamp: Date.now() - 600_000 }, 400, "WEBHOOK_TOO_OLD"],
    ["a body that is too large", { body: "x".repeat(1_048_577) }, 413, "BODY_TOO_LARGE"],
  ])("for %s", async (_, options, status, detail) => {
    const handler = vi.fn();
    const response = await send(handler, options);
    expect([response.status, await response.json(), handler.mock.calls]).toEqual([status, { detail }, []]);
  });

  test("for a request that is not signed", async () => {
    const handler = vi.fn();
    const response = await new Hono()
      .post("/", webhook(secret, handler))
      .request("/", { method: "POST", body: payload });
    expect([await response.json(), handler.mock.calls]).toEqual([{ detail: "WEBHOOK_HEADER_MISSING" }, []]);
  });
});
