import type { RunEvent } from "@noukai/engine";
import { describe, expect, it, test } from "vitest";
import { checkAll, type CheckName, checkNames } from "./checks.ts";
import type { History, ModelCall, Reading, SeenFrame, StoredRun } from "./history.ts";
import { plantInHistory, tamperingOf } from "./plants.ts";

const id = "run-1";
const usage = { prompt: 1, completion: 1, total: 2 };

const events: readonly RunEvent[] = [
  { type: "run_started", stepCount: 1, seq: 1, at: 0 },
  { type: "step_started", stepId: "ask", name: "ask", stepIndex: 0, seq: 2, at: 0 },
  {
    type: "step_completed",
    stepId: "ask",
    name: "ask",
    stepIndex: 0,
    attempt: 2,
    durationMs: 1,
    output: { text: "hello" },
    costUsd: "0.25",
    tokens: usage,
    seq: 3,
    at: 0,
  },
  {
    type: "flow_completed",
    result: { text: "hello" },
    seq: 4,
    at: 0,
    summary: { durationMs: 1, stepCount: 1, tokens: usage, costUsd: "0.25" },
  },
];

const frames: readonly SeenFrame[] = events.map((event) => ({
  id: event.seq,
  type: event.type,
  data: JSON.stringify(event),
  at: 100,
}));

function callOf(attempt: number, at: number): ModelCall {
  return { runId: id, step: "ask", attempt, round: 0, at };
}

function readingOf(change: Partial<Reading> = {}): Reading {
  const texts = new Map([["ask 2", "hel"]]);
  return { reader: "reader 1", runId: id, frames, texts, holes: [], isWhole: true, ...change };
}

function runOf(change: Partial<StoredRun> = {}): StoredRun {
  return { id, status: "completed", events, tag: "tag:1", runNumber: undefined, ...change };
}

/** One run that was called, read and told of, and of which all is well. */
function historyOf(change: Partial<History> = {}): History {
  return {
    accepted: [{ executionId: id, kind: "job" }],
    told: [{ executionId: id, status: "completed", result: { text: "hello" } }],
    calls: [callOf(1, 10), callOf(2, 20)],
    readings: [readingOf()],
    references: new Map([[id, frames]]),
    keys: [
      { key: "key-1", executionId: id },
      { key: "key-1", executionId: id },
    ],
    runs: [runOf()],
    webhooksWanted: [id],
    webhooksTold: new Set([id]),
    spentUsd: "0.25",
    faults: [],
    ...change,
  };
}

/** The checkers that find something. */
function red(history: History): readonly CheckName[] {
  return checkAll(history).flatMap(({ check, breaches }) => (breaches.length > 0 ? [check] : []));
}

function withEvents(...changed: readonly RunEvent[]): Partial<History> {
  return { runs: [runOf({ events: changed })] };
}

test("nothing is found where all is well", () => {
  expect(checkAll(historyOf()).map(({ breaches }) => breaches)).toEqual(checkNames.map(() => []));
});

