import { describe, expect, test } from "vitest";
import type { EventStream, StreamEvent } from "../src/index.ts";
import { clientOf, type Cut, encodeFrame, type Meanwhile, RECORDED, RecordedServer } from "./recorded-run.ts";

const LENGTHS = RECORDED.map((frame) => encodeFrame(frame).length);
const LENGTH = LENGTHS.reduce((sum, length) => sum + length);
/** What a connection must at least bring to get the reader on: a repeated text, and the longest frame. */
const LEAST = 2 * Math.max(...LENGTHS);

interface Seen {
  /** What is in the log, each with its place. */
  readonly logged: readonly StreamEvent[];
  /** The pieces of each step, added up; a new attempt begins anew. */
  readonly texts: Readonly<Record<string, string>>;
}

/** Reads as a user would who shows text while it grows: each piece is put where its `offset` says, which must be at the end. */
async function watch(events: EventStream): Promise<Seen> {
  const logged: StreamEvent[] = [];
  const texts: Record<string, string> = {};
  for await (const event of events) {
    if (event.seq !== undefined) logged.push(event);
    if (event.type === "step_retrying") delete texts[event.stepId];
    if (event.type === "step_output") {
      const before = texts[event.stepId] ?? "";
      expect(event.offset).toBe(before.length);
      texts[event.stepId] = before + String(event.outputData["delta"]);
    }
  }
  return { logged, texts };
}

async function uncut(): Promise<Seen> {
  return watch(
    clientOf(new RecordedServer({ cuts: [], end: "reset", meanwhile: "waits" }).fetch)
      .flow("grade-3")
      .events(),
  );
}

test("an uncut run is told as it was recorded", async () => {
  const { logged, texts } = await uncut();
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

describe.each<[Cut, Meanwhile]>([
  ["clean end", "waits"],
  ["clean end", "runs on"],
  ["reset", "waits"],
  ["reset", "runs on"],
])("a %s while the server %s", (end, meanwhile) => {
  test("at any byte loses nothing, repeats nothing and posts once", async () => {
    const expected = await uncut();
    for (let cut = 0; cut < LENGTH; cut++) {
      const server = new RecordedServer({ cuts: [cut], end, meanwhile });
      expect(await watch(clientOf(server.fetch).flow("grade-3").events()), `cut at ${cut}`).toEqual(expected);
      expect(server.posts, `cut at ${cut}`).toBe(1);
    }
  });

  test("again and again loses nothing, repeats nothing and posts once", async () => {
    const expected = await uncut();
    for (let step = LEAST; step < LENGTH; step += 7) {
      const server = new RecordedServer({ cuts: Array.from({ length: 40 }, () => step), end, meanwhile });
      expect(await watch(clientOf(server.fetch).flow("grade-3").events()), `cut each ${step}`).toEqual(expected);
      expect(server.posts, `cut each ${step}`).toBe(1);
      expect(server.requests.length).toBeGreaterThan(1);
    }
  });

  test("at any byte does as little to a live trace", async () => {
    const live = (cuts: readonly number[]): Promise<Seen> =>
      watch(clientOf(new RecordedServer({ cuts, end, meanwhile }).fetch).run("some-run").liveTrace());
    const expected = await live([]);
    expect(expected.logged).toHaveLength(8);
    for (let cut = 0; cut < LENGTH; cut += 3) expect(await live([cut]), `cut at ${cut}`).toEqual(expected);
  });
});
