import type { Allowances } from "./allowances.ts";
import { type Assignment, assignmentOf, standAt } from "./assignment.ts";
import {
  CancelledError,
  FatalRunError,
  HandedOverError,
  StoppedAttemptError,
  StoreUnavailableError,
} from "./errors.ts";
import type { AttemptCost, ErrorInfo, RunEvent, Segment } from "./events.ts";
import type { CompiledFlow } from "./flow/compile.ts";
import { createLru } from "./flow/lru.ts";
import { HoldCheck } from "./hold-check.ts";
import { Hold, HoldLostError, type HeldRun } from "./hold.ts";
import { interpret, type InterpretationEnd } from "./interpreter.ts";
import type { Journal } from "./journal.ts";
import type { RunLimits } from "./limits.ts";
import type { LiveRun } from "./live.ts";
import type { Measures } from "./measures.ts";
import { meteredModels } from "./metered-models.ts";
import type { Models } from "./models/model.ts";
import type { PartialWriter } from "./partial-writer.ts";
import { Places } from "./places.ts";
import { foldPast, wholeLog } from "./run-log.ts";
import { addUsage, noUsage } from "./run-usage.ts";
import type { Sandbox } from "./sandbox/sandbox.ts";
import type { Nodes, RunRecord, Store, StoredHold } from "./store/store.ts";
import { createWakeUps } from "./store/wake-ups.ts";

/** A run that took this many workers with it is not given another one. Source: `architecture.md` §4. */
const maxLosses = 5;

/** The clocks of store and worker may drift apart in a longer one, in milliseconds. */
const longestSleepMs = 60_000;

/** Pause before a store that could not answer is asked again, in milliseconds. */
const storeRetryMs = 1_000;

/** Time between two looks at whether the store has this worker's holds as they are here, in milliseconds. */
const checkEveryMs = 2_000;

export interface WorkerOptions {
  readonly id: string;
  readonly store: Store;
  readonly journal: Journal;
  readonly measures: Measures;
  /** Undefined where nobody else can read the store. */
  readonly partials: PartialWriter | undefined;
  readonly models: Models;
  /** Undefined where no code may run. */
  readonly sandbox: Pick<Sandbox, "run"> | undefined;
  readonly limits: RunLimits;
  readonly allowances: Allowances;
  /** The flow that a run walks from here on, its overrides applied. */
  readonly flowOf: (
    run: Pick<RunRecord, "definitionHash" | "options">,
    segment: Segment | undefined,
  ) => Promise<CompiledFlow>;
  /** Runs in work at once; more wait in the store. */
  readonly maxRuns: number;
  readonly stepTimeoutMs: number;
  readonly now: () => number;
  readonly random: () => number;
  /** The backoff between attempts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Lets time pass. */
  readonly rest: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly onFault: (fault: Fault) => void;
}

/** Something that the server's own log should know: the cause behind what a caller is told. */
export interface Fault {
  readonly runId?: string;
  readonly stepId?: string;
  readonly attempt?: number;
  readonly error: unknown;
}

/** What stands behind a run that is worked off. */
interface WorkedRun {
  readonly projectId: string;
  /** Aborts the steps in flight with why. */
  readonly controller: AbortController;
}

/** A run in this worker's hands. */
interface Held {
  readonly epoch: number;
  readonly live: LiveRun;
  readonly end: Promise<WorkEnd>;
  /** Aborts the step in flight with why. */
  readonly stop: (reason: Error) => void;
}

/** How a run left this process; `left` when it is under another hold, waits in the store again, or was lost together with the store. */
export type WorkEnd = InterpretationEnd | { readonly status: "left" };

/** Works runs off: those begun here and those it claims. Holds each run by its epoch, and gives all of them back when it drains. */
export class Worker {
  readonly id: string;
  readonly #options: WorkerOptions;
  readonly #held = new Map<string, Held>();
  readonly #begun = createWakeUps();
  readonly #places: Places;
  /** Runs that were taken up, with the epoch of the hold: the answer that was missed may still come. */
  readonly #takenUp = createLru<string, number>(10_000);
  /** Runs that wait to be given back to a store that does not answer. */
  readonly #returning = new Map<Hold, StoredHold>();
  /** No further step starts. */
  readonly #stopping = new AbortController();
  /** Steps in flight are abandoned, and nothing is tried again. */
  readonly #halting = new AbortController();
  #claiming: Promise<void> = Promise.resolve();
  /** Undefined where nobody else works on the store, and no answer of it is lost. */
  readonly #check: HoldCheck | undefined;

