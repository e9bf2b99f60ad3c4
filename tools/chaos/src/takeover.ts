import type { FaultRecord, History, ModelCall } from "./history.ts";

/** How far behind a kill the connections of a process break at the latest, in milliseconds. */
const breakMs = 300;

/** From which on a fault that ended no longer delays anything, in milliseconds. */
const calmMs = 1_000;

/** Whatever happens between callers and nodes, nodes take runs over. */
const harmless = /^client /;

/**
 * From the kill -9 of a process to the moment at which somebody else calls a step's model again that the process was waiting for: seen from
 * outside, by the model's own service. Kills during which, or shortly before which, anything else failed are left out.
 */
export function takeoverTimes({ calls, faults }: Pick<History, "calls" | "faults">): readonly number[] {
  const byPlace = Map.groupBy(calls, ({ runId, step }) => `${runId}:${step}`);
  const broken = calls.filter(({ brokenAt }) => brokenAt !== undefined);
  return faults
    .filter(({ name }) => name === "kill worker")
    .flatMap((kill) =>
      broken
        .filter(({ brokenAt = 0 }) => brokenAt >= kill.from && brokenAt < kill.from + breakMs)
        .flatMap((call) => againAfter(byPlace.get(`${call.runId}:${call.step}`) ?? [], call))
        .filter((at) => isUndisturbed(faults, kill, at))
        .map((at) => at - kill.from),
    );
}

function againAfter(calls: readonly ModelCall[], broken: ModelCall): readonly number[] {
  const next = calls.find(({ at }) => at > (broken.brokenAt ?? 0));
  return next === undefined ? [] : [next.at];
}

function isUndisturbed(faults: readonly FaultRecord[], kill: FaultRecord, until: number): boolean {
  return !faults.some(
    (fault) => fault !== kill && !harmless.test(fault.name) && fault.from < until && fault.to + calmMs > kill.from,
  );
}

/** The value that a share of all are no higher than; undefined of none. */
export function percentile(values: readonly number[], share: number): number | undefined {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
}
