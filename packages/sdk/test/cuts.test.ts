import { describe, expect, test } from "vitest";
import type { EventStream, StreamEvent } from "../src/index.ts";
import {
  BRANCHES,
  clientOf,
  type Cut,
  encodeFrame,
  type Meanwhile,
  RECORDED,
  RecordedServer,
  type WireFrame,
} from "./recorded-run.ts";

interface Recording {
  readonly name: string;
  readonly frames: readonly WireFrame[];
  /** How many texts are open at most: a reader who returns gets each of them from its beginning. */
  readonly openTexts: number;
}

const TWO_STEPS: Recording = { name: "two steps", frames: RECORDED, openTexts: 1 };
const TWO_BRANCHES: Recording = { name: "two branches and a loop that write at once", frames: BRANCHES, openTexts: 3 };

interface Seen {
  /** What is in the log, each with its place. */
  readonly logged: readonly StreamEvent[];
  /** The pieces of each step and pass, added up; a new attempt begins anew. */
  readonly texts: Readonly<Record<string, string>>;
}

/** As `item 0` for the first pass of a loop. */
function keyOf({ stepId, loopPath }: { readonly stepId: string; readonly loopPath: readonly number[] }): string {
  return [stepId, ...loopPath].join(" ");
}

/** Reads as a user would who shows text while it grows: each piece is put where its `offset` says, which must be at the end. */
async function watch(events: EventStream): Promise<Seen> {
  const logged: StreamEvent[] = [];
  const texts: Record<string, string> = {};
  for await (const event of events) {
    if (event.seq !== undefined) logged.push(event);
    if (event.type === "step_retrying") delete texts[keyOf(event)];
    if (event.type === "step_output" || (event.type === "step_progress" && event.phase === "output")) {
      const key = keyOf(event);
      const before = texts[key] ?? "";
      expect(event.offset).toBe(before.length);
      texts[key] = before + String(event.outputData?.["delta"]);
    }
  }
  return { logged, texts };
}

function lengthsOf({ frames }: Recording): number[] {
  return frames.map((frame) => encodeFrame(frame).length);
}

function lengthOf(recording: Recording): number {
  return lengthsOf(recording).reduce((sum, length) => sum + length);
}

async function uncut({ frames }: Recording): Promise<Seen> {
  const server = new RecordedServer({ frames, cuts: [], end: "reset", meanwhile: "waits" });
  return watch(clientOf(server.fetch).flow("grade-3").events());
}

test("an uncut run is told as it was recorded", async () => {
  const { logged, texts } = await uncut(TWO_STEPS);
  expect(logged.map(({ seq, type }) => `${seq} ${type}`)).toEqual([
    "1 run_started",
    "2 step_started",
    "3 step_input",
    "4 step_retrying",
    "5 step_completed",
    "6 step_started",
    "7 step_completed",
    "8 flow_completed",
  ]);
  expect(texts).toEqual({ a: "Die 😀Kätzchen", b: '{"title":"漢字"}' });
});

test("an uncut run of branches tells each step's and pass's text apart", async () => {
  const { logged, texts } = await uncut(TWO_BRANCHES);
  expect(logged).toHaveLength(14);
  expect(texts).toEqual({ tone: "ernsthaft", "item 0": "nüll", "item 1": "eins" });
});

const ENDINGS: readonly [Cut, Meanwhile][] = [
  ["clean end", "waits"],
  ["clean end", "runs on"],
  ["reset", "waits"],
  ["reset", "runs on"],
];
const CASES = [TWO_STEPS, TWO_BRANCHES].flatMap((recording) =>
  ENDINGS.map(([end, meanwhile]) => ({ ...recording, end, meanwhile })),
);

describe.each(CASES)("a $end of $name, while the server $meanwhile,", ({ end, meanwhile, ...recording }) => {
  const { frames } = recording;
  const length = lengthOf(recording);

  test("at any byte loses nothing, repeats nothing and posts once", { timeout: 30_000 }, async () => {
    const expected = await uncut(recording);
    for (let cut = 0; cut < length; cut++) {
      const server = new RecordedServer({ frames, cuts: [cut], end, meanwhile });
      expect(await watch(clientOf(server.fetch).flow("grade-3").events()), `cut at ${cut}`).toEqual(expected);
      expect(server.posts, `cut at ${cut}`).toBe(1);
    }
  });

  test("again and again loses nothing, repeats nothing and posts once", async () => {
    const expected = await uncut(recording);
    // What a connection must at least bring to get the reader on: the texts repeated, and the longest frame.
    const least = (recording.openTexts + 1) * Math.max(...lengthsOf(recording));
    for (let step = least; step < length; step += 7) {
      const server = new RecordedServer({ frames, cuts: Array.from({ length: 40 }, () => step), end, meanwhile });
      expect(await watch(clientOf(server.fetch).flow("grade-3").events()), `cut each ${step}`).toEqual(expected);
      expect(server.posts, `cut each ${step}`).toBe(1);
      expect(server.requests.length).toBeGreaterThan(1);
    }
  });

  test("at any byte does as little to a live trace", async () => {
    const live = (cuts: readonly number[]): Promise<Seen> =>
      watch(clientOf(new RecordedServer({ frames, cuts, end, meanwhile }).fetch).run("some-run").liveTrace());
    const expected = await live([]);
    expect(expected.logged).toHaveLength(frames.filter(({ seq }) => seq !== undefined).length);
    for (let cut = 0; cut < length; cut += 3) expect(await live([cut]), `cut at ${cut}`).toEqual(expected);
  });
});
