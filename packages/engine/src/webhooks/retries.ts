const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/**
 * The longest waits between attempts, in milliseconds: soon again after a hiccup, and still there after a night's outage. Together they stay below
 * the 24 hours for which a run keeps its payloads anyway.
 */
const waitsMs = [5 * second, 30 * second, 2 * minute, 10 * minute, hour, 6 * hour, 12 * hour];

/** Attempts in all. */
export const maxAttempts = waitsMs.length + 1;

/**
 * The wait behind a failed attempt, counted from 1; undefined when it was the last. Between half and all of it, so that what failed together does not
 * return together, and an outage is never used up by short waits alone. `random` gives numbers in [0, 1).
 */
export function retryInMs(attempt: number, random: () => number): number | undefined {
  const waitMs = waitsMs[attempt - 1];
  return waitMs === undefined ? undefined : Math.ceil((waitMs * (1 + random())) / 2);
}
