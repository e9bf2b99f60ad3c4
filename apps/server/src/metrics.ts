import type { Metric as KnownMetric, Registry } from "prom-client";
import { processMetrics } from "./process-metrics.ts";

/** Answers given, counted by operation and status. */
export class RequestCounts {
  readonly #counts = new Map<string, Map<number, number>>();

  add(operation: string, status: number): void {
    let statuses = this.#counts.get(operation);
    if (statuses === undefined) this.#counts.set(operation, (statuses = new Map()));
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }

  /** One sample per operation and status. */
  samples(): readonly Sample[] {
    return Array.from(this.#counts, ([operation, statuses]) =>
      Array.from(statuses, ([status, value]) => ({ labels: { operation, status: String(status) }, value })),
    ).flat();
  }
}

export interface Sample {
  /** Names of our own making, and of providers the operator's: no id, no input, nothing of a tenant's. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
  /** Of a histogram, whose samples have names of their own. */
  readonly metricName?: string;
}

export interface Metric {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  /** Asked at each scrape. Work itself pays for plain additions alone. */
  readonly read: () => readonly Sample[] | Promise<readonly Sample[]>;
}

/**
 * Gives the function that tells these metrics, and those of the process, in Prometheus's text exposition format 0.0.4. The library behind it is loaded
 * by the first scrape: a server that nobody scrapes pays nothing for it.
 */
export function createMetricsText(metrics: readonly Metric[]): () => Promise<string> {
  let registry: Promise<Registry> | undefined;
  return async () => {
    registry ??= openRegistry(metrics);
    return (await registry).metrics();
  };
}

/** One for each server: a process may have several. */
async function openRegistry(metrics: readonly Metric[]): Promise<Registry> {
  const { Registry } = await import("prom-client");
  const registry = new Registry();
  for (const metric of metrics) registry.registerMetric(toKnownMetric(metric));
  return Registry.merge([registry, await processMetrics()]);
}

/** The library's own metrics cannot take over what was counted elsewhere, and count at a microsecond each. */
function toKnownMetric({ name, type, help, read }: Metric): KnownMetric {
  const get = async () => ({ name, type, help, values: await read() });
  return { name, get } as unknown as KnownMetric; // as: a registry asks a metric for no more than these
}
