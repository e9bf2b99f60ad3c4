import type { Backlog, Durations, Engine, Role } from "@noukai/engine";
import { watchBacklog } from "./backlog-watch.ts";
import type { Metric, RequestCounts, Sample } from "./metrics.ts";

/** What the figures are read from. */
export interface MetricSources {
  readonly engine: Pick<Engine, "store" | "stats">;
  readonly role: Role;
  readonly requests: RequestCounts;
  readonly openStreams: () => number;
  readonly openSockets: () => number;
}

/** Every figure of our own that `/metrics` tells. `docs/operations.md` says what to make of them. */
export function metricList(sources: MetricSources): readonly Metric[] {
  return [...processFigures(sources), ...runFigures(sources), ...storeFigures(sources)];
}

/** What this process has in hand. */
function processFigures({ engine, role, requests, openStreams, openSockets }: MetricSources): readonly Metric[] {
  return [
    gauge("noukai_info", "1, with the role of this process.", () => [{ labels: { role }, value: 1 }]),
    counter("noukai_http_requests_total", "Answers, by operation and status; a stream counts when it opens.", () =>
      requests.samples(),
    ),
    gauge("noukai_streams_open", "Event streams that this process serves.", () => one(openStreams())),
    gauge("noukai_sockets_open", "WebSockets that this process serves.", () => one(openSockets())),
    gauge("noukai_runs_in_work", "Runs that this process holds.", () => one(engine.stats().runsInWork)),
    counter("noukai_journal_commits_total", "Commits of the journal.", () => one(engine.stats().journalCommits)),
    counter("noukai_journal_entries_total", "Entries that those commits wrote.", () =>
      one(engine.stats().journalEntries),
    ),
    histogram("noukai_commit_seconds", "How long commits of the journal took, as this process saw it.", () =>
      spread("noukai_commit_seconds", engine.stats().measures.commits),
    ),
    counter(
      "noukai_webhook_attempts_total",
      "Attempts to deliver webhooks, by how they ended; one that failed is tried again, one that was given up is not.",
      () => {
        const { delivered, failed, givenUp } = engine.stats().webhooks;
        return byLabel("outcome", { delivered, failed, given_up: givenUp });
      },
    ),
    gauge("noukai_webhooks_under_way", "Webhooks that this process is delivering.", () =>
      one(engine.stats().webhooks.underWay),
    ),
  ];
}

/** What became of runs and steps in this process. */
function runFigures({ engine }: MetricSources): readonly Metric[] {
  const measures = () => engine.stats().measures;
  const providers = (read: (provider: string) => readonly Sample[]) => () =>
    Array.from(measures().providers.keys(), read).flat();
  return [
    counter("noukai_runs_created_total", "Runs that this process made durable.", () => one(measures().runsCreated)),
    counter("noukai_runs_total", "Runs that this process ended, by how.", () =>
      byLabel("outcome", measures().runsEnded),
    ),
    counter("noukai_runs_recovered_total", "Runs of processes that are gone, made ready again by this one.", () =>
      one(measures().runsRecovered),
    ),
    histogram(
      "noukai_run_wait_seconds",
      "Of runs that waited for a worker and came to this one: from the time at which they were ready.",
      () => spread("noukai_run_wait_seconds", measures().waits),
    ),
    histogram("noukai_step_seconds", "Steps that ended here, by kind and how, over all their attempts.", () =>
      Array.from(measures().steps, ([kind, outcomes]) =>
        Object.entries(outcomes).flatMap(([outcome, durations]) =>
          spread("noukai_step_seconds", durations, { kind, outcome }),
        ),
      ).flat(),
    ),
    counter("noukai_step_retries_total", "Further attempts, by the step's kind and the fault of the last one.", () =>
      Array.from(measures().retries, ([kind, codes]) =>
        Array.from(codes, ([code, value]) => ({ labels: { kind, code }, value })),
      ).flat(),
    ),
    counter(
      "noukai_tokens_total",
      "Tokens of model calls that came to their end, by provider.",
      providers((provider) => {
        const { promptTokens = 0, completionTokens = 0 } = measures().providers.get(provider) ?? {};
        return [
          { labels: { provider, direction: "prompt" }, value: promptTokens },
          { labels: { provider, direction: "completion" }, value: completionTokens },
        ];
      }),
    ),
    counter(
      "noukai_cost_usd_total",
      "What those calls cost, as far as prices are known.",
      providers((provider) => [{ labels: { provider }, value: measures().providers.get(provider)?.costUsd ?? 0 }]),
    ),
  ];
}

/** What waits in the store that all processes share: each of them tells the same, so take the largest. */
function storeFigures({ engine }: MetricSources): readonly Metric[] {
  const backlog = watchBacklog(engine.store);
  const shared = (name: string, help: string, value: (backlog: Backlog) => number): Metric =>
    gauge(name, help, async () => {
      const known = await backlog();
      return known === undefined ? [] : one(value(known));
    });
  return [
    gauge("noukai_store_up", "1 when the store answered within a second, else 0.", async () =>
      one((await backlog()) === undefined ? 0 : 1),
    ),
    shared("noukai_nodes", "Processes that live on the store.", ({ nodes }) => nodes),
    shared("noukai_runs_ready", "Runs in the store that could be worked off now, up to 20000.", ({ ready }) => ready),
    shared("noukai_runs_delayed", "Runs in the store whose time has not come, up to 20000.", ({ delayed }) => delayed),
    shared("noukai_runs_paused", "Runs in the store that wait for a call, up to 20000.", ({ paused }) => paused),
    shared(
      "noukai_oldest_ready_seconds",
      "How long ago the time of the first ready run came.",
      ({ oldestReadyMs }) => oldestReadyMs / 1_000,
    ),
  ];
}

function counter(name: string, help: string, read: Metric["read"]): Metric {
  return { name, type: "counter", help, read };
}

function gauge(name: string, help: string, read: Metric["read"]): Metric {
  return { name, type: "gauge", help, read };
}

function histogram(name: string, help: string, read: Metric["read"]): Metric {
  return { name, type: "histogram", help, read };
}

function one(value: number): readonly Sample[] {
  return [{ value }];
}

function byLabel(label: string, values: Readonly<Record<string, number>>): readonly Sample[] {
  return Object.entries(values).map(([name, value]) => ({ labels: { [label]: name }, value }));
}

/** A histogram's samples, whose buckets are cumulative. */
function spread(
  name: string,
  { boundsSeconds, counts, sumSeconds }: Durations,
  labels: Readonly<Record<string, string>> = {},
): readonly Sample[] {
  let count = 0;
  const buckets = counts.map((inBucket, index) => {
    count += inBucket;
    const le = String(boundsSeconds[index] ?? "+Inf");
    return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: count };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sumSeconds },
    { metricName: `${name}_count`, labels, value: count },
  ];
}
