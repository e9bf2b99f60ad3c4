/** Who is told of changes. What they use is kept for a while after the last has left: a remount, or a change of pages and back, starts nothing anew. */
export class Listeners {
  readonly #all = new Set<() => void>();
  readonly #graceMs: number;
  readonly #onFirst: () => void;
  readonly #onNone: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isHeld = false;
  #isUsed = false;

  /** `onFirst` is called when somebody comes after nobody was there, `onNone` once nobody has been there for `graceMs`. */
  constructor(graceMs: number, { onFirst, onNone }: { readonly onFirst: () => void; readonly onNone: () => void }) {
    this.#graceMs = graceMs;
    this.#onFirst = onFirst;
    this.#onNone = onNone;
  }

  readonly add = (listener: () => void): (() => void) => {
    const own = (): void => listener(); // the same function may be added twice
    this.#all.add(own);
    clearTimeout(this.#timer);
    this.#isUsed = true;
    if (!this.#isHeld) {
      this.#isHeld = true;
      this.#onFirst();
    }
    return () => {
      if (this.#all.delete(own) && this.#all.size === 0) this.#leave();
    };
  };

  /** Has there ever been one? */
  get isUsed(): boolean {
    return this.#isUsed;
  }

  tell(): void {
    for (const listener of this.#all) listener();
  }

  #leave(): void {
    this.#timer = setTimeout(() => {
      this.#isHeld = false;
      this.#onNone();
    }, this.#graceMs);
  }
}
