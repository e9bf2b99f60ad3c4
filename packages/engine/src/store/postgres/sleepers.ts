import { createWakeUps, type WakeUps } from "../wake-ups.ts";

/** Wake-ups that cannot be missed for ever: who sleeps is woken after `rereadMs` at the latest, to look for itself. */
export interface Sleepers extends WakeUps {
  wakeAll(): void;
}

export function createSleepers(rereadMs: number): Sleepers {
  const wakeUps = createWakeUps();
  /** Whatever somebody may be asleep over. */
  const names = new Set<string>();

  function wakeAll(): void {
    for (const name of names) wakeUps.wake(name);
    names.clear();
  }

  const timer = setInterval(wakeAll, rereadMs).unref();
  return {
    next: (name, signal) => {
      names.add(name);
      return wakeUps.next(name, signal);
    },
    wake: (name) => wakeUps.wake(name),
    wakeAll,
    close: () => {
      clearInterval(timer);
      wakeUps.close();
    },
  };
}
