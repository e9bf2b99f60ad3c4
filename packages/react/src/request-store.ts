import { Listeners } from "./listeners.ts";
import type { RunFault } from "./run-state.ts";

/** What is shown of a request. */
export interface RequestView<Data> {
  readonly data: Data | undefined;
  readonly error: RunFault | undefined;
  readonly isLoading: boolean;
}

export interface RequestStoreOptions<Data> {
  /** Makes the request. May tell what it knows before it is done. */
  readonly load: (signal: AbortSignal, tell: (data: Data) => void) => Promise<Data>;
  readonly graceMs: number;
  readonly onForgotten: () => void;
}

/** One request for all who show its answer. Made when the first of them is there, given up when the last has left. */
export class RequestStore<Data> {
  readonly #options: RequestStoreOptions<Data>;
  readonly #listeners: Listeners;
  #view: RequestView<Data> = { data: undefined, error: undefined, isLoading: true };
  #controller: AbortController | undefined;

  constructor(options: RequestStoreOptions<Data>) {
    this.#options = options;
    this.#listeners = new Listeners(options.graceMs, {
      onFirst: () => void this.refresh(),
      onNone: () => {
        this.#controller?.abort();
        options.onForgotten();
      },
    });
  }

  /** Has anybody shown it? */
  get isUsed(): boolean {
    return this.#listeners.isUsed;
  }

  readonly subscribe = (listener: () => void): (() => void) => this.#listeners.add(listener);

  readonly getSnapshot = (): RequestView<Data> => this.#view;

  /** Makes the request again; what is shown stays until it is answered. */
  readonly refresh = async (): Promise<void> => {
    this.#controller?.abort();
    const controller = (this.#controller = new AbortController());
    const tell = (changes: Partial<RequestView<Data>>): void => {
      if (!controller.signal.aborted) this.#set(changes);
    };
    tell({ isLoading: true });
    try {
      const data = await this.#options.load(controller.signal, (known) => tell({ data: known }));
      tell({ data, error: undefined, isLoading: false });
    } catch (error) {
      tell({ error: error as RunFault, isLoading: false }); // what the SDK throws is an Error
    }
  };

  #set(changes: Partial<RequestView<Data>>): void {
    this.#view = { ...this.#view, ...changes };
    this.#listeners.tell();
  }
}
