import { NoukaiError, ValueError } from "@noukai/core";
import type { RunStatus } from "@noukai/core/schema";

/** How a job ended, as its webhook tells it. What `job.poll()` gives has all its members; here those that say nothing may be absent or null. */
export interface WebhookJob {
  readonly executionId: string;
  /** A cancelled job is `failed` here. */
  readonly status: "completed" | "failed";
  /** The run's own status, which tells `cancelled` from `failed`. */
  readonly state?: RunStatus;
  /** The last step's output, once completed. */
  readonly result?: unknown;
  /** Why it failed, for people. */
  readonly error?: string | null;
}

/** What a webhook of ours carries: a job has ended. */
export interface WebhookEvent {
  readonly type: "job.completed" | "job.failed";
  /** When the job ended, in ISO 8601. */
  readonly timestamp: string;
  readonly data: WebhookJob;
}

/** Why a webhook was refused. */
export type WebhookFault =
  | "WEBHOOK_HEADER_MISSING"
  | "WEBHOOK_TIMESTAMP_INVALID"
  | "WEBHOOK_TOO_OLD"
  | "WEBHOOK_TOO_NEW"
  | "WEBHOOK_SIGNATURE_MISMATCH"
  | "WEBHOOK_PAYLOAD_INVALID";

/** The request is not a webhook of the expected sender, or not one of now: answer it with 400 and do nothing else. `code` says why. */
export class WebhookVerificationError extends NoukaiError {
  static override readonly kind: string = "WebhookVerificationError";
  declare readonly code: WebhookFault;
}

/** A request as it came, and what its sender is known by. */
export interface VerifyWebhookOptions {
  /** The request's body as it came, byte for byte: JSON that was parsed and written again has another signature. */
  readonly payload: string | Uint8Array;
  /** The request's headers; names in any case. */
  readonly headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>;
  /** `whsec_…`, as it was shown with the endpoint. Several while one replaces another: any of them may have signed. */
  readonly secret: string | readonly string[];
  /** How far the sender's clock and ours may be apart, in milliseconds; what is older may be a recording sent again. Default 300 000. */
  readonly toleranceMs?: number | undefined;
  /** Milliseconds since 1970. Default: the machine's clock. */
  readonly now?: (() => number) | undefined;
}

type HeaderRecord = Exclude<VerifyWebhookOptions["headers"], Headers>;

const DEFAULT_TOLERANCE_MS = 300_000;

/**
 * Checks a webhook's signature and age after the Standard Webhooks specification 1.0.0 (scheme `v1`, HMAC-SHA256), and gives its parsed body.
 * Throws `WebhookVerificationError` when it must not be trusted, `ValueError` when a secret is malformed. The same webhook may come twice:
 * remember its `webhook-id`.
 *
 * ```ts
 * const { type, data } = await verifyWebhook({ payload: await request.text(), headers: request.headers, secret });
 * ```
 */
export async function verifyWebhook<Payload = WebhookEvent>(options: VerifyWebhookOptions): Promise<Payload> {
  const { payload, headers, toleranceMs = DEFAULT_TOLERANCE_MS, now = Date.now } = options;
  const keys = keysOf(options.secret);
  const id = requireHeader(headers, "webhook-id");
  const timestamp = requireHeader(headers, "webhook-timestamp");
  const given = requireHeader(headers, "webhook-signature").split(" ");
  checkAge(timestamp, { toleranceMs, now: now() });
  const bytes = bytesOf(payload);
  const expected = await Promise.all(keys.map((key) => signatureOf(key, { id, timestamp, bytes })));
  // Each is compared with each: stopping at the first match would tell by its time which one it was.
  const matches = expected.flatMap((own) => given.map((signature) => isEqual(own, signature)));
  if (!matches.includes(true)) {
    throw new WebhookVerificationError(
      "The webhook's signature does not match. Is the secret this endpoint's, and the payload the body as it came?",
      { code: "WEBHOOK_SIGNATURE_MISMATCH" },
    );
  }
  return parsePayload(bytes) as Payload; // who holds the secret says what it is
}

/** What is sent, and by whom. */
export interface SignWebhookOptions {
  /** Names the event, the same on every attempt to deliver it. */
  readonly id: string;
  /** When this attempt is made, in milliseconds since 1970. Default: now. */
  readonly timestamp?: number | undefined;
  /** The body as it will be sent. */
  readonly payload: string | Uint8Array;
  /** As for `verifyWebhook`; with several, there is a signature by each. */
  readonly secret: string | readonly string[];
}

