import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, expectTypeOf, test } from "vitest";
import type { JobStatus } from "./index.ts";
import {
  signWebhook,
  verifyWebhook,
  type VerifyWebhookOptions,
  type WebhookEvent,
  WebhookVerificationError,
} from "./webhook.ts";

// The vector of the Standard Webhooks reference libraries.
const VECTOR = {
  secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
  timestamp: 1_614_265_330_000,
  payload: '{"test": 2432232314}',
  signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
};
const OTHER_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const HEADERS = {
  "webhook-id": VECTOR.id,
  "webhook-timestamp": "1614265330",
  "webhook-signature": VECTOR.signature,
};

function verify(changes: Partial<VerifyWebhookOptions> = {}): Promise<unknown> {
  const { payload, secret } = VECTOR;
  return verifyWebhook<unknown>({ payload, headers: HEADERS, secret, now: () => VECTOR.timestamp, ...changes });
}

describe("signing a webhook", () => {
  test("gives the headers of the specification's vector", async () => {
    expect(await signWebhook(VECTOR)).toEqual(HEADERS);
  });

  test("with several secrets gives a signature by each", async () => {
    const { "webhook-signature": signatures } = await signWebhook({
      ...VECTOR,
      secret: [VECTOR.secret, OTHER_SECRET],
    });
    expect(signatures.split(" ")).toEqual([VECTOR.signature, expect.stringMatching(/^v1,.{44}$/)]);
  });

  test("agrees with another implementation, and what it signs is verified, whatever the bytes", async () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 64 });
    await fc.assert(
      fc.asyncProperty(bytes, fc.json(), fc.nat(2 ** 32), async (key, payload, seconds) => {
        const secret = `whsec_${Buffer.from(key).toString("base64")}`;
        const headers = await signWebhook({ id: "msg_1", timestamp: seconds * 1000, payload, secret });
        const mac = createHmac("sha256", key).update(`msg_1.${seconds}.${payload}`).digest("base64");
        expect(headers["webhook-signature"]).toBe(`v1,${mac}`);
        const verified = verifyWebhook<unknown>({ payload, headers, secret, now: () => seconds * 1000 });
        expect(await verified).toEqual(JSON.parse(payload));
      }),
    );
  });

  test.each(["", "msg.1", "msg 1"])("refuses %j as an id, which could pass for another", async (id) => {
    await expect(signWebhook({ ...VECTOR, id })).rejects.toMatchObject({ name: "ValueError" });
  });
});

describe("a webhook is accepted", () => {
  test("as text and as bytes, and its parsed body is given", async () => {
    expect(await verify()).toEqual({ test: 2432232314 });
    expect(await verify({ payload: new TextEncoder().encode(VECTOR.payload) })).toEqual({ test: 2432232314 });
  });

  test("with its headers in any form and case", async () => {
    expect(await verify({ headers: new Headers(HEADERS) })).toBeDefined();
    const raised = Object.fromEntries(Object.entries(HEADERS).map(([name, value]) => [name.toUpperCase(), value]));
    expect(await verify({ headers: raised })).toBeDefined();
    expect(await verify({ headers: { ...HEADERS, "webhook-signature": ["v1,AAAA", VECTOR.signature] } })).toBeDefined();
  });

  test("with a secret that has no prefix", async () => {
    expect(await verify({ secret: VECTOR.secret.slice("whsec_".length) })).toBeDefined();
  });

  test("when one of several signatures is ours, beside those of other schemes", async () => {
    const signatures = `v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= v1a,AAAA ${VECTOR.signature} v2,AAAA`;
    expect(await verify({ headers: { ...HEADERS, "webhook-signature": signatures } })).toBeDefined();
  });

  test("when any of several secrets signed it, so that one may replace another", async () => {
    expect(await verify({ secret: [OTHER_SECRET, VECTOR.secret] })).toBeDefined();
    const headers = await signWebhook({ ...VECTOR, secret: [OTHER_SECRET, VECTOR.secret] });
    expect(await verify({ headers, secret: OTHER_SECRET })).toBeDefined();
  });

  test("up to its tolerance, in both directions", async () => {
    for (const ageMs of [300_000, -300_000]) {
      expect(await verify({ now: () => VECTOR.timestamp + ageMs })).toBeDefined();
    }
    expect(await verify({ now: () => VECTOR.timestamp + 600_000, toleranceMs: 600_000 })).toBeDefined();
  });
});

