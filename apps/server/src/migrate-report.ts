import { type KindCheck, type Moved, type MoveProgress, MoveMismatchError } from "@noukai/engine";

/** Tells how a move goes, and what came of it. */
export interface MoveReport {
  readonly progress: (progress: MoveProgress) => void;
  readonly moved: (moved: Moved) => void;
  readonly failed: (error: unknown) => void;
}

/** As much of a stream as is written to. */
interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export interface MoveReportOptions {
  readonly isJson: boolean;
  /** Takes what came of the move. */
  readonly output: Output;
  /** Takes how it goes. */
  readonly errors: Output;
  /** Milliseconds, from any beginning. */
  readonly now?: () => number;
}

/** Time between two lines about the same kind, and between two looks of the line on a terminal, in milliseconds. */
const lineEveryMs = 5_000;
const drawEveryMs = 100;

export function createMoveReport(options: MoveReportOptions): MoveReport {
  if (options.isJson) return reportJson(options);
  return options.errors.isTTY === true ? reportOnTerminal(options) : reportInLines(options);
}

function reportJson({ output, now = performance.now.bind(performance) }: MoveReportOptions): MoveReport {
  const tell = (event: string, what: object): unknown => output.write(`${JSON.stringify({ event, ...what })}\n`);
  return {
    progress: throttled({ everyMs: 1_000, now }, (progress) => tell("progress", progress)),
    moved: (moved) => tell("moved", moved),
    failed: (error) =>
      tell("failed", {
        message: messageOf(error),
        ...(error instanceof MoveMismatchError && { checks: error.checks }),
      }),
  };
}

function reportInLines({ output, errors, now = performance.now.bind(performance) }: MoveReportOptions): MoveReport {
  const line = describeProgress(now);
  return {
    progress: throttled({ everyMs: lineEveryMs, now }, (progress) => errors.write(`${line(progress)}\n`)),
    ...tellEnd(output, errors),
  };
}

const clearLine = "\r\u001b[2K";

function reportOnTerminal({ output, errors, now = performance.now.bind(performance) }: MoveReportOptions): MoveReport {
  const line = describeProgress(now);
  const { moved, failed } = tellEnd(output, errors);
  return {
    progress: throttled({ everyMs: drawEveryMs, now }, (progress) => errors.write(`${clearLine}${line(progress)}`)),
    moved: (end) => {
      errors.write(clearLine);
      moved(end);
    },
    failed: (error) => {
      errors.write(clearLine);
      failed(error);
    },
  };
}

/** Passes on what comes first of a kind that there is any of, and then one in so much time. */
function throttled(
  { everyMs, now }: { readonly everyMs: number; readonly now: () => number },
  tell: (progress: MoveProgress) => void,
): MoveReport["progress"] {
  let last = "";
  let toldAt = -Infinity;
  return (progress) => {
    const name = `${progress.phase} ${progress.kind}`;
    if (progress.total === 0 || (name === last && now() - toldAt < everyMs)) return;
    last = name;
    toldAt = now();
    tell(progress);
  };
}

/** `Copying log: 12,000 of 400,000 · 3 % of all · about 40 s left` */
function describeProgress(now: () => number): (progress: MoveProgress) => string {
  const startedAt = now();
  return ({ phase, kind, done, total, share }) => {
    const elapsedMs = now() - startedAt;
    const parts = [
      `${phase === "copy" ? "Copying" : "Checking"} ${kind}: ${count(done)} of ${count(total)}`,
      `${Math.floor(share * 100)} % of all`,
    ];
    // A guess from the first moments would only jump about.
    if (elapsedMs > 2_000 && share > 0.01) parts.push(`about ${duration((elapsedMs / share) * (1 - share))} left`);
    return parts.join(" · ");
  };
}

function tellEnd(output: Output, errors: Output): Pick<MoveReport, "moved" | "failed"> {
  return {
    moved: ({ checks, givenBack }) => {
      output.write(`${checkTable(checks).join("\n")}\n`);
      if (givenBack > 0)
        output.write(
          `${givenBack === 1 ? "1 run that was" : `${count(givenBack)} runs that were`} in work can go on.\n`,
        );
      output.write("Everything was moved. Start no server on the source again: both would go on with the same runs.\n");
    },
    failed: (error) => {
      if (error instanceof MoveMismatchError) output.write(`${checkTable(error.checks).join("\n")}\n`);
      errors.write(`${messageOf(error)}\n`);
    },
  };
}

/** A row per kind: how many there are, and how the hash over all of them begins, on both sides. */
export function checkTable(checks: readonly KindCheck[]): readonly string[] {
  const rows = checks.map(({ kind, from, to, firstDifference }) => [
    kind,
    count(from.count),
    count(to.count),
    from.hash.slice(0, 16),
    to.hash.slice(0, 16),
    firstDifference === undefined ? "same" : `differ, first in ${firstDifference}`,
  ]);
  const table = [["", "source", "target", "SHA-256, source", "SHA-256, target", ""], ...rows];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  return table.map((row) =>
    row
      .map((cell, column) =>
        column === 1 || column === 2 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function count(value: number): string {
  return value.toLocaleString("en");
}

function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  return seconds < 90 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}
