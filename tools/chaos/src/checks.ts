import { costOfLog, sumOf } from "./amounts.ts";
import type { History, Reading, SeenFrame, StoredRun } from "./history.ts";

/** What a checker found. */
export interface Finding {
  readonly check: CheckName;
  /** What was looked at, in words. */
  readonly of: string;
  /** Each breach, in one line. */
  readonly breaches: readonly string[];
}

export const checkNames = ["lost", "doubled", "skipped", "stuck", "readers", "keys", "webhooks", "credits"] as const;
export type CheckName = (typeof checkNames)[number];

type Check = (history: History) => Omit<Finding, "check">;

/** Runs every checker over what was collected. */
export function checkAll(history: History): readonly Finding[] {
  return checkNames.map((check) => ({ check, ...checks[check](history) }));
}

const checks: Readonly<Record<CheckName, Check>> = {
  lost: checkLost,
  doubled: checkDoubled,
  skipped: checkSkipped,
  stuck: checkStuck,
  readers: checkReaders,
  keys: checkKeys,
  webhooks: checkWebhooks,
  credits: checkCredits,
};

const over = ["completed", "failed", "cancelled", "stale"];

/** Whatever somebody was told is still true: each accepted run is there, each result and each event that was seen. */
function checkLost({ accepted, told, readings, runs }: History): Omit<Finding, "check"> {
  const byId = new Map(runs.map((run) => [run.id, run]));
  const missing = accepted
    .filter(({ executionId }) => !byId.has(executionId))
    .map(({ executionId, kind }) => `${executionId} (${kind}) was accepted and is not stored`);
  const untrue = told.flatMap(({ executionId, status, result }) => {
    const run = byId.get(executionId);
    if (run === undefined || (status === run.status && (status !== "completed" || isEqual(result, resultOf(run)))))
      return [];
    return [`${executionId} was told to be ${status} with ${short(result)}; it is ${run.status} in the store`];
  });
  const unwritten = readings.flatMap(({ reader, runId, frames }) => {
    const events = new Map(byId.get(runId)?.events.map(({ seq, type }) => [seq, type]));
    return frames
      .filter(({ id, type }) => id !== undefined && events.get(id) !== type)
      .map(({ id, type }) => `${runId}: ${reader} saw event ${id} ${type}, which the log does not have`);
  });
  return { of: `${accepted.length} accepted`, breaches: [...missing, ...untrue, ...unwritten] };
}

/** A step's attempt is made once, none is made behind one that completed, and none after somebody saw its completion. */
function checkDoubled({ calls, runs, readings }: History): Omit<Finding, "check"> {
  const repeated = duplicates(calls.map((call) => callName(call))).map((name) => `${name} was called twice`);
  const completed = new Map(runs.flatMap((run) => completionsOf(run).map(({ place, attempt }) => [place, attempt])));
  const twice = duplicates(runs.flatMap((run) => completionsOf(run).map(({ place }) => place)));
  const seen = firstSeen(readings);
  const behind = calls.flatMap(({ runId, step, attempt, at }) => {
    const place = `${runId}:${step}`;
    const last = completed.get(place);
    if (last !== undefined && attempt > last) return [`${place} completed with attempt ${last}; ${attempt} was called`];
    const seenAt = seen.get(place);
    return seenAt !== undefined && seenAt < at ? [`${place} was called after a reader saw that it had completed`] : [];
  });
  const breaches = [...repeated, ...twice.map((place) => `${place} has two completions in its log`), ...behind];
  return { of: `${calls.length} model calls`, breaches };
}

/** A log is 1, 2, 3 … and nothing follows its end; a run that is over has one. */
function checkSkipped({ runs }: History): Omit<Finding, "check"> {
  const breaches = runs.flatMap(({ id, events, status }) => {
    const gap = events.findIndex(({ seq }, index) => seq !== index + 1);
    const end = events.findIndex(isEnd);
    const isLate = end !== -1 && end !== events.length - 1;
    return [
      ...(gap === -1 ? [] : [`${id}: event ${gap + 1} is missing in its log`]),
      ...(isLate ? [`${id}: ${events.length - 1 - end} events follow its end`] : []),
      ...(over.includes(status) && end === -1 ? [`${id} is ${status} without an end in its log`] : []),
    ];
  });
  return { of: `${runs.reduce((sum, { events }) => sum + events.length, 0)} events`, breaches };
}

/** When nothing disturbs them any more, all runs come to rest. */
function checkStuck({ runs }: History): Omit<Finding, "check"> {
  const breaches = runs
    .filter(({ status }) => status !== "paused" && !over.includes(status))
    .map(({ id, status, events }) => `${id} is ${status} behind event ${events.length}`);
  return { of: `${runs.length} runs`, breaches };
}

/** Each logged event once, in order, as everybody else sees it; and text that is a beginning of what the step gave. */
function checkReaders({ readings, references, runs }: History): Omit<Finding, "check"> {
  const outputs = new Map(runs.flatMap((run) => completionsOf(run).map(({ place, ...rest }) => [place, rest])));
  const breaches = readings.flatMap((reading) => [
    ...orderFaults(reading),
    ...differences(reading, references.get(reading.runId) ?? []),
    ...reading.holes.map((hole) => `its text has a hole at ${hole}`),
    ...textFaults(reading, outputs),
  ]);
  return { of: `${readings.length} readers`, breaches };
}

