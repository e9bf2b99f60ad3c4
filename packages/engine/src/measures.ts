import type { RunEvent } from "./events.ts";
import type { StepKind } from "./flow/definition.ts";
import type { ModelResponse } from "./models/model.ts";
import { providerOf } from "./models/names.ts";
import type { AppendOutcome, JournalEntry, RunRecord } from "./store/store.ts";

/** Upper bounds of buckets, in seconds. */
const stepBounds = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];
const waitBounds = [0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900];
const commitBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** Durations, counted in buckets. */
export class Durations {
  readonly boundsSeconds: readonly number[];
  /** One for each bound, not cumulative, and one for what is longer than all. */
  readonly counts: number[];
  sumSeconds = 0;

  constructor(boundsSeconds: readonly number[]) {
    this.boundsSeconds = boundsSeconds;
    this.counts = Array.from({ length: boundsSeconds.length + 1 }, () => 0);
  }

  add(seconds: number): void {
    let bucket = 0;
    for (const bound of this.boundsSeconds) {
      if (seconds <= bound) break;
      bucket += 1;
    }
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.sumSeconds += seconds;
  }
}

export type EndOutcome = "completed" | "failed" | "cancelled";

/** What models of one provider were called for. */
export interface ProviderUse {
  promptTokens: number;
  completionTokens: number;
  /** Calls whose price is not known count nothing. */
  costUsd: number;
}

/** Under what is counted whose provider nobody here has set up: no figure is named by a tenant. */
const otherProvider = "other";

type StepDurations = Readonly<Record<EndOutcome, Durations>>;

/**
 * What one process did since it began, in numbers; for its metrics alone, as the log is the truth. Plain additions, because they are made for every
 * event of every run. What names them is of our own making, or the operator's.
 */
export class Measures {
  runsCreated = 0;
  /** Runs of processes that are gone, which this one made ready again. */
  runsRecovered = 0;
  readonly runsEnded: Record<EndOutcome, number> = { completed: 0, failed: 0, cancelled: 0 };
  /** From the time at which a run that waited was ready to its first hold. */
  readonly waits = new Durations(waitBounds);
  /** Durable transactions of the journal. */
  readonly commits = new Durations(commitBounds);
  readonly steps = new Map<StepKind, StepDurations>();
  /** Further attempts, by the kind of the step and the code of what the last attempt failed by. */
  readonly retries = new Map<StepKind, Map<string, number>>();
  readonly providers = new Map<string, ProviderUse>();

  /** What a transaction of the journal wrote. */
  committed(entries: readonly JournalEntry[], outcomes: readonly AppendOutcome[], durationMs: number): void {
    this.commits.add(durationMs / 1_000);
    for (const [index, entry] of entries.entries()) {
      if (outcomes[index]?.outcome !== "written") continue;
      if (entry.kind === "create") this.runsCreated += 1;
      else if (entry.status !== undefined && isEnd(entry.status)) this.runsEnded[entry.status] += 1;
    }
  }

  /** A run that a worker was given. Those that had one before waited for something else than their first. */
  claimed({ epoch, startedAt, readyAt }: Pick<RunRecord, "epoch" | "startedAt" | "readyAt">): void {
    if (epoch === 1 && startedAt !== null) this.waits.add(Math.max(0, startedAt - readyAt) / 1_000);
  }

  /** Events of a run that became durable. `kindOf` knows the steps of its flow, `stepStartedAt` when the one began that is in work at top level. */
  logged(
    events: readonly RunEvent[],
    kindOf: (stepId: string) => StepKind | undefined,
    stepStartedAt: number | undefined,
  ): void {
    for (const event of events) {
      if (event.type === "step_completed") this.#ended(kindOf(event.stepId), "completed", event.durationMs);
      else if (event.type === "step_progress") this.#progressed(event);
      else if (event.type === "step_retrying") this.#retried(kindOf(event.stepId), event.error.code);
      else if (event.type === "step_error")
        this.#ended(kindOf(event.stepId), outcomeOf(event.error), event.at - (stepStartedAt ?? event.at));
    }
  }

  /** What a call of a model used. `isKnown`: its provider is one that the operator has set up, or the built-in one. */
  called({ modelUsed, usage }: ModelResponse, costUsd: string | null, isKnown: () => boolean): void {
    const use = this.#useOf(providerOf(modelUsed), isKnown);
    use.promptTokens += usage.prompt;
    use.completionTokens += usage.completion;
    use.costUsd += Number(costUsd ?? 0);
  }

  #progressed(event: Extract<RunEvent, { type: "step_progress" }>): void {
    if (event.phase === "started") return;
    this.#ended(event.kind, event.phase === "completed" ? "completed" : outcomeOf(event.error), event.durationMs);
  }

  #ended(kind: StepKind | undefined, outcome: EndOutcome, durationMs: number): void {
    if (kind === undefined) return;
    let durations = this.steps.get(kind);
    if (durations === undefined) this.steps.set(kind, (durations = newStepDurations()));
    durations[outcome].add(durationMs / 1_000);
  }

  #retried(kind: StepKind | undefined, code: string): void {
    if (kind === undefined) return;
    let codes = this.retries.get(kind);
    if (codes === undefined) this.retries.set(kind, (codes = new Map()));
    codes.set(code, (codes.get(code) ?? 0) + 1);
  }

  #useOf(provider: string, isKnown: () => boolean): ProviderUse {
    const known = this.providers.get(provider);
    if (known !== undefined) return known;
    if (provider !== otherProvider && !isKnown()) return this.#useOf(otherProvider, () => true);
    const use = { promptTokens: 0, completionTokens: 0, costUsd: 0 };
    this.providers.set(provider, use);
    return use;
  }
}

function isEnd(status: string): status is EndOutcome {
  return status === "completed" || status === "failed" || status === "cancelled";
}

function outcomeOf({ code }: { readonly code: string }): EndOutcome {
  return code === "CANCELLED" ? "cancelled" : "failed";
}

function newStepDurations(): StepDurations {
  return {
    completed: new Durations(stepBounds),
    failed: new Durations(stepBounds),
    cancelled: new Durations(stepBounds),
  };
}
