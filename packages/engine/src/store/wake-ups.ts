/** One sleeper: resolves `promise` when `wake` is called. */
class Waiter {
  readonly promise: Promise<void>;
  wake: () => void = () => undefined;

  constructor(onWake: () => void) {
    this.promise = new Promise((resolve) => {
      this.wake = () => {
        onWake();
        resolve();
      };
    });
  }
}

/** Lets callers sleep until something under a name happens in this process. */
export interface WakeUps {
  /** Resolves at the next `wake` of `name`, at `close`, or when `signal` aborts. The same signal asking again gets the same promise. */
  next(name: string, signal: AbortSignal): Promise<void>;
  wake(name: string): void;
  /** Wakes everybody, now and from now on. */
  close(): void;
}

export function createWakeUps(): WakeUps {
  const waiters = new Map<string, Map<AbortSignal, Waiter>>();
  let isClosed = false;

  function add(name: string, signal: AbortSignal): Promise<void> {
    const named = waiters.get(name) ?? new Map<AbortSignal, Waiter>();
    waiters.set(name, named);
    const known = named.get(signal);
    if (known !== undefined) return known.promise;
    const waiter = new Waiter(() => {
      signal.removeEventListener("abort", waiter.wake);
      named.delete(signal);
      if (named.size === 0) waiters.delete(name);
    });
    named.set(signal, waiter);
    signal.addEventListener("abort", waiter.wake);
    return waiter.promise;
  }

  function wakeAll(name: string): void {
    for (const { wake } of waiters.get(name)?.values() ?? []) wake();
  }

  return {
    next: (name, signal) => (isClosed || signal.aborted ? Promise.resolve() : add(name, signal)),
    wake: wakeAll,
    close: () => {
      isClosed = true;
      for (const name of waiters.keys()) wakeAll(name);
    },
  };
}
