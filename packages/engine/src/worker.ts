import type { Allowances } from "./allowances.ts";
import {
  CancelledError,
  FatalRunError,
  HandedOverError,
  StoppedAttemptError,
  StoreUnavailableError,
} from "./errors.ts";
import type { AttemptCost, ErrorInfo, RunEvent, Segment } from "./events.ts";
import type { CompiledFlow } from "./flow/compile.ts";
import { Hold, HoldLostError, type HeldRun } from "./hold.ts";
import { interpret, type Interpretation, type InterpretationEnd } from "./interpreter.ts";
import type { Journal } from "./journal.ts";
import type { RunLimits } from "./limits.ts";
import type { LiveRun } from "./live.ts";
import { meteredModels } from "./metered-models.ts";
import type { Models } from "./models/model.ts";
import type { PartialWriter } from "./partial-writer.ts";
import { foldPast, joinSegments, wholeLog } from "./run-log.ts";
import { readRunOptions, toolboxOf } from "./run-options.ts";
import { addUsage, noUsage } from "./run-usage.ts";
import type { Sandbox } from "./sandbox/sandbox.ts";
import type { RunRecord, Store } from "./store/store.ts";
import { createWakeUps } from "./store/wake-ups.ts";

/** A run that took this many workers with it is not given another one. Source: `architecture.md` §4. */
const maxLosses = 5;

/** The clocks of store and worker may drift apart in a longer one, in milliseconds. */
const longestSleepMs = 60_000;

/** Pause before a store that could not answer is asked again, in milliseconds. */
const storeRetryMs = 1_000;

export interface WorkerOptions {
  readonly id: string;
  readonly store: Store;
  readonly journal: Journal;
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

/** What is needed to work a run off. */
type Assignment = Pick<
  Interpretation,
  "flow" | "input" | "past" | "isInterrupted" | "segment" | "toolbox" | "history" | "attachments"
>;

/** What stands behind a run that is worked off. */
interface WorkedRun {
  readonly projectId: string;
  /** Aborts the steps in flight with why. */
  readonly controller: AbortController;
}

/** A run in this worker's hands. */
interface Held {
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
  /** Runs in work or about to be, by project. */
  readonly #runsByProject = new Map<string, number>();
  /** Runs that wait to be given back to a store that does not answer. */
  #returning = 0;
  /** No further step starts. */
  readonly #stopping = new AbortController();
  /** Steps in flight are abandoned, and nothing is tried again. */
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

  /** Runs of the project in this process, those included for which a place is kept. */
  runsOf(projectId: string): number {
    return this.#runsByProject.get(projectId) ?? 0;
  }

  /** Keeps a place for a run that is about to be created under this worker's hold; false when there is none. */
  reserve(projectId: string): boolean {
    if (this.#room <= 0 || this.stopping.aborted) return false;
    this.#reserved += 1;
    this.#count(projectId, 1);
    return true;
  }

  /** Gives back a place for which no run came to be. */
  unreserve(projectId: string): void {
    this.#reserved -= 1;
    this.#count(projectId, -1);
    this.#onRoom();
  }

  #count(projectId: string, change: 1 | -1): void {
    const runs = this.runsOf(projectId) + change;
    if (runs === 0) this.#runsByProject.delete(projectId);
    else this.#runsByProject.set(projectId, runs);
  }

