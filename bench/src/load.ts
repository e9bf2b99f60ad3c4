/**
 * The load generator, a process of its own: `load.ts <JSON of LoadOptions>` prints one line of JSON, a `LoadResult`.
 * A closed loop: each of `concurrency` connections sends its next request when the last one is answered.
 */
import { Client } from "undici";
import { nextKey } from "./keys.ts";
import { quantile } from "./stats.ts";

export interface LoadOptions {
  readonly url: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly concurrency: number;
  readonly warmUpMs: number;
  readonly durationMs: number;
  /** What every answer contains; one without it is a failure of the measurement. */
  readonly expects?: string;
  /** Without an Idempotency-Key, for a peer that takes none or pays for it. */
  readonly isKeyless?: boolean;
}

export interface LoadResult {
  readonly perSecond: number;
  readonly requests: number;
  /** With those of the warm-up. */
  readonly allRequests: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const [text = "{}"] = process.argv.slice(2);
// The harness, our only caller, wrote it.
const options = JSON.parse(text) as LoadOptions;

const latenciesMs: number[] = [];
let allRequests = 0;
const headers = { "content-type": "application/json", ...options.headers };
const startedAt = performance.now();
const measuredFrom = startedAt + options.warmUpMs;
const endsAt = measuredFrom + options.durationMs;

await Promise.all(Array.from({ length: options.concurrency }, () => drive(new Client(options.url))));

const result: LoadResult = {
  perSecond: latenciesMs.length / (options.durationMs / 1000),
  requests: latenciesMs.length,
  allRequests,
  p50Ms: quantile(latenciesMs, 0.5),
  p99Ms: quantile(latenciesMs, 0.99),
};
console.log(JSON.stringify(result));

async function drive(client: Client): Promise<void> {
  for (;;) {
    const sentAt = performance.now();
    if (sentAt >= endsAt) break;
    const { statusCode, body } = await client.request({
      method: "POST",
      path: options.path,
      headers: { ...headers, ...(options.isKeyless !== true && { "idempotency-key": nextKey() }) },
      body: options.body,
    });
    const answer = await body.text();
    if (statusCode !== 200 || !answer.includes(options.expects ?? ""))
      throw new Error(`${options.path}: ${statusCode} ${answer.slice(0, 300)}`);
    const answeredAt = performance.now();
    allRequests += 1;
    if (sentAt >= measuredFrom && answeredAt <= endsAt) latenciesMs.push(answeredAt - sentAt);
  }
  await client.close();
}
