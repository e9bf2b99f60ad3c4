import type { RunEvent, RunRecord, Store } from "@noukai/engine";
import type { Caller } from "./caller.ts";
import { place } from "./flows.ts";
import type { Reading, SeenFrame, StoredRun } from "./history.ts";
import { TraceReader } from "./trace-reader.ts";

/** How many runs that had readers are read once more, and how long one of those may take, in milliseconds. */
const mostReferences = 400;
const referenceMs = 10_000;

const pageSize = 100;

/** What a reader sees now of the runs that were read: what all of them should have seen. */
export async function readReferences(
  caller: Caller,
  readings: readonly Reading[],
): Promise<ReadonlyMap<string, readonly SeenFrame[]>> {
  const ended = readings.filter(({ isWhole, frames }) => isWhole && frames.some(({ data }) => data !== undefined));
  const ids = [...new Set(ended.map(({ runId }) => runId))].slice(0, mostReferences);
  const references = new Map<string, readonly SeenFrame[]>();
  for (const id of ids) references.set(id, (await new TraceReader(caller, id).read(referenceMs)).frames);
  return references;
}

export async function readSpent(caller: Caller): Promise<string> {
  const { body } = await caller.call({ method: "GET", path: `/projects/${place}/credits` });
  return body.spentUsd;
}

/** Every run with its whole log. */
export async function readRuns(store: Store): Promise<readonly StoredRun[]> {
  const [org = "", slug = ""] = place.split("/");
  const project = await store.project(org, slug);
  if (project === undefined) throw new Error(`The project ${place} is gone.`);
  const runs: StoredRun[] = [];
  for (let before: string | undefined; ;) {
    const page = await store.runs({ projectId: project.id, limit: pageSize, ...(before !== undefined && { before }) });
    for (const record of page) runs.push(await toStoredRun(store, record));
    before = page.at(-1)?.id;
    if (page.length < pageSize) return runs;
  }
}

async function toStoredRun(store: Store, { id, status, input, execution }: RunRecord): Promise<StoredRun> {
  const events: RunEvent[] = [];
  for (;;) {
    const page = await store.eventsAfter(id, events.at(-1)?.seq ?? 0, 1_000);
    events.push(...page);
    if (page.length === 0) break;
  }
  const { message } = input;
  return {
    id,
    status,
    events,
    tag: typeof message === "string" ? message : undefined,
    runNumber: execution?.runNumber,
  };
}
