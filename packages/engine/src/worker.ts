import { HandedOverError, StoreUnavailableError } from "./errors.ts";
import type { ErrorInfo, RunEvent } from "./events.ts";
import { foldPast, type RunPast, wholeLog } from "./run-log.ts";
import { Hold, HoldLostError, type HeldRun } from "./hold.ts";
import { interpret, type InterpretationEnd } from "./interpreter.ts";
import type { CompiledFlow } from "./flow/compile.ts";
import type { JsonObject } from "./flow/definition.ts";
import type { Journal } from "./journal.ts";
import type { LiveRun } from "./live.ts";
import type { Models } from "./models/model.ts";
import type { RunRecord, Store } from "./store/store.ts";

/** A run that took this many workers with it is not given another one. Source: `architecture.md` §4. */
const maxLosses = 5;

/** Pause before a store that could not answer is asked again, in milliseconds. */
const storeRetryMs = 1_000;

export interface WorkerOptions {
  readonly id: string;
  readonly store: Store;
  readonly journal: Journal;
  readonly models: Models;
  /** The flow that a run walks, its overrides applied. */
  readonly flowOf: (run: Pick<RunRecord, "definitionHash" | "options">) => Promise<CompiledFlow>;
  /** Runs in work at once; more wait in the store. */
  readonly maxRuns: number;
  readonly stepTimeoutMs: number;
  readonly now: () => number;
  readonly random: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly onFault: (fault: Fault) => void;
}

/** Something that the server's own log should know: the cause behind what a caller is told. */
export interface Fault {
  readonly runId?: string;
  readonly stepId?: string;
  readonly attempt?: number;
  readonly error: unknown;
}

/** What is needed to work a run off. */
interface Assignment {
  readonly flow: CompiledFlow;
  readonly input: JsonObject;
  readonly past: RunPast;
  readonly isResumed: boolean;
}

/** How a run left this process; `left` when it is under another hold, waits in the store again, or was lost together with the store. */
export type WorkEnd = InterpretationEnd | { readonly status: "left" };

/** Works runs off: those begun here and those it claims. Holds each run by its epoch, and gives all of them back when it drains. */
export class Worker {
  readonly id: string;
  readonly #options: WorkerOptions;
  readonly #held = new Map<string, { readonly live: LiveRun; readonly end: Promise<WorkEnd> }>();
  /** Runs that wait to be given back to a store that does not answer. */
  #returning = 0;
  /** No further step starts. */
  readonly #stopping = new AbortController();
  /** Steps in flight are abandoned. */
  readonly #halting = new AbortController();
  #reserved = 0;
  #roomMade = Promise.withResolvers<void>();
  #claiming: Promise<void> = Promise.resolve();

  constructor(options: WorkerOptions) {
    this.id = options.id;
    this.#options = options;
  }

  /** Aborts when the worker begins to drain. */
  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  get runsInWork(): number {
    return this.#held.size;
  }

