import { endedAttempt, type PartialOutput, passKey, type RunEvent } from "./events.ts";

/** Whose text it is. */
export type TextOwner = Omit<PartialOutput, "type" | "offset" | "delta">;

/** A step's text so far in its present attempt. */
interface OpenText {
  readonly owner: TextOwner;
  text: string;
}

/** What a subscriber is told, in the order in which it happened. */
export interface LiveListener {
  /** Events that are durable now. */
  events(events: readonly RunEvent[]): void;
  partial(partial: PartialOutput): void;
  /** Nothing more will come from here: the run is over, or has left this process. The store knows which. */
  ended(): void;
}

/**
 * A run as this process works it off: its listeners and the text of its open steps.
 * It only tells what happens from now on; what happened is in the store.
 */
export class LiveRun {
  /** The last event that was told, or was durable before anyone could listen. */
  seq: number;
  readonly #listeners = new Set<LiveListener>();
  /** By `passKey`. */
  readonly #texts = new Map<string, OpenText>();

  constructor(seq: number) {
    this.seq = seq;
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }

  subscribe(listener: LiveListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** One partial per open step with all its text, at offset 0. */
  snapshot(): readonly PartialOutput[] {
    return Array.from(this.#texts.values(), ({ owner, text }) => ({
      type: "step_output",
      ...owner,
      offset: 0,
      delta: text,
    }));
  }

  publish(events: readonly RunEvent[]): void {
    for (const event of events) {
      const ended = endedAttempt(event);
      if (ended !== undefined) this.#texts.delete(ended);
    }
    this.seq = events.at(-1)?.seq ?? this.seq;
    for (const listener of this.#listeners) listener.events(events);
  }

  delta(owner: TextOwner, delta: string): void {
    if (delta === "") return;
    const key = passKey(owner.stepId, owner.loopPath);
    let open = this.#texts.get(key);
    if (open === undefined || open.owner.attempt !== owner.attempt) {
      open = { owner, text: "" };
      this.#texts.set(key, open);
    }
    const offset = open.text.length;
    open.text += delta;
    if (this.#listeners.size === 0) return;
    const partial: PartialOutput = { type: "step_output", ...owner, offset, delta };
    for (const listener of this.#listeners) listener.partial(partial);
  }

  end(): void {
    for (const listener of this.#listeners) listener.ended();
  }
}