/** The headers that make a request a signed webhook: for senders, and for tests of receivers. Throws `ValueError` for an id or secret that cannot be. */
export async function signWebhook(
  options: SignWebhookOptions,
): Promise<Readonly<Record<"webhook-id" | "webhook-timestamp" | "webhook-signature", string>>> {
  const { id, timestamp: at = Date.now(), payload, secret } = options;
  // A dot would let one id and timestamp pass for another pair.
  if (!/^[^\s.]+$/.test(id)) throw new ValueError("A webhook's `id` is text without blanks and dots.");
  const timestamp = String(Math.floor(at / 1000));
  const bytes = bytesOf(payload);
  const signatures = await Promise.all(keysOf(secret).map((key) => signatureOf(key, { id, timestamp, bytes })));
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures.join(" ") };
}

interface SignedContent {
  readonly id: string;
  readonly timestamp: string;
  readonly bytes: Uint8Array;
}

/** As `v1,<base64>`. */
async function signatureOf(secret: Uint8Array<ArrayBuffer>, { id, timestamp, bytes }: SignedContent): Promise<string> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", secret, algorithm, false, ["sign"]);
  const head = new TextEncoder().encode(`${id}.${timestamp}.`);
  const content = new Uint8Array(head.length + bytes.length);
  content.set(head);
  content.set(bytes, head.length);
  const mac = new Uint8Array(await crypto.subtle.sign("HMAC", key, content));
  return `v1,${btoa(String.fromCharCode(...mac))}`;
}

/** The time it takes depends on the lengths alone. */
function isEqual(own: string, given: string): boolean {
  let difference = own.length ^ given.length;
  for (let index = 0; index < own.length; index++) difference |= own.charCodeAt(index) ^ given.charCodeAt(index);
  return difference === 0;
}

function keysOf(secret: string | readonly string[]): readonly Uint8Array<ArrayBuffer>[] {
  const secrets = typeof secret === "string" ? [secret] : secret;
  if (secrets.length > 0) return secrets.map(keyOf);
  throw new ValueError("There is no webhook secret. Give the endpoint's, as `whsec_…`.");
}

/** The secret itself, and what the decoder says of it, stay out of the message. */
function keyOf(secret: string): Uint8Array<ArrayBuffer> {
  const text = typeof secret === "string" ? secret.trim().replace(/^whsec_/, "") : "";
  if (text !== "" && /^[A-Za-z0-9+/]+={0,2}$/.test(text) && text.replace(/=+$/, "").length % 4 !== 1) {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  }
  throw new ValueError("A webhook secret is malformed: it is `whsec_` and base64. Copy it again, whole.");
}

function requireHeader(headers: VerifyWebhookOptions["headers"], name: string): string {
  const value = typeof headers.get === "function" ? headers.get(name) : valueOf(headers as HeaderRecord, name); // else it has names for members
  if (value) return value;
  throw new WebhookVerificationError(`The header ${name} is missing: this is not a webhook of ours.`, {
    code: "WEBHOOK_HEADER_MISSING",
  });
}

function valueOf(headers: HeaderRecord, name: string): string | undefined {
  const [, value] = Object.entries(headers).find(([key]) => key.toLowerCase() === name) ?? [];
  return typeof value === "string" || value === undefined ? value : value.join(" ");
}

function checkAge(
  timestamp: string,
  { toleranceMs, now }: { readonly toleranceMs: number; readonly now: number },
): void {
  if (!/^\d{1,11}$/.test(timestamp)) {
    throw new WebhookVerificationError("The header webhook-timestamp is not a number of seconds since 1970.", {
      code: "WEBHOOK_TIMESTAMP_INVALID",
    });
  }
  const ageMs = now - Number(timestamp) * 1000;
  if (Math.abs(ageMs) <= toleranceMs) return;
  const isOld = ageMs > 0;
  throw new WebhookVerificationError(
    `The webhook was signed ${Math.round(Math.abs(ageMs) / 1000)} s ${isOld ? "ago" : "ahead of this clock"}; ${toleranceMs / 1000} s are allowed.`,
    { code: isOld ? "WEBHOOK_TOO_OLD" : "WEBHOOK_TOO_NEW" },
  );
}

function bytesOf(payload: string | Uint8Array): Uint8Array {
  if (typeof payload === "string") return new TextEncoder().encode(payload);
  if (ArrayBuffer.isView(payload)) return payload;
  throw new ValueError(
    "A webhook's `payload` is text or bytes: the request's body as it came, before anything parses it.",
  );
}

function parsePayload(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    // The parser's message quotes the body, which is the user's: it stays in `cause`.
    throw new WebhookVerificationError("The webhook is signed, but its body is not JSON.", {
      code: "WEBHOOK_PAYLOAD_INVALID",
      cause,
    });
  }
}
