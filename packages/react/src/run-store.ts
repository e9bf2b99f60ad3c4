import type {
  ConnectionState,
  EventsOptions,
  EventStream,
  ExecutableTool,
  RelayFlow,
  Run,
  StreamEvent,
  ToolAnswers,
  ToolCallsRequired,
} from "@noukai/sdk";
import { foldRun } from "./fold-run.ts";
import { onNextFrame } from "./frames.ts";
import type { KeptRun } from "./kept-run.ts";
import { Listeners } from "./listeners.ts";
import { onReturn } from "./page-return.ts";
import type { PauseAnswers } from "./pause-answers.ts";
import { isOver, NO_RUN, type RunFault, type RunState } from "./run-state.ts";

/** How long a run that nobody shows is known, in milliseconds; its connection is closed much sooner. */
const KNOWN_MS = 300_000;
/** How long a run is followed for a component that waits for it, and may be gone for good: nobody is told of that. It asks again if not. */
const LEASE_MS = 30_000;

/** How a run's events come. `none`: there is no run. `connecting`: the first answer is waited for. The others are the SDK's words. */
export type Connection = ConnectionState | { readonly status: "none" | "connecting" };

/** What is shown of a run. */
export interface RunView<Output = unknown> extends RunState<Output> {
  readonly connection: Connection;
}

export interface RunStoreOptions<Output> {
  /** Begins runs; without it there is only the one to be watched. */
  readonly flow: RelayFlow | undefined;
  /** Leads to a run by its id. */
  readonly openRun: (executionId: string) => Run;
  /** What is known already: of a run that a server began or read, or only its id. */
  readonly known: Pick<RunState<Output>, "executionId"> & Partial<RunState<Output>>;
  readonly kept: KeptRun;
  /** Milliseconds from the last component's leaving to the connection's end. */
  readonly graceMs: number;
  /** What components offer to the model now. Throws for a tool that cannot be. No call of a run runs a second time, but one that failed. */
  readonly tools: () => readonly ExecutableTool[] | undefined;
  /** Called when the store is of no more use. */
  readonly onForgotten: () => void;
}

/** One run for all who show it: one connection, one fold, one change a frame. There is no React in it. */
export class RunStore<Output = unknown> {
  readonly #options: RunStoreOptions<Output>;
  readonly #listeners: Listeners;
  readonly #initial: RunView<Output>;
  #state: RunState<Output>;
  #connection: Connection = { status: "none" };
  #view: RunView<Output>;
  /** What the view was made of. */
  #drawn: RunState<Output> | undefined;
  /** Told by the network and not yet drawn. */
  #pending: StreamEvent<Output>[] = [];
  #dropFrame: (() => void) | undefined;
  #stream: EventStream | undefined;
  /** Names the reading under way: what others still tell is not heard. */
  #reading: object | undefined;
  /** The reading answers tool calls; another could not take its place. */
  #isAnswering = false;
  /** No call of this store follows the run, or none does any more: nobody but `answer` answers its tool calls. */
  #isWatching = true;
  /** Loaded at the first pause of a run that is watched. */
  #answers: PauseAnswers | undefined;
  /** Nobody looks any more, but the run has no name yet to be found again by. */
  #leavesWhenNamed = false;
  /** Begins a run when none is there to be taken up. */
  #wanted: EventsOptions | undefined;
  #stopListening: (() => void) | undefined;
  #forgetting: ReturnType<typeof setTimeout> | undefined;
  #over: Promise<void> | undefined;

  constructor(options: RunStoreOptions<Output>) {
    this.#options = options;
    const { known, graceMs } = options;
    const status = known.executionId === undefined ? "idle" : "starting";
    this.#state = { ...NO_RUN, status, ...known };
    this.#initial = this.#view = this.#draw();
    this.#listeners = new Listeners(graceMs, { onFirst: () => this.#wake(), onNone: () => this.#sleep() });
  }

  /** Has anybody shown it? */
  get isUsed(): boolean {
    return this.#listeners.isUsed;
  }

  readonly subscribe = (listener: () => void): (() => void) => this.#listeners.add(listener);

  readonly getSnapshot = (): RunView<Output> => this.#view;

  /** What a server's markup shows, and what a page shows first to be equal to it. */
  readonly getServerSnapshot = (): RunView<Output> => this.#initial;

