/**
 * The load generator, a process of its own: `load.ts <JSON of LoadOptions>` prints one line of JSON, a `LoadResult`.
 * A closed loop: each of `concurrency` connections sends its next request when the last one is answered.
 */
import { randomBytes } from "node:crypto";
import { Client } from "undici";

export interface LoadOptions {
  readonly url: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly concurrency: number;
  readonly warmUpMs: number;
  readonly durationMs: number;
}

export interface LoadResult {
  readonly perSecond: number;
  readonly requests: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const [text = "{}"] = process.argv.slice(2);
// The harness, our only caller, wrote it.
const options = JSON.parse(text) as LoadOptions;

const latenciesMs: number[] = [];
const startedAt = performance.now();
const measuredFrom = startedAt + options.warmUpMs;
const endsAt = measuredFrom + options.durationMs;

await Promise.all(Array.from({ length: options.concurrency }, () => drive(new Client(options.url))));

latenciesMs.sort((a, b) => a - b);
const result: LoadResult = {
  perSecond: latenciesMs.length / (options.durationMs / 1000),
  requests: latenciesMs.length,
  p50Ms: quantile(0.5),
  p99Ms: quantile(0.99),
};
console.log(JSON.stringify(result));

async function drive(client: Client): Promise<void> {
  for (;;) {
    const sentAt = performance.now();
    if (sentAt >= endsAt) break;
    const { statusCode, body } = await client.request({
      method: "POST",
      path: options.path,
      headers: { "content-type": "application/json", "idempotency-key": nextKey(), ...options.headers },
      body: options.body,
    });
    const answer = await body.text();
    if (statusCode !== 200) throw new Error(`${options.path}: ${statusCode} ${answer.slice(0, 300)}`);
    const answeredAt = performance.now();
    if (sentAt >= measuredFrom && answeredAt <= endsAt) latenciesMs.push(answeredAt - sentAt);
  }
  await client.close();
}

function quantile(share: number): number {
  return latenciesMs[Math.min(latenciesMs.length - 1, Math.floor(latenciesMs.length * share))] ?? Number.NaN;
}

/** An idempotency key in the order of time, as our SDK sends it. */
function nextKey(): string {
  return `${Date.now().toString(16).padStart(12, "0")}-${randomBytes(10).toString("hex")}`;
}
