import { setImmediate as yieldToOthers } from "node:timers/promises";

/** How long long work may keep the process from everything else, in milliseconds. */
const turnMs = 5;

/** Lets long work on this thread be interrupted by everything else. */
export interface Turn {
  /** To be asked often; resolves at once while the turn lasts, else when the others had theirs. Undefined costs no wait at all. */
  breathe(): Promise<void> | undefined;
}

export function takeTurn(): Turn {
  let endsAt = performance.now() + turnMs;
  const next = async (): Promise<void> => {
    await yieldToOthers();
    endsAt = performance.now() + turnMs;
  };
  return { breathe: () => (performance.now() < endsAt ? undefined : next()) };
}