  /** Begins a run; of one that is under way, nothing is begun. Never throws: a call that cannot be is told as `error`. */
  readonly start = (options: EventsOptions = {}): void => {
    if (this.#stream || !this.#options.flow) return;
    const { flow, tools, kept } = this.#options;
    kept.write(undefined);
    this.#pending = [];
    this.#state = { ...NO_RUN, status: "starting" };
    this.#isWatching = false;
    this.#read((tell) => {
      const call = { timeout: Infinity, ...options, tools: options.tools ?? tools() };
      this.#isAnswering = (call.tools?.length ?? 0) > 0 || call.toolHandler !== undefined;
      return flow.events({
        ...call,
        onConnection: (state) => {
          tell(state);
          options.onConnection?.(state);
        },
      });
    });
  };

  /** Begins a run when there is none: for components that show one as soon as they are there. Of twenty, one begins it. */
  readonly startOnce = (options: EventsOptions): void => {
    this.#wanted = options;
    // When all components of this rendering are there, with their tools.
    queueMicrotask(() => {
      if (this.#stopListening && this.#state.status === "idle") this.start(options);
    });
  };

  /** Follows the run again, from where it was left. Does nothing while it is followed. */
  readonly attach = (): void => {
    if (!this.#stream) this.#watch();
  };

  /** Stops following; the run goes on. */
  readonly detach = (): void => {
    if (!this.#stream) return;
    this.#note(this.#stream.executionId);
    this.#leavesWhenNamed = this.#state.executionId === undefined;
    if (this.#leavesWhenNamed) return;
    this.#leave();
    this.#tell({ status: "closed", reason: "left" });
  };

  /** Stops the run. Resolves once the server has accepted that; the view then tells its end. */
  readonly cancel = async (): Promise<void> => {
    if (this.#stream) return this.#stream.cancel();
    const { executionId } = this.#state;
    if (executionId === undefined || isOver(this.#state)) return;
    await this.#options.openRun(executionId).cancel();
    this.attach();
  };

  /** Answers the tool calls that the run waits for, where nothing here answers them by itself. */
  readonly resume = async (answers: ToolAnswers): Promise<void> => {
    this.#flush();
    const { pause } = this.#state;
    if (pause && this.#isWatching) {
      await (await this.#loadAnswers()).resume(pause, answers);
      return this.attach();
    }
    const rest = await pause?.resume(answers);
    if (rest) void this.#follow(rest, (this.#reading ??= {}));
  };

  /** Has the tools on the page answer what the run waits for, where the call that began it does not. Not again while a fault is shown. */
  readonly answer = (): void => {
    if (this.#watchedPause ? this.#state.error : !this.#answers) return;
    void this.#loadAnswers().then((answers) => answers.look(this.#watchedPause), this.#tellFault);
  };

  /** Resolves when the run is over, or when it is time to ask again. The same promise for all who ask meanwhile. */
  whenOver(): Promise<void> {
    return (this.#over ??= new Promise((resolve) => {
      let unsubscribe = (): void => {};
      const leave = (): void => {
        clearTimeout(lease);
        this.#over = undefined;
        unsubscribe();
        resolve();
      };
      const lease = setTimeout(leave, LEASE_MS);
      // Who asks is being rendered, and nobody may be told of changes meanwhile.
      queueMicrotask(() => {
        unsubscribe = this.subscribe(() => {
          if (isOver(this.#view) || this.#view.error) leave();
        });
      });
    }));
  }

  #wake(): void {
    clearTimeout(this.#forgetting);
    this.#leavesWhenNamed = false;
    this.#stopListening = onReturn(() => this.#returnToRun());
    if (this.#stream) return;
    const executionId = this.#state.executionId ?? this.#options.kept.read();
    if (executionId === undefined) return this.#wanted && this.startOnce(this.#wanted);
    if (this.#state.executionId === undefined) this.#state = { ...this.#state, executionId, status: "starting" };
    this.attach();
  }

  #sleep(): void {
    this.#stopListening?.();
    this.#stopListening = undefined;
    this.detach();
    this.#forgetting = setTimeout(this.#options.onForgotten, KNOWN_MS);
  }

  /** The network is back, or the reader: what is broken is taken up now, not at the end of some wait. */
  #returnToRun(): void {
    const { status } = this.#connection;
    const isBroken = status === "closed" && !this.#stream && this.#state.error !== undefined;
    if (isBroken || (status === "reconnecting" && !this.#isAnswering)) this.#watch();
  }

  #watch(): void {
    this.#flush();
    const { executionId, lastSeq } = this.#state;
    if (executionId === undefined || isOver(this.#state)) return;
    const run = this.#options.openRun(executionId);
    this.#isAnswering = false;
    this.#isWatching = true;
    this.#state = { ...this.#state, error: undefined };
    this.#read((onConnection) => run.liveTrace({ after: lastSeq, onConnection }));
  }

  /** What a run waits for that is watched now. */
  get #watchedPause(): ToolCallsRequired | undefined {
    return this.#isWatching && this.#stream ? this.#state.pause : undefined;
  }

  async #loadAnswers(): Promise<PauseAnswers> {
    const { PauseAnswers } = await import("./pause-answers.ts");
    return (this.#answers ??= new PauseAnswers(this.#options, this.#tellFault));
  }

  /** What keeps the run waiting, while it is followed all the same. */
  readonly #tellFault = (error: unknown): void => {
    this.#state = { ...this.#state, error: error as RunFault }; // what is thrown is an Error
    this.#drawSoon();
  };

  #read(open: (tell: (state: ConnectionState) => void) => EventStream): void {
    this.#connection = { status: "connecting" };
    this.#leave();
    const reading = (this.#reading = {});
    const tell = (state: ConnectionState): void => {
      if (this.#reading !== reading) return;
      this.#note(this.#stream?.executionId);
      this.#tell(state);
    };
    try {
      const stream = open(tell);
      void this.#follow(stream, reading);
    } catch (error) {
      this.#fail(error);
    }
  }

  async #follow(stream: EventStream, reading: object): Promise<void> {
    this.#stream = stream;
    try {
      for (let batch = await stream.nextBatch(); batch !== undefined; batch = await stream.nextBatch()) {
        if (this.#reading !== reading) return;
        this.#take(batch as readonly StreamEvent<Output>[], stream.executionId); // the caller named what the flow gives
      }
    } catch (error) {
      if (this.#reading === reading) this.#fail(error);
    } finally {
      if (this.#stream === stream) this.#stream = undefined;
    }
  }

  #take(batch: readonly StreamEvent<Output>[], executionId: string | undefined): void {
    this.#note(executionId);
    for (const event of batch) this.#pending.push(event);
    this.#drawSoon();
    if (this.#leavesWhenNamed) this.detach();
  }

  /** The run has a name: from now on it can be found again. */
  #note(executionId: string | undefined): void {
    if (executionId === undefined || this.#state.executionId === executionId) return;
    this.#state = { ...this.#state, executionId };
    this.#options.kept.write(executionId);
  }

  #fail(error: unknown): void {
    this.#flush();
    this.#stream = undefined;
    const { executionId, lastSeq } = this.#state;
    const { code, statusCode } = error as { readonly code?: string; readonly statusCode?: number }; // errors of the SDK have them
    if (code === "ALREADY_RESUMED") return this.#watch(); // another tab answered what was asked here: the run goes on behind that
    const isUnknown = statusCode === 404 && lastSeq === 0 && executionId !== undefined;
    if (isUnknown && this.#options.kept.read() === executionId) return this.#forgetKept();
    const isRefused = executionId === undefined || isUnknown;
    const status = code === "ABORTED" ? "cancelled" : isRefused ? "failed" : this.#state.status;
    this.#state = { ...this.#state, status, error: error as RunFault }; // what is thrown is an Error
    this.#tell({ status: "closed", reason: "failed", error });
  }

  /** The page was told of a run that there is no more. */
  #forgetKept(): void {
    this.#options.kept.write(undefined);
    this.#state = NO_RUN;
    this.#tell({ status: "none" });
    if (this.#wanted) this.start(this.#wanted);
  }

  #leave(): void {
    this.#reading = undefined;
    this.#leavesWhenNamed = false;
    this.#stream?.detach();
    this.#stream = undefined;
    this.#flush();
  }

  #tell(connection: Connection): void {
    this.#connection = connection;
    this.#drawSoon();
  }

  #drawSoon(): void {
    this.#dropFrame ??= onNextFrame(() => this.#flush());
  }

  #flush(): void {
    this.#dropFrame?.();
    this.#dropFrame = undefined;
    const pending = this.#pending;
    this.#pending = [];
    this.#state = foldRun(this.#state, pending);
    if (pending.length > 0 && isOver(this.#state)) this.#options.kept.write(undefined);
    this.answer();
    if (this.#state === this.#drawn && this.#connection === this.#view.connection) return;
    this.#view = this.#draw();
    this.#listeners.tell();
  }

  #draw(): RunView<Output> {
    this.#drawn = this.#state;
    return { ...this.#state, connection: this.#connection };
  }
}
