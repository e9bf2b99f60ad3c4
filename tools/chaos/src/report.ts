import type { CheckName, Finding } from "./checks.ts";
import type { FaultRecord } from "./history.ts";
import { percentile } from "./takeover.ts";

/** What a campaign on one store came to. */
export interface Outcome {
  readonly store: string;
  readonly seconds: number;
  /** Pieces of work that were done, by kind. */
  readonly done: ReadonlyMap<string, number>;
  readonly unanswered: number;
  /** Answers that no state of a run explains. */
  readonly surprises: readonly string[];
  readonly faults: readonly FaultRecord[];
  readonly refused: readonly string[];
  readonly findings: readonly Finding[];
  /** In milliseconds. */
  readonly takeovers: readonly number[];
}

const titles: Readonly<Record<CheckName, string>> = {
  lost: "lost, or told and not true",
  doubled: "completions executed twice",
  skipped: "gaps in a log, events behind its end",
  stuck: "runs neither terminal nor paused",
  readers: "readers with a gap, a double, another text",
  keys: "idempotency keys that made two runs",
  webhooks: "webhooks of ended runs never delivered",
  credits: "charged otherwise than traced",
};

/** How many breaches of one check are shown. */
const shown = 5;

export function isGreen({ findings, surprises }: Outcome): boolean {
  return surprises.length === 0 && findings.every(({ breaches }) => breaches.length === 0);
}

/** The outcome as a table, with the first breaches of each check below it. */
export function describeOutcome(outcome: Outcome): string {
  const { store, seconds, done, faults, refused, findings, surprises, unanswered, takeovers } = outcome;
  const total = [...done.values()].reduce((sum, count) => sum + count, 0);
  const rows = [
    ...findings.map(({ check, of, breaches }) => row(breaches.length, titles[check], of)),
    row(surprises.length, "answers that nothing explains", `${total} pieces of work, ${unanswered} unanswered`),
    `       takeover after kill -9 of a worker      ${describeTimes(takeovers)}`,
  ];
  const breaches = [...findings.flatMap((finding) => finding.breaches.slice(0, shown)), ...surprises.slice(0, shown)];
  return [
    `${store}: ${total} pieces of work in ${Math.round(seconds)} s (${countsOf([...done])})`,
    `  ${faults.length} faults: ${countsOf([...Map.groupBy(faults, ({ name }) => name)].map(toCount))}`,
    ...refused.map((fault) => `  not on this machine: ${fault}`),
    ...rows,
    ...breaches.map((breach) => `  ! ${breach}`),
  ].join("\n");
}

function row(count: number, title: string, of: string): string {
  return `  ${count === 0 ? "ok  " : "FAIL"} ${title.padEnd(43)} ${String(count).padStart(5)}  of ${of}`;
}

function describeTimes(times: readonly number[]): string {
  const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)];
  if (p50 === undefined || p99 === undefined) return "none was seen undisturbed";
  return `p50 ${Math.round(p50)} ms, p99 ${Math.round(p99)} ms, of ${times.length} steps`;
}

function toCount([name, list]: readonly [string, readonly unknown[]]): readonly [string, number] {
  return [name, list.length];
}

function countsOf(counts: readonly (readonly [string, number])[]): string {
  return counts
    .toSorted(([, one], [, other]) => other - one)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");
}
