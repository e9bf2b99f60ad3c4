import type { PartialOutput, RunEvent } from "./events.ts";

/** A step's text so far in its present attempt. */
interface OpenText {
  readonly stepId: string;
  readonly attempt: number;
  readonly loopPath: readonly number[];
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
  readonly #listeners = new Set<LiveListener>();
  readonly #texts = new Map<string, OpenText>();

  get listenerCount(): number {
    return this.#listeners.size;
  }

  subscribe(listener: LiveListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** One partial per open step with all its text, at offset 0. */
  snapshot(): readonly PartialOutput[] {
    return Array.from(this.#texts.values(), ({ stepId, attempt, loopPath, text }) => ({
      type: "step_output",
      stepId,
      attempt,
      loopPath,
      offset: 0,
      delta: text,
    }));
  }

  publish(events: readonly RunEvent[]): void {
    for (const event of events) {
      if (event.type === "step_completed" || event.type === "step_retrying" || event.type === "step_error") {
        this.#texts.delete(event.stepId);
      }
    }
    for (const listener of this.#listeners) listener.events(events);
  }

  delta(stepId: string, attempt: number, loopPath: readonly number[], delta: string): void {
    if (delta === "") return;
    let open = this.#texts.get(stepId);
    if (open === undefined || open.attempt !== attempt) {
      open = { stepId, attempt, loopPath, text: "" };
      this.#texts.set(stepId, open);
    }
    const offset = open.text.length;
    open.text += delta;
    if (this.#listeners.size === 0) return;
    const partial: PartialOutput = { type: "step_output", stepId, attempt, loopPath, offset, delta };
    for (const listener of this.#listeners) listener.partial(partial);
  }

  end(): void {
    for (const listener of this.#listeners) listener.ended();
  }
}
