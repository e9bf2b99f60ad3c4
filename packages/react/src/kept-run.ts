/** Where a reloaded page finds the run that it was showing. */
export interface KeptRun {
  read(): string | undefined;
  /** `undefined` forgets it. */
  write(executionId: string | undefined): void;
}

/** For runs that are not to be found again. */
export const NOT_KEPT: KeptRun = { read: () => undefined, write: () => {} };

/**
 * A run's id in `sessionStorage`: of this tab, and gone with it. The id is enough. What was shown is told again from the run's log, and every
 * character of it once: a text that was kept itself could be behind or ahead of the log.
 */
export function keptRun(name: string): KeptRun {
  const key = `noukai:${name}`;
  return {
    read: () => orNothing(() => globalThis.sessionStorage?.getItem(key) ?? undefined),
    write: (executionId) =>
      orNothing(() => {
        if (executionId === undefined) globalThis.sessionStorage?.removeItem(key);
        else globalThis.sessionStorage?.setItem(key, executionId);
      }),
  };
}

/** Browsers refuse storage where it is switched off or full: a page then works without it. */
function orNothing<Value>(use: () => Value): Value | undefined {
  try {
    return use();
  } catch {
    return undefined;
  }
}