  constructor(options: WorkerOptions) {
    this.id = options.id;
    this.#options = options;
    this.#places = new Places(options.maxRuns);
    const { nodes } = options.store;
    this.#check =
      nodes &&
      new HoldCheck({
        nodes,
        workerId: this.id,
        inHand: () => this.#inHand(),
        takeUp: (hold) => this.#takeUp(hold),
        leave: ({ runId }) => this.#held.get(runId)?.stop(new HoldLostError(runId)),
      });
  }

  /** Aborts when the worker begins to drain. */
  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  get runsInWork(): number {
    return this.#held.size;
  }

  /** Runs of the project in this process, those included for which a place is kept. */
  runsOf(projectId: string): number {
    return this.#places.takenBy(projectId);
  }

  /** Keeps a place for a run that is about to be created under this worker's hold; false when there is none. */
  reserve(projectId: string): boolean {
    if (this.#places.left <= 0 || this.stopping.aborted) return false;
    this.#places.take(projectId);
    return true;
  }

  /** Gives back a place for which no run came to be. */
  unreserve(projectId: string): void {
    this.#places.giveBack(projectId);
  }

  /** Claims runs from here on, and keeps what it holds and what it has in hand the same. To be called once. */
  start(): void {
    this.#claiming = this.#claimRuns();
    const { nodes } = this.#options.store;
    if (nodes !== undefined) void this.#checkHolds(nodes);
  }

  live(runId: string): LiveRun | undefined {
    return this.#held.get(runId)?.live;
  }

  /** Resolves when the run next comes into this process, or when `signal` aborts. */
  begun(runId: string, signal: AbortSignal): Promise<void> {
    return this.#begun.next(runId, signal);
  }

  /** Settles when the run has left this process; undefined when it is not here. Never rejects. */
  end(runId: string): Promise<WorkEnd> | undefined {
    return this.#held.get(runId)?.end;
  }

  /** Works off a run that came under this worker's hold in a reserved place, from the log that it has by now. */
  begin(run: BegunRun, flow: CompiledFlow, events: readonly RunEvent[]): void {
    if (this.#isTakenUp(run)) return this.unreserve(run.projectId);
    const past = foldPast(events);
    this.#hold({ ...run, lastSeq: past.lastSeq }, (hold) => {
      hold.usage = addUsage(noUsage, events);
      standAt(hold, flow, past);
      return Promise.resolve(assignmentOf(run, { flow, past, isInterrupted: false }));
    });
  }

  /** Stops the run's step in flight and ends the run as cancelled; undefined when the run is not here. */
  cancel(runId: string): Promise<WorkEnd> | undefined {
    const held = this.#held.get(runId);
    held?.stop(new CancelledError());
    return held?.end;
  }

