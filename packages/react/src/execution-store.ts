import type { EditOutputOptions, Execution, FlowExecution, ReexecuteOptions, TaskExecution } from "@noukai/sdk";
import { Listeners } from "./listeners.ts";
import { onReturn } from "./page-return.ts";
import type { RunFault } from "./run-state.ts";

/** How often the tasks of an execution that is at work are asked for, in milliseconds: its events tell of no single task. */
const TASKS_EVERY_MS = 2_000;

/** What is shown of an execution. */
export interface ExecutionView {
  /** The execution as it was last read; `undefined` before the first answer. */
  readonly execution: FlowExecution | undefined;
  /** Its top-level steps; `undefined` unless a component asks for them. */
  readonly tasks: readonly TaskExecution[] | undefined;
  /** What went wrong with the last reading or following. */
  readonly readFault: RunFault | undefined;
  /** What went wrong with the last thing that a component asked for. */
  readonly commandFault: RunFault | undefined;
  /** Its changes are being followed, and the connection stands. */
  readonly isLive: boolean;
}

export interface ExecutionStoreOptions {
  readonly handle: Execution;
  /** Milliseconds from the last component's leaving to the connection's end. */
  readonly graceMs: number;
  /** Called when the store is of no more use. */
  readonly onForgotten: () => void;
}

/** Nothing is known yet. */
export const NO_EXECUTION: ExecutionView = {
  execution: undefined,
  tasks: undefined,
  readFault: undefined,
  commandFault: undefined,
  isLive: false,
};

/** One execution for all who show it: one connection, and one reading at a time. There is no React in it. */
export class ExecutionStore {
  readonly #options: ExecutionStoreOptions;
  readonly #listeners: Listeners;
  #view = NO_EXECUTION;
  /** How many components show the tasks. */
  #taskReaders = 0;
  #tasksTimer: ReturnType<typeof setInterval> | undefined;
  /** Ends what is asked for, while anybody is there. */
  #presence: AbortController | undefined;
  /** Names the following under way. */
  #following: object | undefined;
  /** The last change that was seen. */
  #cursor: string | undefined;
  #reading: Promise<void> | undefined;
  /** Something changed since the reading under way began. */
  #isOutdated = false;
  #stopListening: (() => void) | undefined;

  constructor(options: ExecutionStoreOptions) {
    this.#options = options;
    this.#listeners = new Listeners(options.graceMs, { onFirst: () => this.#wake(), onNone: () => this.#sleep() });
  }

  /** Has anybody shown it? */
  get isUsed(): boolean {
    return this.#listeners.isUsed;
  }

  readonly subscribe = (listener: () => void): (() => void) => this.#listeners.add(listener);

  readonly getSnapshot = (): ExecutionView => this.#view;

  /** What a server's markup shows, and what a page shows first to be equal to it. */
  readonly getServerSnapshot = (): ExecutionView => NO_EXECUTION;

  /** Reads the tasks too, until the function that is given is called. */
  readonly showTasks = (): (() => void) => {
    this.#taskReaders++;
    void this.#read();
    this.#tasksTimer ??= setInterval(() => this.#readAtWork(), TASKS_EVERY_MS);
    return () => {
      if (--this.#taskReaders > 0) return;
      clearInterval(this.#tasksTimer);
      this.#tasksTimer = undefined;
    };
  };

  /** Reads the execution again, and follows it unless it is over. */
  readonly refresh = async (): Promise<void> => {
    await this.#read();
    this.#follow();
  };

  readonly cancel = (): Promise<void> => this.#command((handle) => handle.cancel());

  readonly reexecute = (options?: ReexecuteOptions): Promise<void> =>
    this.#command((handle) => handle.reexecute(options));

  readonly editOutput = (stepId: string, output: object, options?: EditOutputOptions): Promise<TaskExecution> =>
    this.#command((handle) => handle.editOutput(stepId, output, options));

  /** What goes wrong is shown as well: nobody has to catch it. */
  #command<Result>(run: (handle: Execution) => Promise<Result>): Promise<Result> {
    const done = this.#commanded(run);
    done.catch(() => {});
    return done;
  }

  async #commanded<Result>(run: (handle: Execution) => Promise<Result>): Promise<Result> {
    this.#set({ commandFault: undefined });
    try {
      const result = await run(this.#options.handle);
      await this.refresh();
      return result;
    } catch (error) {
      this.#set({ commandFault: error as RunFault }); // what the SDK throws is an Error
      throw error;
    }
  }

  #wake(): void {
    this.#presence = new AbortController();
    // A network that was gone, or a tab that slept, may have cost the connection.
    this.#stopListening = onReturn(() => void this.refresh());
    void this.refresh();
  }