it.each<[string, CheckName, Partial<History>]>([
  ["a run that was accepted and is not stored", "lost", { accepted: [{ executionId: "run-2", kind: "execute" }] }],
  ["a result that the log does not have", "lost", { told: [{ executionId: id, status: "completed", result: {} }] }],
  ["an end that did not stay", "lost", { told: [{ executionId: id, status: "failed", result: undefined }] }],
  ["an attempt that was made twice", "doubled", { calls: [callOf(1, 10), callOf(1, 15), callOf(2, 20)] }],
  ["an attempt behind the one that completed", "doubled", { calls: [callOf(2, 20), callOf(3, 30)] }],
  ["an attempt after its completion was seen", "doubled", { calls: [callOf(1, 101), callOf(2, 20)] }],
  ["a run in work for ever", "stuck", { told: [], webhooksWanted: [], runs: [runOf({ status: "running" })] }],
  ["a run that nobody takes", "stuck", { told: [], webhooksWanted: [], runs: [runOf({ status: "pending" })] }],
  [
    "a reader that saw an event twice",
    "readers",
    { readings: [readingOf({ frames: [...frames, ...frames.slice(3)] })] },
  ],
  ["a reader without an end", "readers", { readings: [readingOf({ frames: frames.slice(0, 3) })] }],
  ["text with a hole", "readers", { readings: [readingOf({ holes: ["7 of ask"] })] }],
  ["text that the step did not give", "readers", { readings: [readingOf({ texts: new Map([["ask 2", "hex"]]) })] }],
  [
    "a reader that saw another event than others",
    "readers",
    { readings: [readingOf({ frames: frames.map((frame) => ({ ...frame, data: `${frame.data} ` })) })] },
  ],
  [
    "a key that was answered with two runs",
    "keys",
    { keys: [...historyOf().keys, { key: "key-1", executionId: "run-2" }] },
  ],
  ["a call that made two runs", "keys", { runs: [runOf(), runOf({ id: "run-2", events: [], status: "paused" })] }],
  ["a receiver that was not told", "webhooks", { webhooksTold: new Set<string>() }],
  ["a step that was charged twice", "credits", { spentUsd: "0.5" }],
  ["a step that was not charged", "credits", { spentUsd: "0" }],
])("%s is found, by the checker for it alone", (_, check, change) => {
  expect(red(historyOf(change))).toEqual([check]);
});

it("finds a gap in a log, and what follows an end", () => {
  const [started, opened, completed, ended] = events as [RunEvent, RunEvent, RunEvent, RunEvent]; // there are four
  const alone = { readings: [], accepted: [], told: [], spentUsd: "0.25" };
  expect(red(historyOf({ ...alone, ...withEvents(started, completed, ended) }))).toEqual(["skipped"]);
  const late = { ...opened, seq: 5 };
  expect(red(historyOf({ ...alone, ...withEvents(started, opened, completed, ended, late) }))).toEqual(["skipped"]);
  expect(red(historyOf({ ...alone, ...withEvents(started, opened, completed) }))).toEqual(["skipped"]);
});

it("finds an event that a reader saw and the log does not have", () => {
  const seen = readingOf({ frames: [...frames.slice(0, 2), { id: 3, type: "step_retrying", data: undefined, at: 1 }] });
  expect(red(historyOf({ readings: [{ ...seen, isWhole: false }] }))).toEqual(["lost", "readers"]);
});

it("takes a completion for one step in one pass of its loop", () => {
  const inner = (index: number, seq: number): RunEvent => ({
    type: "step_progress",
    phase: "completed",
    stepId: "one",
    parentStepId: "each",
    name: "one",
    kind: "llm",
    loopPath: [index],
    attempt: 1,
    output: {},
    durationMs: 1,
    seq,
    at: 0,
  });
  const [first, , , last] = events as [RunEvent, RunEvent, RunEvent, RunEvent]; // there are four
  const calls = [0, 1].map((index) => ({ runId: id, step: `one.${index}`, attempt: 1, round: 0, at: index }));
  const looped = { calls, readings: [], told: [], spentUsd: "0" };
  expect(red(historyOf({ ...looped, ...withEvents(first, inner(0, 2), inner(1, 3), last) }))).toEqual([]);
  expect(red(historyOf({ ...looped, ...withEvents(first, inner(0, 2), inner(0, 3), last) }))).toEqual(["doubled"]);
});

it("lets a run of an execution carry the input of the one before it", () => {
  const again = runOf({ id: "run-2", runNumber: 2 });
  expect(red(historyOf({ runs: [runOf({ runNumber: 1 }), again], spentUsd: "0.50" }))).toEqual([]);
});

describe("planted faults", () => {
  const planted = ["readers", "keys", "webhooks", "credits"] as const;
  it.each(planted)("in what was collected turn the checker %s red, and no other", (plant) => {
    expect(red(plantInHistory(plant, historyOf()))).toEqual([plant]);
  });

  it("are in the database for the others, or in the process", () => {
    const others = checkNames.filter((name) => !planted.some((one) => one === name));
    expect(others.filter((name) => tamperingOf(name, runOf()) === undefined)).toEqual(["doubled"]);
  });
});
