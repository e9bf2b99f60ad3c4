import { CancelledError, EngineError } from "./errors.ts";
import type { ErrorInfo, RunEventBody, Segment } from "./events.ts";
import type { CompiledFlow } from "./flow/compile.ts";
import { numberEvents } from "./hold.ts";
import type { Journal } from "./journal.ts";
import { foldPast, wholeLog } from "./run-log.ts";
import { isOver, type RunRecord, type Store } from "./store/store.ts";
import type { Worker } from "./worker.ts";

export interface RunEndingOptions {
  readonly store: Store;
  readonly journal: Journal;
  readonly worker: Pick<Worker, "cancel">;
  readonly flowOf: (
    run: Pick<RunRecord, "definitionHash" | "options">,
    segment: Segment | undefined,
  ) => Promise<CompiledFlow>;
  readonly now: () => number;
  /** Lets time pass. */
  readonly rest: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** How long a run that changes hands is waited for before a cancel asks again, in milliseconds, and how often. */
const handOverMs = 50;
const handOverTries = 100;

const neverAborted = new AbortController().signal;

/** Ends runs from outside: because somebody wants it, or nobody came. */
export class RunEnding {
  readonly #options: RunEndingOptions;

  constructor(options: RunEndingOptions) {
    this.#options = options;
  }

  /** Ends the run as cancelled, wherever it is; a run that is over stays as it is. Undefined when the project has no such run. */
  async cancel({
    projectId,
    runId,
  }: {
    readonly projectId: string;
    readonly runId: string;
  }): Promise<RunRecord | undefined> {
    const { store, worker, rest } = this.#options;
    let askedUnder = 0;
    for (let attempt = 1; ; attempt += 1) {
      const run = await store.run(runId);
      if (run === undefined || run.projectId !== projectId) return undefined;
      if (isOver(run.status) || attempt > handOverTries) return run;
      const here = worker.cancel(runId);
      if (here !== undefined) await here;
      else if (run.owner !== null) {
        // The wish stays until the run is over; only one that met nobody's hold was not kept.
        await this.#awaitHolder(runId, { asks: run.epoch !== askedUnder });
        askedUnder = run.epoch;
      } else if (!(await this.#end(run, new CancelledError()))) await rest(handOverMs, neverAborted);
    }
  }

  /** Waits a moment for the process that holds the run, which is asked to end it before. */
  async #awaitHolder(runId: string, { asks }: { readonly asks: boolean }): Promise<void> {
    const { store, rest } = this.#options;
    const over = new AbortController();
    const changed = store.changed(runId, over.signal);
    try {
      if (asks) await store.nodes?.requestCancel(runId);
      await Promise.race([changed, rest(handOverMs, over.signal)]);
    } finally {
      over.abort();
    }
  }

  /** Fails a run that has waited too long for its caller. */
  async expire(run: RunRecord): Promise<void> {
    await this.#end(run, new EngineError("PAUSE_EXPIRED", "Nobody answered the run's pause in time."));
  }

  /** Ends a run that nobody holds. False when somebody took it meanwhile. */
  async #end(run: RunRecord, { code, message }: EngineError): Promise<boolean> {
    const { store, journal, now } = this.#options;
    const past = foldPast(await wholeLog(store, run.id));
    const flow = await this.#options.flowOf(run, past.segment);
    const step = flow.steps.find(({ id }) => !past.outputs.has(id));
    const error: ErrorInfo = { code, message };
    const ended: RunEventBody = {
      type: "step_error",
      stepId: step?.id ?? "",
      name: step?.name ?? "",
      attempt: past.open?.attempt ?? 1,
      error,
      ...past.spentInAttempt,
    };
    const status = code === "CANCELLED" ? "cancelled" : "failed";
    const events = numberEvents([ended], past.lastSeq, now());
    const outcome = await journal.append({
      kind: "seize",
      runId: run.id,
      epoch: run.epoch,
      events,
      status,
      owner: null,
      ...(run.execution !== undefined && { isOfExecution: true }),
    });
    return outcome.outcome === "written";
  }
}