  /** Lets steps in flight end within `timeoutMs`, then abandons them; resolves when no run is held any more, nor about to be. */
  async drain(timeoutMs: number): Promise<void> {
    this.#stopping.abort(new HandedOverError());
    const timer = setTimeout(() => {
      this.#halting.abort(new HandedOverError());
      for (const { stop } of this.#held.values()) stop(new HandedOverError());
    }, timeoutMs);
    // Whoever waits for room is to find out that there will be none.
    this.#places.stir();
    await this.#claiming;
    for (let { change } = this.#places; this.#places.taken > 0; { change } = this.#places) await change;
    clearTimeout(timer);
    this.#halting.abort(new HandedOverError());
    for (let { change } = this.#places; this.#returning.size > 0; { change } = this.#places) await change;
  }

  async #claimRuns(): Promise<void> {
    const { store, allowances, measures, rest, onFault } = this.#options;
    while (!this.stopping.aborted) {
      try {
        const woken = store.claimable(this.stopping);
        const room = this.#places.left;
        const claimed = room > 0 ? await store.claim(this.id, room, allowances.concurrentRuns) : [];
        for (const run of claimed) {
          measures.claimed(run);
          if (!this.#isTakenUp(run)) this.#resume(run);
        }
        if (claimed.length === 0) await (room > 0 ? this.#untilClaimable(woken) : this.#places.change);
      } catch (error) {
        onFault({ error });
        await rest(storeRetryMs, this.stopping).catch(() => undefined);
      }
    }
  }

  async #checkHolds(nodes: Nodes): Promise<void> {
    const { onFault } = this.#options;
    let isFailing = false;
    while (!this.stopping.aborted) {
      const doubted = nodes.doubted(this.stopping);
      try {
        await this.#check?.look();
        isFailing = false;
      } catch (error) {
        // Of faults in a row the first is told; what claims tells of the others.
        if (!isFailing && !this.stopping.aborted) onFault({ error });
        isFailing = true;
      }
      // A store that could not answer is not asked again at once, whatever it hints at.
      await this.#restUntil(isFailing ? undefined : doubted, checkEveryMs);
    }
  }

  #inHand(): ReadonlyMap<string, Pick<StoredHold, "epoch">> {
    const returning = Array.from(this.#returning.values(), (hold) => [hold.runId, hold] as const);
    return new Map<string, Pick<StoredHold, "epoch">>([...returning, ...this.#held]);
  }

  async #takeUp({ runId, epoch }: StoredHold): Promise<void> {
    const run = await this.#options.store.run(runId);
    if (run?.epoch !== epoch || run.owner !== this.id || this.#inHand().has(runId) || this.stopping.aborted) return;
    this.#takenUp.set(runId, epoch);
    this.#resume(run);
  }

  /** Did the answer that gives the run under this hold come after it was taken up? It may be over, or elsewhere, by now. */
  #isTakenUp({ id, epoch }: Pick<RunRecord, "id" | "epoch">): boolean {
    return this.#takenUp.get(id) === epoch;
  }

  /** Until `woken`, or until the next run's time has come. */
  async #untilClaimable(woken: Promise<void>): Promise<void> {
    const { store, now } = this.#options;
    const readyAt = await store.nextReadyAt();
    if (readyAt === undefined) return woken;
    await this.#restUntil(woken, Math.min(Math.max(0, readyAt - now()), longestSleepMs));
  }

  /** Until `woken`, for so long at most, or until this worker begins to drain. */
  async #restUntil(woken: Promise<void> | undefined, ms: number): Promise<void> {
    const over = new AbortController();
    const due = this.#options.rest(ms, AbortSignal.any([over.signal, this.stopping])).catch(() => undefined);
    await (woken === undefined ? due : Promise.race([woken, due]));
    over.abort();
  }

  #resume(run: RunRecord): void {
    const { store, flowOf } = this.#options;
    this.#places.take(run.projectId);
    this.#hold(run, async (hold) => {
      const log = await wholeLog(store, run.id);
      const past = foldPast(log);
      hold.usage = addUsage(noUsage, log);
      const flow = await flowOf(run, past.segment);
      standAt(hold, flow, past);
      hold.attempt = past.open?.attempt ?? 1;
      if (run.losses >= maxLosses) {
        const message = `The run lost its worker ${run.losses} times and is not given another one.`;
        return hold.fail({ code: "WORKER_LOST", message }, past.spentInAttempt);
      }
      const isFirstToBegin = past.leftUnder !== undefined && run.epoch === past.leftUnder + 1;
      const isInterrupted = !isFirstToBegin && (past.isBegun || run.losses > 0);
      return assignmentOf(run, { flow, past, isInterrupted });
    });
  }

  #hold(run: HeldRun & Pick<RunRecord, "projectId">, prepare: (hold: Hold) => Promise<Assignment | WorkEnd>): void {
    const { partials } = this.#options;
    const hold = new Hold(run, this.#options);
    if (partials !== undefined) hold.live.subscribe(partials.listener(run.id, run.lastSeq));
    const controller = new AbortController();
    if (this.#halting.signal.aborted) controller.abort(new HandedOverError());
    const end = this.#work(hold, prepare, { projectId: run.projectId, controller }).finally(() => {
      // The run may be here again already, under its next hold.
      if (this.#held.get(run.id)?.live === hold.live) this.#held.delete(run.id);
      this.#check?.moved(run.id);
      hold.live.end();
      this.#places.giveBack(run.projectId);
    });
    this.#check?.moved(run.id);
    this.#held.set(run.id, { epoch: run.epoch, live: hold.live, end, stop: (reason) => controller.abort(reason) });
    this.#begun.wake(run.id);
  }

  async #work(hold: Hold, prepare: (hold: Hold) => Promise<Assignment | WorkEnd>, held: WorkedRun): Promise<WorkEnd> {
    try {
      const assignment = await prepare(hold);
      return "status" in assignment ? assignment : await this.#interpret(hold, assignment, held);
    } catch (error) {
      const { reason, cost } = error instanceof StoppedAttemptError ? error : { reason: error, cost: {} };
      if (reason instanceof HoldLostError) return { status: "left" };
      if (reason instanceof HandedOverError) return this.#giveBack(hold);
      if (reason instanceof CancelledError || reason instanceof FatalRunError)
        return this.#fail(hold, { code: reason.code, message: reason.message }, cost);
      this.#options.onFault({ runId: hold.runId, error });
      if (!(reason instanceof StoreUnavailableError)) return this.#fail(hold, ourFault, cost);
      // Whoever waits for the run here is let go at once: to ask the store, and hear from it that it is lost.
      void this.#giveBack(hold);
      return { status: "left" };
    }
  }

  /** Ends the run, so that nobody waits for ever; a log that takes not even that is left for the next start. */
  async #fail(hold: Hold, error: ErrorInfo, cost: AttemptCost): Promise<WorkEnd> {
    try {
      return await hold.fail(error, cost);
    } catch (failure) {
      if (failure instanceof HoldLostError) return { status: "left" };
      this.#options.onFault({ runId: hold.runId, error: failure });
      return failure instanceof StoreUnavailableError ? this.#giveBack(hold) : { status: "left" };
    }
  }

  #interpret(hold: Hold, assignment: Assignment, { projectId, controller }: WorkedRun): Promise<InterpretationEnd> {
    const { models, measures, allowances, sandbox, limits, stepTimeoutMs, now, random, sleep, onFault } = this.#options;
    return interpret({
      ...assignment,
      runId: hold.runId,
      log: hold,
      models: meteredModels(models, {
        refusal: () => allowances.refusalOf(projectId, hold.usage),
        stop: (reason) => controller.abort(reason),
        called: (response) =>
          measures.called(
            response,
            models.costUsd(response),
            () => models.unavailable(response.modelUsed) === undefined,
          ),
      }),
      sandbox,
      limits,
      stepTimeoutMs,
      now,
      random,
      sleep: (ms, signal) => sleep(ms, AbortSignal.any([signal, this.stopping])),
      signal: controller.signal,
      isStopping: () => this.stopping.aborted,
      onFailure: (error, step) => onFault({ runId: hold.runId, ...step, error }),
    });
  }

  /** Asks the store until it takes the run back, or this process ends; the next start then finds it. */
  async #giveBack(hold: Hold): Promise<WorkEnd> {
    const { rest, onFault } = this.#options;
    this.#returning.set(hold, { runId: hold.runId, epoch: hold.epoch });
    try {
      do {
        try {
          await hold.release([]);
          return { status: "released" };
        } catch (error) {
          if (error instanceof HoldLostError) break;
          onFault({ runId: hold.runId, error });
          await rest(storeRetryMs, this.#halting.signal).catch(() => undefined);
        }
      } while (!this.#halting.signal.aborted);
      return { status: "left" };
    } finally {
      this.#returning.delete(hold);
      this.#check?.moved(hold.runId);
      this.#places.stir();
    }
  }
}

/** A run as it comes under the hold of the worker that is to begin it. */
export type BegunRun = Pick<RunRecord, "id" | "projectId" | "epoch" | "input" | "options" | "execution">;

const ourFault: ErrorInfo = {
  code: "INTERNAL_ERROR",
  message: "The server failed to work the run off; its log has the cause.",
};