describe("a webhook is refused", () => {
  test.each(["webhook-id", "webhook-timestamp", "webhook-signature"])("without the header %s", async (name) => {
    const refused = expect(verify({ headers: { ...HEADERS, [name]: undefined } }));
    await refused.rejects.toMatchObject({ code: "WEBHOOK_HEADER_MISSING", message: expect.stringContaining(name) });
  });

  test.each(["hello", "-1", "1.5", "1e9", "161426533000000000000", " 1614265330x"])(
    "with the timestamp %j",
    async (timestamp) => {
      const refused = expect(verify({ headers: { ...HEADERS, "webhook-timestamp": timestamp } }));
      await refused.rejects.toMatchObject({ code: "WEBHOOK_TIMESTAMP_INVALID" });
    },
  );

  test.each([
    [301_000, "WEBHOOK_TOO_OLD"],
    [-301_000, "WEBHOOK_TOO_NEW"],
  ])("%i ms after it was signed", async (ageMs, code) => {
    await expect(verify({ now: () => VECTOR.timestamp + ageMs })).rejects.toMatchObject({ code });
  });

  test.each<[string, Partial<VerifyWebhookOptions>]>([
    ["another secret", { secret: OTHER_SECRET }],
    ["another body", { payload: `${VECTOR.payload} ` }],
    ["another id", { headers: { ...HEADERS, "webhook-id": "msg_2" } }],
    ["another time", { headers: { ...HEADERS, "webhook-timestamp": "1614265331" } }],
    ["a part of the signature", { headers: { ...HEADERS, "webhook-signature": VECTOR.signature.slice(0, 11) } }],
    ["an empty signature", { headers: { ...HEADERS, "webhook-signature": "v1," } }],
    ["a longer signature", { headers: { ...HEADERS, "webhook-signature": `${VECTOR.signature}A` } }],
    [
      "a signature that calls itself another scheme's",
      { headers: { ...HEADERS, "webhook-signature": VECTOR.signature.replace("v1", "v2") } },
    ],
  ])("with %s", async (_, changes) => {
    await expect(verify(changes)).rejects.toMatchObject({ code: "WEBHOOK_SIGNATURE_MISMATCH" });
  });

  test.each(["", "{", Uint8Array.of(0xff, 0xfe)])("when it is signed but its body is %j", async (payload) => {
    const headers = await signWebhook({ ...VECTOR, payload });
    await expect(verify({ payload, headers })).rejects.toMatchObject({ code: "WEBHOOK_PAYLOAD_INVALID" });
  });

  test("with a typed error that holds neither secret nor body", async () => {
    const error = await verify({ secret: OTHER_SECRET, payload: "my own words" }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(WebhookVerificationError);
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toMatch(/C2FVs|my own words/);
  });
});

test.each(["", "whsec_", "whsec_!!!!", "whsec_A", []])(
  "a secret of %j is a fault of ours, and not shown",
  async (secret) => {
    const refused = expect(verify({ secret }));
    await refused.rejects.toMatchObject({ name: "ValueError", message: expect.not.stringContaining("!!!!") });
  },
);

test("a payload that was parsed already is a fault of ours, with what to give instead", async () => {
  const payload = JSON.parse(VECTOR.payload) as string; // as a framework's body parser hands it on
  await expect(verify({ payload })).rejects.toMatchObject({
    name: "ValueError",
    message: expect.stringContaining("the request's body as it came"),
  });
});

test("headers of another implementation are read as the runtime's own", async () => {
  const headers = { get: (name: string) => new Map(Object.entries(HEADERS)).get(name) ?? null } as Headers; // as libraries bring theirs
  expect(await verify({ headers })).toEqual({ test: 2432232314 });
});

test("a payload is typed: our event, or what the caller says it is", async () => {
  const event = {
    type: "job.failed",
    timestamp: "2026-11-20T09:30:12.481Z",
    data: { executionId: "run-1", status: "failed", state: "cancelled", error: "cancelled" },
  } satisfies WebhookEvent;
  const signed = { id: "msg_1", payload: JSON.stringify(event), secret: VECTOR.secret };
  const received = await verifyWebhook({ ...signed, headers: await signWebhook(signed) });
  expect(received).toEqual(event);
  expectTypeOf(received).toEqualTypeOf<WebhookEvent>();
  // What the package calls a job's status always has a state.
  expectTypeOf(received.data).not.toExtend<JobStatus>();
  expectTypeOf<JobStatus["status"]>().not.toExtend<WebhookEvent["data"]["status"]>();
  expectTypeOf(verifyWebhook<{ id: 1 }>).returns.resolves.toEqualTypeOf<{ id: 1 }>();
});