  /** Keeps a place for a run that is about to be created under this worker's hold; false when there is none. */
  reserve(): boolean {
    if (this.#room <= 0 || this.stopping.aborted) return false;
    this.#reserved += 1;
    return true;
  }

  /** Gives back a place for which no run came to be. */
  unreserve(): void {
    this.#reserved -= 1;
    this.#onRoom();
  }

  start(): void {
    this.#claiming = this.#claimRuns();
  }

  live(runId: string): LiveRun | undefined {
    return this.#held.get(runId)?.live;
  }

  /** Settles when the run has left this process; undefined when it is not here. Never rejects. */
  end(runId: string): Promise<WorkEnd> | undefined {
    return this.#held.get(runId)?.end;
  }

  /** Works off a run that was created under this worker's hold in a reserved place, from the events it was created with. */
  begin(run: HeldRun & { readonly input: JsonObject }, flow: CompiledFlow, events: readonly RunEvent[]): void {
    this.#reserved -= 1;
    this.#hold(run, (hold) => {
      hold.step = flow.steps[0];
      return Promise.resolve({ flow, input: run.input, past: foldPast(events), isResumed: false });
    });
  }

  /** Lets steps in flight end within `timeoutMs`, then abandons them; resolves when no run is held any more, nor about to be. */
  async drain(timeoutMs: number): Promise<void> {
    this.#stopping.abort(new HandedOverError());
    await this.#claiming;
    const timer = setTimeout(() => this.#halting.abort(new HandedOverError()), timeoutMs);
    for (let change = this.#roomMade.promise; this.#held.size + this.#reserved > 0; change = this.#roomMade.promise)
      await change;
    clearTimeout(timer);
    this.#halting.abort(new HandedOverError());
    for (let change = this.#roomMade.promise; this.#returning > 0; change = this.#roomMade.promise) await change;
  }

  async #claimRuns(): Promise<void> {
    const { store, sleep, onFault } = this.#options;
    while (!this.stopping.aborted) {
      try {
        const woken = store.claimable(this.stopping);
        const room = this.#room;
        const claimed = room > 0 ? await store.claim(this.id, room) : [];
        for (const run of claimed) this.#resume(run);
        if (claimed.length === 0) await (room > 0 ? woken : this.#roomMade.promise);
      } catch (error) {
        onFault({ error });
        await sleep(storeRetryMs, this.stopping).catch(() => undefined);
      }
    }
  }

  get #room(): number {
    return this.#options.maxRuns - this.#held.size - this.#reserved;
  }

  #onRoom(): void {
    this.#roomMade.resolve();
    this.#roomMade = Promise.withResolvers<void>();
  }

  #resume(run: RunRecord): void {
    const { store, flowOf } = this.#options;
    this.#hold(run, async (hold) => {
      const events = await wholeLog(store, run.id);
      const past = foldPast(events);
      const flow = await flowOf(run);
      hold.step = flow.steps.find(({ id }) => !past.outputs.has(id));
      if (run.losses >= maxLosses) {
        const message = `The run lost its worker ${run.losses} times and is not given another one.`;
        return hold.fail({ code: "WORKER_LOST", message });
      }
      return { flow, input: run.input, past, isResumed: true };
    });
  }

  #hold(run: HeldRun, prepare: (hold: Hold) => Promise<Assignment | WorkEnd>): void {
    const { journal, now } = this.#options;
    const hold = new Hold(run, journal, now);
    const end = this.#work(hold, prepare).finally(() => {
      // The run may be here again already, under its next hold.
      if (this.#held.get(run.id)?.live === hold.live) this.#held.delete(run.id);
      hold.live.end();
      this.#onRoom();
    });
    this.#held.set(run.id, { live: hold.live, end });
  }

  async #work(hold: Hold, prepare: (hold: Hold) => Promise<Assignment | WorkEnd>): Promise<WorkEnd> {
    try {
      const assignment = await prepare(hold);
      return "status" in assignment ? assignment : await this.#interpret(hold, assignment);
    } catch (error) {
      if (error instanceof HoldLostError) return { status: "left" };
      if (error instanceof HandedOverError) return this.#giveBack(hold);
      this.#options.onFault({ runId: hold.runId, error });
      if (!(error instanceof StoreUnavailableError)) return this.#failForUs(hold);
      // Whoever waits for the run here is let go at once: to ask the store, and hear from it that it is lost.
      void this.#giveBack(hold);
      return { status: "left" };
    }
  }

  /** The fault is ours. The run ends by it, so that nobody waits for ever; a log that takes not even that is left for the next start. */
  async #failForUs(hold: Hold): Promise<WorkEnd> {
    const error: ErrorInfo = {
      code: "INTERNAL_ERROR",
      message: "The server failed to work the run off; its log has the cause.",
    };
    try {
      return await hold.fail(error);
    } catch (failure) {
      this.#options.onFault({ runId: hold.runId, error: failure });
      return { status: "left" };
    }
  }

  #interpret(hold: Hold, assignment: Assignment): Promise<InterpretationEnd> {
    const { models, stepTimeoutMs, now, random, sleep, onFault } = this.#options;
    return interpret({
      ...assignment,
      runId: hold.runId,
      log: hold,
      models,
      stepTimeoutMs,
      now,
      random,
      sleep: (ms, signal) => sleep(ms, AbortSignal.any([signal, this.stopping])),
      signal: this.#halting.signal,
      isStopping: () => this.stopping.aborted,
      onFailure: (error, step) => onFault({ runId: hold.runId, ...step, error }),
    });
  }

  /** Asks the store until it takes the run back, or this process ends; the next start then finds it. */
  async #giveBack(hold: Hold): Promise<WorkEnd> {
    const { sleep, onFault } = this.#options;
    this.#returning += 1;
    try {
      do {
        try {
          await hold.release([]);
          return { status: "released" };
        } catch (error) {
          if (error instanceof HoldLostError) break;
          onFault({ runId: hold.runId, error });
          await sleep(storeRetryMs, this.#halting.signal).catch(() => undefined);
        }
      } while (!this.#halting.signal.aborted);
      return { status: "left" };
    } finally {
      this.#returning -= 1;
      this.#onRoom();
    }
  }
}
