/** A timer that fires later than this tells that the program stood still: a frozen tab, a machine asleep, a blocked event loop. */
const SLACK_MS = 1_000;
/** How long after standing still the socket's buffer has to deliver what came in the meantime. */
const GRACE_MS = 5_000;
/** A wait is counted in pieces of this length, so that a stop within it is noticed. */
const TICK_MS = 10_000;

/**
 * A limit on a wait, counted over the time in which this program ran. While a browser tab is frozen (its `freeze` and `resume` events; a
 * hidden one may be) or the machine sleeps, no timer fires and no byte is read, so that silence says nothing of the server. A piece of the
 * wait whose timer comes late counts as long as it was to be; a limit that is reached that way is given a short grace first. In a tab that
 * is hidden (`visibilitychange`) and runs its timers once a minute, a limit therefore takes longer, and still ends.
 */
export class Deadline {
  readonly #limitMs: number;
  readonly #onExpire: () => void;
  #spentMs = 0;
  #countedTo: number;
  #dueAt = 0;
  #isCounting = true;
  #hadGrace = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Counts at once. `limitMs` may be `Infinity`. */
  constructor(limitMs: number, onExpire: () => void) {
    this.#limitMs = limitMs;
    this.#onExpire = onExpire;
    this.#countedTo = performance.now();
    this.#arm(limitMs);
  }

  /** What is left of the limit. */
  get leftMs(): number {
    return this.#limitMs - this.#spentMs - this.#uncountedMs(performance.now());
  }

  /** Counts from zero again, from `now`. Costs no timer: it is called for each chunk of a stream. */
  restart(now: number = performance.now()): void {
    this.#spentMs = 0;
    this.#countedTo = now;
    this.#hadGrace = false;
    this.#isCounting = true;
    if (this.#timer === undefined) this.#arm(this.#limitMs);
  }

  /** Counts no more until `restart`. */
  pause(): void {
    this.#isCounting = false;
  }

  /** Lets go of the timer. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(ms: number): void {
    if (ms === Infinity) return;
    const delayMs = Math.min(ms, TICK_MS);
    this.#dueAt = performance.now() + delayMs;
    this.#timer = setTimeout(this.#tick, delayMs);
  }

  /** Of a piece that is late, no more than it was to be. */
  #uncountedMs(now: number): number {
    return Math.max(0, Math.min(now, this.#dueAt) - this.#countedTo);
  }

  readonly #tick = (): void => {
    this.#timer = undefined;
    if (!this.#isCounting) return;
    const now = performance.now();
    const isLate = now - this.#dueAt > SLACK_MS;
    this.#spentMs += this.#uncountedMs(now);
    this.#countedTo = now;
    const leftMs = this.#limitMs - this.#spentMs;
    if (leftMs > 0) return this.#arm(leftMs);
    if (!isLate || this.#hadGrace) return this.#onExpire();
    this.#hadGrace = true;
    this.#arm(Math.min(GRACE_MS, this.#limitMs));
  };
}
