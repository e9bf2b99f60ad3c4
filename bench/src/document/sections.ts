/** The parts of the page, one for each kind of measurement; undefined where nothing of it was measured. */
import { isMeasured, type MeasuredRow, ratioTo, type Row, rowOf } from "../peers/rows.ts";
import type { Measured } from "./measured.ts";
import { figure, percent, table, times, whole } from "./text.ts";

export function peersOf({ peers }: Measured): string | undefined {
  if (peers === undefined) return undefined;
  const { rows, rounds, seconds, concurrency } = peers.content;
  const versions = rows
    .filter(({ versions, group }) => versions !== "" && group !== "floor")
    .map(({ name, versions }) => `- ${name}: ${versions}`);
  const shown = rows.map((row) => [
    row.name,
    row.durability,
    ...(isMeasured(row) ? cellsOf(row, rows) : missing(row.notRun)),
  ]);
  return [
    "## Beside peers",
    `The same work for everybody: one request, one durable flow of three instant steps, its result in the answer. Ours is what \`npm run serve\` starts: the key checked, the body validated, an Idempotency-Key sent. Medians of ${rounds} rounds of ${seconds} s behind a warm-up, every subject in each round. "Noukai × this" is what ours does beside a row, on a store of the same kind; "of floor" what is left beside durability alone. Write-ahead log is PostgreSQL's own count over all that it did for these runs.`,
    table(
      [
        "",
        "on disk before the answer",
        `runs/s (${concurrency})`,
        "p99 ms",
        "p50 ms alone",
        "Noukai × this",
        "of floor",
        "log bytes per run",
        "load",
      ],
      shown,
    ),
    `Versions:\n\n${versions.join("\n")}`,
  ].join("\n\n");
}

function cellsOf(row: MeasuredRow, rows: readonly Row[]): readonly string[] {
  const ours = rowOf(rows, row.beside);
  const ratio = ours !== undefined && isMeasured(ours) ? ratioTo(ours, row) : undefined;
  const floor = ratioTo(row, rowOf(rows, row.floor));
  return [
    whole(row.perSecond),
    figure(row.p99Ms),
    figure(row.aloneP50Ms),
    ratio === undefined ? "" : times(ratio.throughput),
    floor === undefined ? "" : percent(floor.throughput),
    row.walBytesPerRun === undefined ? "" : whole(row.walBytesPerRun),
    figure(row.loadAverage),
  ];
}

function missing(reason: string): readonly string[] {
  return [`not run: ${reason}`, "", "", "", "", "", ""];
}

export function waitingOf(measured: Measured): string | undefined {
  const rows = [...jobRows(measured), ...takeoverRows(measured), ...tailRows(measured), ...walRows(measured)];
  return rows.length === 0 ? undefined : `## Waiting, failing, watching\n\n${table(["", "p50", "p99", ""], rows)}`;
}

type TableRow = readonly string[];

function jobRows({ jobs }: Measured): readonly TableRow[] {
  return Object.entries(jobs?.content ?? {}).flatMap(([store, { startedMs, seenMs }]) => [
    [
      `job accepted → first step started, ${store}`,
      `${startedMs.p50} ms`,
      `${startedMs.p99} ms`,
      `${startedMs.count} jobs on an idle node, whole milliseconds`,
    ],
    [
      `job sent → first step's end seen by a reader, ${store}`,
      `${figure(seenMs.p50)} ms`,
      `${figure(seenMs.p99)} ms`,
      "the job's answer and the opening of the stream included",
    ],
  ]);
}

function takeoverRows({ takeover }: Measured): readonly TableRow[] {
  return Object.entries(takeover?.content ?? {}).map(([role, { kills, takeoverMs }]) => {
    const { p50, p99, count, longest } = takeoverMs;
    const what = role === "all" ? "a server that does everything" : "a worker";
    const how = `${count} runs of ${kills} processes, longest ${whole(longest)} ms`;
    return [`kill -9 of ${what} → the run goes on elsewhere`, `${whole(p50)} ms`, `${whole(p99)} ms`, how];
  });
}

function tailRows({ tails }: Measured): readonly TableRow[] {
  return Object.entries(tails?.content ?? {}).map(([store, { tails: count, kilobytesEach, deliveryMs }]) => [
    store === "floor" ? "bare HTTP, streams that stay open" : `an event to its reader, ${store}`,
    deliveryMs === undefined ? "" : `${figure(deliveryMs.p50)} ms`,
    deliveryMs === undefined ? "" : `${figure(deliveryMs.p99)} ms`,
    `beside ${whole(count)} open streams of ${figure(kilobytesEach)} KB each`,
  ]);
}

function walRows({ wal }: Measured): readonly TableRow[] {
  return Object.entries(wal?.content ?? {}).map(([store, { bytesPerRun, bytesPerRunAlone }]) => [
    `write-ahead log per 3-step run, ${store}`,
    "",
    "",
    `${whole(bytesPerRun)} bytes with 32 at once, ${whole(bytesPerRunAlone)} alone`,
  ]);
}

export function growthOf({ growth }: Measured): string | undefined {
  if (growth === undefined) return undefined;
  const rows = Object.entries(growth.content).flatMap(([store, figures]) =>
    figures.map(({ storedRuns, executeMs, listMs, traceMs, bytesPerRun }) => [
      store,
      whole(storedRuns),
      ...[executeMs, listMs, traceMs].map(({ p50, p99 }) => `${figure(p50)} / ${figure(p99)}`),
      whole(bytesPerRun),
    ]),
  );
  return [
    "## With many runs stored",
    "Calls one at a time, p50 / p99 in milliseconds. The stored runs are copies, made by SQL, of one that the server ran: row for row as the store wrote them, under other ids and times. Lists are the newest fifty of a flow, fifty a thousand further back, and those of the project that failed.",
    table(["store", "stored runs", "execute", "list", "trace", "bytes per run on disk"], rows),
  ].join("\n\n");
}

export function shapesOf({ shapes }: Measured): string | undefined {
  if (shapes === undefined) return undefined;
  const rows = Object.entries(shapes.content).flatMap(([store, figures]) =>
    Object.entries(figures).map(([shape, { seconds, stepsPerSecond, traceMs, traceBytes }]) => [
      `${shape}, ${store}`,
      `${figure(seconds)} s`,
      whole(stepsPerSecond),
      `${whole(traceMs)} ms, ${figure(traceBytes / 1e6)} MB`,
    ]),
  );
  return [
    "## Long and wide",
    "One run alone: a thousand steps in a row, each durable before the next; a loop over ten thousand items, sixteen at once.",
    table(["", "takes", "steps/s", "its trace"], rows),
  ].join("\n\n");
}

export function streamsOf({ sse, faults }: Measured): string | undefined {
  if (sse === undefined && faults === undefined) return undefined;
  const rows = (sse?.content.rows ?? []).map(({ workload, contender, eventsPerSecond, megabytesPerSecond, ratio }) => [
    workload,
    contender,
    whole(eventsPerSecond),
    whole(megabytesPerSecond),
    times(ratio),
  ]);
  const survived = (faults?.content ?? []).map(({ name, right, verdicts }) => [name, `${right} of ${verdicts.length}`]);
  return [
    "## Streams and their faults",
    "From the chunks of a body to typed events in a `for await`; beside the parser alone, and SDKs on the wire format that each is made for.",
    rows.length === 0 ? undefined : table(["workload", "", "events/s", "MB/s", "beside the parser"], rows),
    survived.length === 0 ? undefined : table(["client", "faults of a stream taken as they should be"], survived),
  ]
    .filter((part) => part !== undefined)
    .join("\n\n");
}