  #sleep(): void {
    this.#presence?.abort();
    this.#presence = undefined;
    this.#following = undefined;
    this.#stopListening?.();
    this.#options.onForgotten();
  }

  #readAtWork(): void {
    const { status } = this.#view.execution ?? {};
    if (status === "in_progress" && globalThis.document?.visibilityState === "visible") void this.#read();
  }

  /** Reads how the execution stands: once more when something changes meanwhile, however often it does. */
  #read(): Promise<void> {
    this.#isOutdated = true;
    return (this.#reading ??= this.#readWhileOutdated());
  }

  async #readWhileOutdated(): Promise<void> {
    await Promise.resolve(); // components that come together are read for together
    while (this.#isOutdated && this.#presence && !this.#isDeleted) await this.#readOnce(this.#presence);
    // In the same turn as the last look: a wish that comes behind it begins a reading of its own.
    this.#reading = undefined;
  }

  async #readOnce({ signal }: AbortController): Promise<void> {
    const { handle } = this.#options;
    this.#isOutdated = false;
    try {
      const [execution, tasks] = await Promise.all([
        handle.get({ signal, includeRunNumber: true }),
        this.#taskReaders > 0 ? handle.tasks({ signal }) : this.#view.tasks,
      ]);
      this.#show({ execution, tasks, readFault: undefined }, signal);
    } catch (error) {
      this.#show({ readFault: error as RunFault }, signal); // what the SDK throws is an Error
    }
  }

  /** What was read, unless nobody is there any more, or the execution was deleted meanwhile. */
  #show(read: Partial<ExecutionView>, signal: AbortSignal): void {
    if (!signal.aborted && !this.#isDeleted) this.#set(read);
  }

  /** Follows the changes unless they are followed, or none is to come by itself. */
  #follow(): void {
    const { status } = this.#view.execution ?? {};
    if (this.#following || !this.#presence || isSettled(status)) return;
    if (this.#view.readFault && status === undefined) return; // it cannot be read: what would be followed?
    const following = (this.#following = {});
    void this.#readChanges(following, this.#presence.signal);
  }

  async #readChanges(following: object, signal: AbortSignal): Promise<void> {
    const onConnection = ({ status }: { readonly status: string }): void => {
      if (this.#following === following) this.#set({ isLive: status === "live" });
    };
    try {
      for await (const change of this.#options.handle.events({ after: this.#cursor, signal, onConnection })) {
        this.#cursor = change.cursor;
        // A change is a hint: what is shown is what is read, so that no two of its members disagree.
        if (change.status === "deleted") this.#markDeleted();
        else void this.#read();
      }
      if (!this.#isDeleted) await this.#read();
    } catch (error) {
      if (!signal.aborted) this.#set({ readFault: error as RunFault }); // as above
    }
    if (this.#following !== following) return;
    this.#following = undefined;
    this.#set({ isLive: false });
    // It may have been run again since its last change was told.
    if (!this.#view.readFault) this.#follow();
  }

  get #isDeleted(): boolean {
    return this.#view.execution?.status === "deleted";
  }

  /** It cannot be read any more: what was known of it stays. */
  #markDeleted(): void {
    const { execution } = this.#view;
    if (execution) this.#set({ execution: { ...execution, status: "deleted" } });
  }

  #set(changes: Partial<ExecutionView>): void {
    const isNews = Object.entries(changes).some(([name, value]) => this.#view[name as keyof ExecutionView] !== value); // its own members
    if (!isNews) return;
    this.#view = { ...this.#view, ...changes };
    this.#listeners.tell();
  }
}

/** Is nothing more to come, unless somebody asks for it? A stale execution is followed: another may run it again. */
function isSettled(status: FlowExecution["status"] | undefined): boolean {
  return status === "completed" || status === "failed" || status === "cancelled" || status === "deleted";
}
