import { subtractDecimals } from "./decimal.ts";
import { EngineError } from "./errors.ts";
import type { AttemptCost, ErrorInfo, RunEvent, RunEventBody } from "./events.ts";
import type { StepKind } from "./flow/definition.ts";
import type { Journal } from "./journal.ts";
import { LiveRun, type TextOwner } from "./live.ts";
import type { Measures } from "./measures.ts";
import type { RunEnd } from "./run-end.ts";
import { addUsage, noUsage, type RunUsage } from "./run-usage.ts";
import type { RunRecord, RunStatus } from "./store/store.ts";

/** The run is under another hold now, or over: whoever gets this must stop touching it. Neither a fault of the run nor a reason to retry. */
export class HoldLostError extends EngineError {
  override readonly name: string = "HoldLostError";

  constructor(runId: string) {
    super("INTERNAL_ERROR", `Run ${runId} is held by another worker.`);
  }
}

/** What is known of a run that this process holds. */
export type HeldRun = Pick<RunRecord, "id" | "epoch" | "lastSeq" | "execution">;

export interface HoldOptions {
  readonly journal: Journal;
  readonly now: () => number;
  readonly measures?: Measures;
}

/** This process's hold of one run: the only way to its log. Numbers events and tells the run's readers once they are durable. */
export class Hold {
  readonly runId: string;
  readonly epoch: number;
  readonly live: LiveRun;
  /** The step in flight or next: what a fault of the run as a whole is told of. */
  step: { readonly id: string; readonly name: string } | undefined;
  /** The attempt in flight of that step; 1 for a container. */
  attempt = 1;
  /** When that step began; undefined until that is known. */
  stepStartedAt: number | undefined;
  /** Knows the steps of the run's flow, once that was read. */
  kindOf: (stepId: string) => StepKind | undefined = () => undefined;
  /** By the log as it is. */
  usage: RunUsage = noUsage;
  readonly #measures: Measures | undefined;
  readonly #journal: Journal;
  readonly #now: () => number;
  readonly #isOfExecution: boolean;
  /** Does the store know that a step began? An execution is told by it. */
  #hasToldBegin: boolean;
  #lastSeq: number;

  /** Without `measures` nothing is counted. */
  constructor(run: HeldRun, { journal, now, measures }: HoldOptions) {
    this.#measures = measures;
    this.runId = run.id;
    this.live = new LiveRun(run.lastSeq);
    this.epoch = run.epoch;
    this.#lastSeq = run.lastSeq;
    this.#journal = journal;
    this.#now = now;
    this.#isOfExecution = run.execution !== undefined;
    this.#hasToldBegin = !this.#isOfExecution;
  }

  /** Appends `bodies` and moves the run to `status`; resolves when that is durable. Throws `HoldLostError`. */
  async append(bodies: readonly RunEventBody[], status?: RunStatus): Promise<void> {
    const events = numberEvents(bodies, this.#lastSeq, this.#now());
    this.#follow(events);
    const begins = !this.#hasToldBegin && bodies.some(({ type }) => type === "step_started");
    this.#hasToldBegin ||= begins;
    // Under the same status again: that is what lets the store see that a first step began.
    const told = status ?? (begins ? "running" : undefined);
    await this.#write(events, told === undefined ? {} : { status: told });
    if (status !== undefined && status !== "running") this.live.end();
  }

  /** Ends the run by a fault that no step made, or because somebody wants it. */
  async fail(error: ErrorInfo, cost: AttemptCost = {}): Promise<RunEnd> {
    const { id: stepId, name } = this.step ?? { id: "", name: "" };
    const status = error.code === "CANCELLED" ? "cancelled" : "failed";
    await this.append([{ type: "step_error", stepId, name, attempt: this.attempt, error, ...cost }], status);
    return { status: "failed", stepId, error };
  }

  delta(owner: TextOwner, text: string): void {
    this.live.delta(owner, text);
  }

  /** Gives the run back for any worker to take, with `bodies` as its last words here. */
  async release(bodies: readonly RunEventBody[]): Promise<void> {
    const events = numberEvents(bodies, this.#lastSeq, this.#now());
    await this.#write(events, { release: true });
    this.live.end();
  }

  /** What the events cost goes with them: an entry that is lost is not charged, one that is written twice is charged once. */
  async #write(
    events: readonly RunEvent[],
    move: { readonly status?: RunStatus; readonly release?: true },
  ): Promise<void> {
    const usage = addUsage(this.usage, events);
    const charge = usage.usd === this.usage.usd ? {} : { chargeUsd: subtractDecimals(usage.usd, this.usage.usd) };
    const about = { runId: this.runId, epoch: this.epoch, ...(this.#isOfExecution && { isOfExecution: true }) };
    const entry = { kind: "append", ...about, events, ...move, ...charge } as const;
    this.#check(await this.#journal.append(entry));
    this.usage = usage;
    this.#lastSeq += events.length;
    this.#measures?.logged(events, this.kindOf, this.stepStartedAt);
    this.live.publish(events);
  }

  #follow(events: readonly RunEvent[]): void {
    for (const event of events) {
      if (event.type === "step_started") {
        this.step = { id: event.stepId, name: event.name };
        this.stepStartedAt = event.at;
        this.attempt = 1;
      } else if (event.type === "step_retrying" && event.stepId === this.step?.id) {
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
