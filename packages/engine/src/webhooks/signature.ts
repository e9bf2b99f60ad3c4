import { createHmac } from "node:crypto";

export interface Unsigned {
  /** Names the event, the same on every attempt to deliver it. */
  readonly id: string;
  /** When this attempt is made, in milliseconds since 1970. */
  readonly at: number;
  readonly body: string;
  /** `whsec_` and base64, as `project.yaml` is checked to have it. */
  readonly secret: string;
}

/** What makes a request a signed webhook. Source: Standard Webhooks 1.0.0, scheme `v1` (HMAC-SHA256). */
export function signedHeaders({ id, at, body, secret }: Unsigned): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(at / 1000));
  const key = Buffer.from(secret.replace(/^whsec_/u, ""), "base64");
  const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` };
}
