/** From the rounds of each contender to the rows of a table. */
import { median } from "../stats.ts";

export interface Round {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly aloneP50Ms: number;
  readonly commitsPerRun: number | undefined;
  /** Written into PostgreSQL's log while 32 asked, by request. */
  readonly walBytesPerRun: number | undefined;
  /** When the round began. */
  readonly loadAverage: number;
}

export interface About {
  readonly id: string;
  readonly group: "floor" | "noukai" | "peer";
  readonly name: string;
  readonly durability: string;
  readonly versions: string;
  /** The row of a floor that this one of ours is measured against. */
  readonly floor: string | undefined;
  /** The row of ours that keeps its runs in a store of the same kind. */
  readonly beside: string | undefined;
}

export interface MeasuredRow extends About, Round {
  readonly rounds: readonly Round[];
}

export interface MissingRow extends About {
  readonly notRun: string;
}

export type Row = MeasuredRow | MissingRow;

export function isMeasured(row: Row): row is MeasuredRow {
  return "rounds" in row;
}

/** Medians over the rounds; what no round has is left out of them. `rounds` is not empty. */
export function toRow(about: About, rounds: readonly Round[]): MeasuredRow {
  const of = (read: (round: Round) => number): number => median(rounds.map(read));
  const ofKnown = (read: (round: Round) => number | undefined): number | undefined => {
    const known = rounds.flatMap((round) => read(round) ?? []);
    return known.length === 0 ? undefined : median(known);
  };
  return {
    ...about,
    perSecond: of((round) => round.perSecond),
    p50Ms: of((round) => round.p50Ms),
    p99Ms: of((round) => round.p99Ms),
    aloneP50Ms: of((round) => round.aloneP50Ms),
    commitsPerRun: ofKnown((round) => round.commitsPerRun),
    walBytesPerRun: ofKnown((round) => round.walBytesPerRun),
    loadAverage: of((round) => round.loadAverage),
    rounds,
  };
}

/** How `row` stands to another one; undefined where that was not measured. */
export interface Ratio {
  readonly to: string;
  /** Above 1: `row` does more. */
  readonly throughput: number;
  /** Below 1: `row` is sooner done. */
  readonly aloneP50: number;
}

export function ratioTo(row: MeasuredRow, other: Row | undefined): Ratio | undefined {
  if (other === undefined || !isMeasured(other)) return undefined;
  return {
    to: other.name,
    throughput: row.perSecond / other.perSecond,
    aloneP50: row.aloneP50Ms / other.aloneP50Ms,
  };
}

/** The peer that does the most. */
export function bestPeer(rows: readonly Row[]): MeasuredRow | undefined {
  return rows
    .filter(isMeasured)
    .filter(({ group }) => group === "peer")
    .toSorted((a, b) => b.perSecond - a.perSecond)[0];
}

export function rowOf(rows: readonly Row[], id: string | undefined): Row | undefined {
  return rows.find((row) => row.id === id);
}