  start(): void {
    this.#claiming = this.#claimRuns();
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

  /** Keeps a place as `reserve` does, as soon as there is one. Throws `HandedOverError` once the worker drains. */
  async reserved(projectId: string): Promise<void> {
    while (!this.reserve(projectId)) {
      this.stopping.throwIfAborted();
      await this.#roomMade.promise;
    }
  }

  /** Works off a run that came under this worker's hold in a reserved place, from the log that it has by now. */
  begin(run: BegunRun, flow: CompiledFlow, events: readonly RunEvent[]): void {
    this.#reserved -= 1;
    const past = foldPast(events);
    this.#hold({ ...run, lastSeq: past.lastSeq }, (hold) => {
      hold.usage = addUsage(noUsage, events);
      hold.step = flow.steps.find(({ id }) => !past.outputs.has(id));
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
    this.#onRoom();
    await this.#claiming;
    for (let change = this.#roomMade.promise; this.#held.size + this.#reserved > 0; change = this.#roomMade.promise)
      await change;
    clearTimeout(timer);
    this.#halting.abort(new HandedOverError());
    for (let change = this.#roomMade.promise; this.#returning > 0; change = this.#roomMade.promise) await change;
  }

  async #claimRuns(): Promise<void> {
    const { store, rest, onFault } = this.#options;
    while (!this.stopping.aborted) {
      try {
        const woken = store.claimable(this.stopping);
        const room = this.#room;
        const claimed = room > 0 ? await store.claim(this.id, room) : [];
        for (const run of claimed) this.#resume(run);
        if (claimed.length === 0) await (room > 0 ? this.#untilClaimable(woken) : this.#roomMade.promise);
      } catch (error) {
        onFault({ error });
        await rest(storeRetryMs, this.stopping).catch(() => undefined);
      }
    }
  }

  /** Until `woken`, or until the next run's time has come. */
  async #untilClaimable(woken: Promise<void>): Promise<void> {
    const { store, rest, now } = this.#options;
    const readyAt = await store.nextReadyAt();
    if (readyAt === undefined) return woken;
    const over = new AbortController();
    const due = rest(
      Math.min(Math.max(0, readyAt - now()), longestSleepMs),
      AbortSignal.any([over.signal, this.stopping]),
    );
    await Promise.race([woken, due.catch(() => undefined)]);
    over.abort();
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
    this.#count(run.projectId, 1);
    this.#hold(run, async (hold) => {
      const log = await wholeLog(store, run.id);
      const past = foldPast(log);
      hold.usage = addUsage(noUsage, log);
      const flow = await flowOf(run, past.segment);
      hold.step = flow.steps.find(({ id }) => !past.outputs.has(id));
      hold.attempt = past.open?.attempt ?? 1;
      if (run.losses >= maxLosses) {
        const message = `The run lost its worker ${run.losses} times and is not given another one.`;
        return hold.fail({ code: "WORKER_LOST", message }, past.spentInAttempt);
      }
      const isInterrupted = past.isBegun || run.losses > 0;
      return assignmentOf(run, { flow, past, isInterrupted });
    });
  }

  #hold(run: HeldRun & Pick<RunRecord, "projectId">, prepare: (hold: Hold) => Promise<Assignment | WorkEnd>): void {
    const { journal, partials, now } = this.#options;
    const hold = new Hold(run, journal, now);
    if (partials !== undefined) hold.live.subscribe(partials.listener(run.id, run.lastSeq));
    const controller = new AbortController();
    if (this.#halting.signal.aborted) controller.abort(new HandedOverError());
    const end = this.#work(hold, prepare, { projectId: run.projectId, controller }).finally(() => {
      // The run may be here again already, under its next hold.
      if (this.#held.get(run.id)?.live === hold.live) this.#held.delete(run.id);
      hold.live.end();
      this.#count(run.projectId, -1);
      this.#onRoom();
    });
    this.#held.set(run.id, { live: hold.live, end, stop: (reason) => controller.abort(reason) });
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
    const { models, allowances, sandbox, limits, stepTimeoutMs, now, random, sleep, onFault } = this.#options;
    return interpret({
      ...assignment,
      runId: hold.runId,
      log: hold,
      models: meteredModels(models, {
        refusal: () => allowances.refusalOf(projectId, hold.usage),
        stop: (reason) => controller.abort(reason),
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
    this.#returning += 1;
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
      this.#returning -= 1;
      this.#onRoom();
    }
  }
}

/** A run as it comes under the hold of the worker that is to begin it. */
export type BegunRun = Pick<RunRecord, "id" | "projectId" | "epoch" | "input" | "options" | "execution">;

function assignmentOf(
  run: Pick<RunRecord, "input" | "options">,
  { flow, past, isInterrupted }: Pick<Assignment, "flow" | "past" | "isInterrupted">,
): Assignment {
  const options = readRunOptions(run.options);
  return {
    flow,
    input: run.input,
    past,
    isInterrupted,
    segment: past.segment === undefined ? options.segment : joinSegments(options.segment, past.segment),
    toolbox: toolboxOf(options),
    history: options.history ?? [],
    attachments: options.attachments ?? [],
  };
}

const ourFault: ErrorInfo = {
  code: "INTERNAL_ERROR",
  message: "The server failed to work the run off; its log has the cause.",
};
