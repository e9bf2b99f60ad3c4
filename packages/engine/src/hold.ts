import { EngineError } from "./errors.ts";
import type { AttemptCost, ErrorInfo, RunEvent, RunEventBody } from "./events.ts";
import type { Journal } from "./journal.ts";
import { LiveRun } from "./live.ts";
import type { RunEnd } from "./run-end.ts";
import type { RunRecord, RunStatus } from "./store/store.ts";

/** The run is under another hold now, or over: whoever gets this must stop touching it. Neither a fault of the run nor a reason to retry. */
export class HoldLostError extends EngineError {
  override readonly name: string = "HoldLostError";

  constructor(runId: string) {
    super("INTERNAL_ERROR", `Run ${runId} is held by another worker.`);
  }
}

/** What is known of a run that this process holds. */
export type HeldRun = Pick<RunRecord, "id" | "epoch" | "lastSeq">;

/** This process's hold of one run: the only way to its log. Numbers events and tells the run's readers once they are durable. */
export class Hold {
  readonly runId: string;
  readonly live = new LiveRun();
  /** The step in flight or next: what a fault of the run as a whole is told of. */
  step: { readonly id: string; readonly name: string } | undefined;
  /** The attempt in flight of that step. */
  attempt = 1;
  readonly #epoch: number;
  readonly #journal: Journal;
  readonly #now: () => number;
  #lastSeq: number;

  constructor(run: HeldRun, journal: Journal, now: () => number) {
    this.runId = run.id;
    this.#epoch = run.epoch;
    this.#lastSeq = run.lastSeq;
    this.#journal = journal;
    this.#now = now;
  }

  /** Appends `bodies` and moves the run to `status`; resolves when that is durable. Throws `HoldLostError`. */
  async append(bodies: readonly RunEventBody[], status?: RunStatus): Promise<void> {
    const events = numberEvents(bodies, this.#lastSeq, this.#now());
    this.#follow(events);
    const outcome = await this.#journal.append({
      kind: "append",
      runId: this.runId,
      epoch: this.#epoch,
      events,
      ...(status === undefined ? {} : { status }),
    });
    this.#check(outcome);
    this.#lastSeq += events.length;
    this.live.publish(events);
    if (status !== undefined && status !== "running") this.live.end();
  }

  /** Ends the run by a fault that no step made, or because somebody wants it. */
  async fail(error: ErrorInfo, cost: AttemptCost = {}): Promise<RunEnd> {
    const { id: stepId, name } = this.step ?? { id: "", name: "" };
    const status = error.code === "CANCELLED" ? "cancelled" : "failed";
    await this.append([{ type: "step_error", stepId, name, attempt: this.attempt, error, ...cost }], status);
    return { status: "failed", stepId, error };
  }

  delta(stepId: string, attempt: number, text: string): void {
    this.live.delta(stepId, attempt, [], text);
  }

  /** Gives the run back for any worker to take, with `bodies` as its last words here. */
  async release(bodies: readonly RunEventBody[]): Promise<void> {
    const events = numberEvents(bodies, this.#lastSeq, this.#now());
    const outcome = await this.#journal.append({
      kind: "append",
      runId: this.runId,
      epoch: this.#epoch,
      events,
      release: true,
    });
    this.#check(outcome);
    this.#lastSeq += events.length;
    this.live.publish(events);
    this.live.end();
  }

  #follow(events: readonly RunEvent[]): void {
    for (const event of events) {
      if (event.type === "step_started") {
        this.step = { id: event.stepId, name: event.name };
        this.attempt = 1;
      } else if (event.type === "step_retrying") {
        this.attempt = event.attempt;
      }
    }
  }

  #check(outcome: Awaited<ReturnType<Journal["append"]>>): void {
    if (outcome.outcome === "staleEpoch") throw new HoldLostError(this.runId);
    if (outcome.outcome !== "written") {
      const reason = outcome.outcome === "refused" ? outcome.reason : outcome.outcome;
      throw new EngineError("INTERNAL_ERROR", `The store refused events of run ${this.runId}: ${reason}.`);
    }
  }
}

/** Gives events their place in the log: the first one follows `lastSeq`. */
export function numberEvents(bodies: readonly RunEventBody[], lastSeq: number, at: number): readonly RunEvent[] {
  return bodies.map((body, index) => ({ seq: lastSeq + index + 1, at, ...body }));
}
