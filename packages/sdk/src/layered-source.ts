import { AbortError } from "@noukai/core";
import { ambientSession, EventStream, runInSession, sourceOver } from "./streaming.ts";
import type { StreamEvent } from "./events.ts";
import type { Middleware, Operation } from "./middleware.ts";
import type { ConnectionState, EventSource } from "./stream-source.ts";

/** Opens a stream inside layers that care for events. Sends nothing yet. */
export function openLayered(
  layers: readonly Middleware[],
  operation: Operation,
  open: (options: object) => EventSource,
): EventSource {
  return new LayeredSource({
    name: operation.name,
    signal: operation.options["signal"] as AbortSignal | undefined, // every stream's options name it so
    open,
    enter: (innermost) =>
      layers.reduceRight<(operation: Operation) => AsyncIterable<StreamEvent>>(
        (next, layer) => (current) => layer.stream?.(current, next) ?? next(current),
        ({ options }) => innermost(options),
      )(operation),
  });
}

interface LayeredSourceOptions {
  /** What the caller asked for, for messages. */
  readonly name: string;
  /** The caller's own, which ends the reading whatever the layers do. */
  readonly signal: AbortSignal | undefined;
  /** Opens a source at the innermost. Sends nothing yet. */
  readonly open: (options: object) => EventSource;
  /** Builds the layers around the innermost. */
  readonly enter: (innermost: (options: object) => AsyncIterable<StreamEvent>) => AsyncIterable<StreamEvent>;
}

const DONE = { done: true, value: undefined } as const;

/**
 * Events that have passed through layers, as a source again. They come one by one, each as its own batch: only the layers know how many will
 * come of those that arrived together.
 */
class LayeredSource implements EventSource {
  readonly #options: LayeredSourceOptions;
  /** The stream belongs to the session it was asked for in, wherever it is read. */
  readonly #session = ambientSession();
  /** What the layers have opened and not closed. */
  readonly #opened = new Set<EventSource>();
  #latest: EventSource | undefined;
  #events: AsyncIterator<StreamEvent> | undefined;
  #namedRun: string | undefined;
  #isOver = false;
  /** Settles a `next` that waits for the layers. */
  #letGo: ((fault?: unknown) => void) | undefined;

  constructor(options: LayeredSourceOptions) {
    this.#options = options;
  }

  get signal(): AbortSignal | undefined {
    return this.#latest?.signal;
  }

  /** The innermost's, or what a layer said that answered itself. */
  get executionId(): string | undefined {
    return this.#latest?.executionId ?? this.#namedRun;
  }

  get connection(): ConnectionState | undefined {
    return this.#latest?.connection;
  }

  get operation(): string {
    return this.#latest?.operation ?? this.#options.name;
  }

  async next(): Promise<readonly StreamEvent[] | undefined> {
    if (this.#isOver) return undefined;
    this.#events ??= this.#enter();
    const { done, value } = await this.#unlessLetGo(this.#events.next());
    if (done === true || value === undefined) return undefined;
    if (value.type === "run_started") this.#namedRun = value.executionId;
    return [value];
  }

  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    for (const source of this.#opened) source.close();
    this.#letGo?.();
    void this.#leaveLayers();
  }

  /** Stops the run, when there is one: a layer that answers itself may have none. */
  async cancel(): Promise<unknown> {
    return this.#latest ? this.#latest.cancel?.() : this.close(); // nothing was opened: nothing is to be
  }

  #enter(): AsyncIterator<StreamEvent> {
    const { signal, enter } = this.#options;
    if (signal?.aborted) throw this.#abortError("no");
    signal?.addEventListener("abort", this.#onAbort, { once: true });
    return enter((options) => this.#open(options))[Symbol.asyncIterator]();
  }

  #open(options: object): AsyncIterable<StreamEvent> {
    if (this.#isOver) throw readerLeft(this.#options.name);
    const { open } = this.#options;
    const source = runInSession(this.#session, () => open(options));
    this.#opened.add(source);
    this.#latest = source;
    const innermost = sourceOver(() => source, {
      next: async () => {
        const batch = await source.next();
        // The layer did not leave by itself, and must not take this for the run's end.
        if (batch === undefined && this.#isOver) throw readerLeft(this.#options.name);
        return batch;
      },
      close: () => {
        this.#opened.delete(source);
        source.close();
      },
      cancel: async () => source.cancel?.(),
    });
    return new EventStream(innermost);
  }

  #unlessLetGo(result: Promise<IteratorResult<StreamEvent>>): Promise<IteratorResult<StreamEvent, undefined>> {
    return new Promise((resolve, reject) => {
      this.#letGo = (fault) => (fault === undefined ? resolve(DONE) : reject(fault));
      result.then(resolve, reject);
    });
  }

  readonly #onAbort = (): void => {
    // The innermost hears of it in the same moment, and knows what was billed.
    queueMicrotask(() => {
      const { signal } = this;
      this.#letGo?.(signal?.aborted ? signal.reason : this.#abortError("possibly"));
    });
  };

  #abortError(billed: "no" | "possibly"): AbortError {
    const { name, signal } = this.#options;
    return new AbortError(`${name}: aborted by the caller.`, { code: "ABORTED", cause: signal?.reason, billed });
  }

  /** Lets the layers clean up. Nobody waits for it, and nobody is left to be told of a fault. */
  async #leaveLayers(): Promise<void> {
    try {
      await this.#events?.return?.();
    } catch {
      // What a layer throws when it is left has no reader.
    }
  }
}

function readerLeft(name: string): AbortError {
  return new AbortError(`${name}: the reader has left.`, { code: "READER_LEFT" });
}
