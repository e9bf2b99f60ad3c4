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
  /** Names of our own making only: no id, no input, nothing of a tenant's. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Metric {
  readonly name: string;
  readonly type: "counter" | "gauge";
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** Prometheus's text exposition format 0.0.4. */
export function formatMetrics(metrics: readonly Metric[]): string {
  return metrics.map(formatMetric).join("");
}

function formatMetric({ name, type, help, samples }: Metric): string {
  const lines = samples.map(({ labels, value }) => `${name}${formatLabels(labels)} ${value}`);
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines, ""].join("\n");
}

function formatLabels(labels: Sample["labels"]): string {
  if (labels === undefined) return "";
  return `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(",")}}`;
}