/** One key, one run. */
function checkKeys({ keys, runs }: History): Omit<Finding, "check"> {
  const byKey = Map.groupBy(keys, ({ key }) => key);
  const answered = [...byKey].flatMap(([key, uses]) => {
    const ids = new Set(uses.map(({ executionId }) => executionId));
    return ids.size > 1 ? [`${key} was answered with ${[...ids].join(" and ")}`] : [];
  });
  const firstRuns = runs.filter(({ runNumber = 1 }) => runNumber === 1);
  const tags = duplicates(firstRuns.flatMap(({ tag }) => tag ?? [])).map((tag) => `${tag} made two runs`);
  return { of: `${byKey.size} keys`, breaches: [...answered, ...tags] };
}

/** Whoever asked for it was told. */
function checkWebhooks({ webhooksWanted, webhooksTold, runs }: History): Omit<Finding, "check"> {
  const ended = new Set(runs.filter(({ status }) => over.includes(status)).map(({ id }) => id));
  const breaches = webhooksWanted
    .filter((id) => ended.has(id) && !webhooksTold.has(id))
    .map((id) => `${id} ended, and its receiver was not told`);
  return { of: `${webhooksWanted.length} webhooks`, breaches };
}

/** What was charged is what the logs add up to. */
function checkCredits({ runs, spentUsd }: History): Omit<Finding, "check"> {
  const total = sumOf(runs.map(({ events }) => costOfLog(events)));
  const breaches = total === sumOf([spentUsd]) ? [] : [`charged $${spentUsd}; the logs add up to $${total}`];
  return { of: `$${total}`, breaches };
}

function isEnd({ type }: { readonly type: string }): boolean {
  return type === "flow_completed" || type === "step_error";
}

function resultOf({ events }: StoredRun): unknown {
  const last = events.at(-1);
  return last?.type === "flow_completed" ? last.result : undefined;
}

function callName({ runId, step, attempt, round }: History["calls"][number]): string {
  return `${runId}:${step}:${attempt}${round === 0 ? "" : `:${round}`}`;
}

interface Completion {
  /** `run:step.index`, as the calls name it. */
  readonly place: string;
  readonly attempt: number;
  readonly text: string | undefined;
}

/** The steps that completed in the run itself, in every pass of the loops around them. */
function completionsOf({ id, events }: StoredRun): readonly Completion[] {
  return events.flatMap((event) => {
    const isInner = event.type === "step_progress" && event.phase === "completed";
    if (!isInner && !(event.type === "step_completed" && event.keptFrom === undefined)) return [];
    const path = isInner ? event.loopPath : [];
    const { text } = event.output ?? {};
    const place = `${id}:${[event.stepId, ...path].join(".")}`;
    return [{ place, attempt: event.attempt, text: typeof text === "string" ? text : undefined }];
  });
}

/** When anybody first saw that a step had completed. */
function firstSeen(readings: readonly Reading[]): ReadonlyMap<string, number> {
  const seen = new Map<string, number>();
  for (const { runId, frames } of readings)
    for (const { type, data, at } of frames) {
      if (type !== "step_completed" || data === undefined || data.includes('"keptFrom')) continue;
      const place = `${runId}:${(JSON.parse(data) as { stepId: string }).stepId}`; // contract §6
      seen.set(place, Math.min(seen.get(place) ?? Infinity, at));
    }
  return seen;
}

function orderFaults({ reader, runId, frames, isWhole }: Reading): readonly string[] {
  const ids = frames.map(({ id }) => id ?? 0);
  const wrong = ids.findIndex((id, index) => id !== index + 1);
  const last = frames.at(-1);
  return [
    ...(wrong === -1 ? [] : [`${runId}: ${reader} saw ${ids[wrong]} behind ${wrong === 0 ? 0 : ids[wrong - 1]}`]),
    ...(isWhole && !(last !== undefined && isEnd(last)) ? [`${runId}: ${reader} saw no end`] : []),
  ];
}

function differences({ reader, runId, frames }: Reading, reference: readonly SeenFrame[]): readonly string[] {
  const byId = new Map(reference.map((frame) => [frame.id, frame]));
  const other = frames.find(({ id, type, data }) => {
    const there = byId.get(id);
    return there !== undefined && (there.type !== type || (data !== undefined && there.data !== data));
  });
  return other === undefined ? [] : [`${runId}: ${reader} saw another event ${other.id} than others`];
}

function textFaults(
  { reader, runId, texts }: Reading,
  outputs: ReadonlyMap<string, Omit<Completion, "place">>,
): readonly string[] {
  return [...texts].flatMap(([name, text]) => {
    const [step = "", attempt] = name.split(" ");
    const output = outputs.get(`${runId}:${step}`);
    const isOfIt = output?.text !== undefined && String(output.attempt) === attempt;
    return isOfIt && !output.text?.startsWith(text)
      ? [`${runId}: ${reader} folded ${short(text)} of ${step}, which gave ${short(output.text)}`]
      : [];
  });
}

function duplicates(names: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  return [...new Set(names.filter((name) => seen.size === seen.add(name).size))];
}

function isEqual(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
