/**
 * `npm run bench -- peers [--rounds=3 --seconds=2 --only=embedded,postgres,dbos]`: the same work, a durable flow of three instant steps per
 * request, on our server, on floors and on peers. Every subject and the load generator are processes of their own on this machine. Each round
 * drives every subject in turn, in another order, after a warm-up, so that a change of the machine's speed meets all of them; the table shows
 * medians over the rounds. What cannot be installed or started is a row that says why. Writes `bench/results-peers.json`.
 */
import { parseArgs } from "node:util";
import { writeResults } from "../results.ts";
import { chooseContenders, type Contender } from "./contenders.ts";
import { concurrency, measure } from "./measure.ts";
import { Place, wordsOf } from "./place.ts";
import { bestPeer, isMeasured, ratioTo, type Round, type Row, rowOf, toRow } from "./rows.ts";

/** What a run of this subject leaves. */
export interface PeersResults {
  readonly rounds: number;
  readonly seconds: number;
  readonly concurrency: number;
  readonly rows: readonly Row[];
}

const { values: flags } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== "peers"),
  options: {
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "2" },
    only: { type: "string" },
  },
});
const rounds = Number(flags.rounds);
const seconds = Number(flags.seconds);

/** What has become of a contender so far. */
interface Standing {
  readonly contender: Contender;
  readonly rounds: Round[];
  detail: string;
  /** Why it is measured no further. */
  notRun: string | undefined;
}

await main();

async function main(): Promise<void> {
  const chosen = chooseContenders(flags.only);
  const place = await Place.prepare(chosen);
  try {
    const rows = await measureAll(chosen, place);
    show(rows);
    if (flags.only === undefined) writeResults("peers", { rounds, seconds, concurrency, rows } satisfies PeersResults);
  } finally {
    await place.close();
  }
}

async function measureAll(chosen: readonly Contender[], place: Place): Promise<readonly Row[]> {
  const standings = chosen.map((contender): Standing => {
    return { contender, rounds: [], detail: "", notRun: place.obstacleTo(contender) };
  });
  for (let round = 1; round <= rounds; round += 1) {
    for (const standing of inTurn(standings, round)) {
      if (standing.notRun !== undefined) continue;
      console.error(`round ${round}/${rounds}: ${standing.contender.name}`);
      await measureRound(standing, place);
    }
  }
  return standings.map(({ contender, rounds, detail, notRun }) => {
    const about = place.describe(contender, detail);
    return notRun === undefined ? toRow(about, rounds) : { ...about, notRun };
  });
}

/** Each round begins with another one. */
function inTurn(standings: readonly Standing[], round: number): readonly Standing[] {
  const first = Math.floor(((round - 1) * standings.length) / rounds);
  return [...standings.slice(first), ...standings.slice(0, first)];
}

/** A round that fails is tried once more; a contender that fails again is out: half of its rounds would be no median beside those of the others. */
async function measureRound(standing: Standing, place: Place): Promise<void> {
  for (const isLastTry of [false, true]) {
    try {
      return await measureOnce(standing, place);
    } catch (error) {
      const words = wordsOf(error);
      console.error(`${isLastTry ? "not run" : "once more"}: ${standing.contender.name}: ${words}`);
      if (isLastTry) standing.notRun = words;
    }
  }
}

async function measureOnce(standing: Standing, place: Place): Promise<void> {
  const database = await place.databaseFor(standing.contender);
  try {
    const { round, detail } = await measure(standing.contender, { database, seconds });
    standing.rounds.push(round);
    standing.detail = detail;
  } finally {
    await database?.drop();
  }
}

function show(rows: readonly Row[]): void {
  const best = bestPeer(rows);
  console.table(Object.fromEntries(rows.filter(isMeasured).map((row) => [row.name, cellsOf(row, rows, best)])));
  for (const row of rows) if (!isMeasured(row)) console.log(`not run: ${row.name}: ${row.notRun}`);
  console.log(
    "A durable flow of three instant steps per request; medians over the rounds; fsync as stated in each row.",
  );
}

function cellsOf(
  row: Extract<Row, Round>,
  rows: readonly Row[],
  best: Row | undefined,
): Readonly<Record<string, string>> {
  const times = (value: number | undefined): string => (value === undefined ? "" : `× ${value.toFixed(2)}`);
  const toFloor = ratioTo(row, rowOf(rows, row.floor));
  return {
    [`runs/s (${concurrency})`]: String(Math.round(row.perSecond)),
    "× best peer": times(ratioTo(row, best)?.throughput),
    "× floor": times(toFloor?.throughput),
    "p99 ms": row.p99Ms.toFixed(2),
    "p50 ms (1)": row.aloneP50Ms.toFixed(2),
    "p50 × floor": times(toFloor?.aloneP50),
    "commits/run": row.commitsPerRun?.toFixed(2) ?? "",
    "WAL B/run": row.walBytesPerRun === undefined ? "" : String(Math.round(row.walBytesPerRun)),
    "load avg": row.loadAverage.toFixed(2),
    "on disk before the answer": row.durability,
  };
}
