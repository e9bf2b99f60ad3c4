import { EngineError, HandedOverError } from "./errors.ts";
import { isTerminal, type PartialOutput, type RunEvent, type StreamItem } from "./events.ts";
import type { LiveListener, LiveRun } from "./live.ts";
import { PartialReader } from "./partial-reader.ts";
import type { PartialStore, Store } from "./store/store.ts";

/** Events read from the store at a time. */
const pageSize = 500;

/** A reader that is this many items behind starts over from the store rather than growing this process. */
const maxInboxItems = 10_000;

export interface TailSource {
  readonly store: Store;
  /** Where partial output of runs in other processes is; absent where there are none, and for readers of events alone. */
  readonly partials?: PartialStore;
  /** The run as this process works it off, if it does. */
  live(runId: string): LiveRun | undefined;
  /** Resolves when the run next comes into this process, or when `signal` aborts. */
  begun(runId: string, signal: AbortSignal): Promise<void>;
  /** Aborts when this process begins to stop. */
  readonly draining: AbortSignal;
}

/**
 * The run's events after `after`, each once and in order, first from the store and then as they happen, with partial output between.
 * Ends after the terminal event. Throws `HandedOverError` when this process stops before the run does, `RUN_NOT_FOUND` when the run is not or no
 * longer in the store, and the signal's reason.
 */
export async function* tail(
  source: TailSource,
  runId: string,
  options: { readonly after: number; readonly signal: AbortSignal },
): AsyncGenerator<StreamItem, void, undefined> {
  const { store, partials, draining } = source;
  const { signal } = options;
  const waiting = new AbortController();
  const stopWaiting = (): void => waiting.abort();
  signal.addEventListener("abort", stopWaiting, { once: true });
  draining.addEventListener("abort", stopWaiting, { once: true });
  const texts = partials === undefined ? undefined : new PartialReader(store, partials, runId);
  let cursor = options.after;
  let isThere = false;
  try {
    for (;;) {
      signal.throwIfAborted();
      // Ask to be told before reading, so that an event between the two is not slept through. From here on the run tells us everything, in
      // order: its text so far, then each piece and event. The store has only what was before.
      const live = source.live(runId);
      const inbox = live === undefined ? undefined : new Inbox(live, signal);
      const before = live?.seq ?? Infinity;
      const change =
        inbox === undefined
          ? Promise.race([
              store.changed(runId, waiting.signal),
              source.begun(runId, waiting.signal),
              ...growth(partials, runId, waiting.signal),
            ])
          : undefined;
      try {
        let page: readonly RunEvent[];
        do {
          page = await store.eventsAfter(runId, cursor, pageSize);
          signal.throwIfAborted();
          for (const event of page) {
            if (event.seq > before) break;
            yield event;
            cursor = event.seq;
            texts?.follow(event);
            if (isTerminal(event)) return;
          }
        } while (page.length === pageSize && cursor < before);

        if (inbox === undefined && !isThere) {
          // Of a run that was deleted while its history was read there is nothing to wait for; one that is waited for is not deleted.
          if ((await store.run(runId)) === undefined) throw notThere(runId);
          isThere = true;
        }
        if (inbox !== undefined) {
          let items = inbox.take();
          following: for (;;) {
            for (const item of items) {
              if (item.type === "step_output") {
                yield item;
              } else if (item.seq > cursor) {
                if (item.seq > cursor + 1) break following;
                yield item;
                cursor = item.seq;
                if (isTerminal(item)) return;
              }
            }
            if (!(await inbox.filled())) break;
            items = inbox.take();
          }
        } else if (texts !== undefined) {
          yield* await texts.next(cursor);
          signal.throwIfAborted();
        }
      } finally {
        inbox?.close();
      }
      const isHereNow = source.live(runId) !== undefined;
      if (draining.aborted && !isHereNow) throw new HandedOverError();
      // A run that came here while its history was read is followed here, for its partial output.
      if (live === undefined && isHereNow) continue;
      await change;
    }
  } finally {
    signal.removeEventListener("abort", stopWaiting);
    draining.removeEventListener("abort", stopWaiting);
    waiting.abort();
  }
}

function notThere(runId: string): EngineError {
  return new EngineError("RUN_NOT_FOUND", `There is no run ${runId}; it may have been deleted by its age.`);
}

/** When partial output comes, where it is kept. */
function growth(partials: PartialStore | undefined, runId: string, signal: AbortSignal): readonly Promise<void>[] {
  return partials === undefined ? [] : [partials.changed(runId, signal)];
}

/** What a run tells one reader, kept until the reader comes for it; first of all the text of its open steps. */
class Inbox implements LiveListener {
  #items: StreamItem[];
  #isOver = false;
  #wake: (() => void) | undefined;
  readonly #signal: AbortSignal;
  readonly #unsubscribe: () => void;
  readonly #onAbort = (): void => this.#wake?.();

  constructor(live: LiveRun, signal: AbortSignal) {
    this.#signal = signal;
    this.#items = [...live.snapshot()];
    this.#unsubscribe = live.subscribe(this);
    signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  events(events: readonly RunEvent[]): void {
    this.#items.push(...events);
    this.#notify();
  }

  partial(partial: PartialOutput): void {
    this.#items.push(partial);
    this.#notify();
  }

  ended(): void {
    this.#isOver = true;
    this.#wake?.();
  }

  take(): readonly StreamItem[] {
    const items = this.#items;
    this.#items = [];
    return items;
  }

  /** True when there is something to take; false when the run has left this process or the reader fell too far behind. */
  async filled(): Promise<boolean> {
    while (this.#items.length === 0 && !this.#isOver) {
      this.#signal.throwIfAborted();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#signal.throwIfAborted();
    return this.#items.length > 0;
  }

  close(): void {
    this.#unsubscribe();
    this.#signal.removeEventListener("abort", this.#onAbort);
  }

  #notify(): void {
    if (this.#items.length > maxInboxItems) {
      this.#items = [];
      this.#isOver = true;
      this.#unsubscribe();
    }
    this.#wake?.();
  }
}
