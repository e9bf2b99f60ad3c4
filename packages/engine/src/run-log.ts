import { addUsd } from "./cost.ts";
import type { AttemptCost, RunEvent, Segment, Usage } from "./events.ts";
import type { JsonObject } from "./flow/definition.ts";
import type { Store } from "./store/store.ts";

/** The step that a log leaves open: begun and neither completed nor failed. */
export interface OpenStep {
  readonly stepId: string;
  /** The attempt in flight, from 1. */
  readonly attempt: number;
  /** Attempts that count against the retry policy since `modelIndex` last changed, the one in flight included. */
  readonly tries: number;
  /** Position in the step's chain of models: 0 its own, then its fallbacks. */
  readonly modelIndex: number;
}

/** The tool calls of the open step so far. They outlive its attempts: what a caller has answered is not asked again. */
export interface ToolRounds {
  /** In the form that callers echo; ends with their answers, or, while the run waits for them, with the message that asks. */
  readonly messages: readonly JsonObject[];
  readonly iterationsUsed: number;
}

/** What an interpreter needs to know of a run's past. */
export interface RunPast {
  readonly lastSeq: number;
  /** When its first step began; the time before that was spent waiting for a worker. */
  readonly startedAt: number | undefined;
  /** Time in pauses that are over, in milliseconds. */
  readonly pausedMs: number;
  /** Outputs of completed steps by step id. */
  readonly outputs: ReadonlyMap<string, JsonObject>;
  readonly open: OpenStep | undefined;
  /** Did a worker begin the attempt in flight? Not when the run has paused in it since. */
  readonly isBegun: boolean;
  /** When the open step began, and how long it has paused since. */
  readonly openTimes: { readonly startedAt: number; readonly pausedMs: number };
  readonly rounds: ToolRounds;
  /** What the rounds of the attempt in flight used. */
  readonly spentInAttempt: AttemptCost;
  /** What the latest call of the step protocol asked for; its overrides joined with those of earlier ones. */
  readonly segment: Segment | undefined;
  /** Over all attempts that have ended. */
  readonly spent: Spent;
}

/** Tokens and cost of all attempts so far. */
export interface Spent {
  readonly tokens: Usage;
  /** `null` once a model of unknown price was called. */
  readonly costUsd: string | null;
}

export const nothingSpent: Spent = { tokens: { prompt: 0, completion: 0, total: 0 }, costUsd: "0" };

const noRounds: ToolRounds = { messages: [], iterationsUsed: 0 };

/** Adds what one attempt used; an attempt that called no model adds nothing. */
export function addSpent(spent: Spent, attempt: AttemptCost): Spent {
  const { tokens, costUsd } = attempt;
  if (tokens === undefined) return spent;
  return {
    tokens: {
      prompt: spent.tokens.prompt + tokens.prompt,
      completion: spent.tokens.completion + tokens.completion,
      total: spent.tokens.total + tokens.total,
    },
    costUsd:
      spent.costUsd === null || costUsd === undefined || costUsd === null ? null : addUsd(spent.costUsd, costUsd),
  };
}

/** What two model calls of one attempt used together; the model is that of the later one. */
export function joinCosts(earlier: AttemptCost, later: AttemptCost): AttemptCost {
  const modelUsed = later.modelUsed ?? earlier.modelUsed;
  const spent =
    earlier.tokens === undefined || later.tokens === undefined
      ? {
          tokens: later.tokens ?? earlier.tokens,
          costUsd: later.tokens === undefined ? earlier.costUsd : later.costUsd,
        }
      : addSpent({ tokens: earlier.tokens, costUsd: earlier.costUsd ?? null }, later);
  return {
    ...(modelUsed !== undefined && { modelUsed }),
    ...(spent.tokens !== undefined && { tokens: spent.tokens }),
    ...(spent.costUsd !== undefined && { costUsd: spent.costUsd }),
  };
}

/** Folds a log that has not ended into the state from which its run goes on. */
export function foldPast(events: readonly RunEvent[]): RunPast {
  const fold = new PastFold();
  for (const event of events) fold.add(event);
  return fold;
}

class PastFold implements RunPast {
  lastSeq = 0;
  startedAt: number | undefined;
  readonly outputs = new Map<string, JsonObject>();
  pausedMs = 0;
  open: OpenStep | undefined;
  isBegun = false;
  openTimes = { startedAt: 0, pausedMs: 0 };
  rounds = noRounds;
  spentInAttempt: AttemptCost = {};
  segment: Segment | undefined;
  spent = nothingSpent;
  /** When the pause that the log is in began. */
  #pausedAt: number | undefined;

  add(event: RunEvent): void {
    this.#endPause(event.at);
    this.lastSeq = event.seq;
    switch (event.type) {
      case "step_started":
        this.open = { stepId: event.stepId, attempt: 1, tries: 1, modelIndex: 0 };
        this.isBegun = true;
        this.openTimes = { startedAt: event.at, pausedMs: 0 };
        this.startedAt ??= event.at;
        this.rounds = noRounds;
        if (event.segment !== undefined) this.segment = joinSegments(this.segment, event.segment);
        break;
      case "step_paused_for_tool_calls":
        this.spentInAttempt = joinCosts(this.spentInAttempt, event);
        this.rounds = { messages: event.toolCallMessages, iterationsUsed: event.iterationsUsed };
        this.isBegun = false;
        this.#pausedAt = event.at;
        break;
      case "step_resumed":
        this.rounds = { ...this.rounds, messages: [...this.rounds.messages, ...event.toolCallMessages] };
        break;
      case "step_retrying":
        this.#endAttempt(event);
        this.isBegun = true;
        this.open = { stepId: event.stepId, attempt: event.attempt, tries: event.tries, modelIndex: event.modelIndex };
        break;
      case "step_completed":
        this.#endAttempt(event);
        if (event.output !== null) this.outputs.set(event.stepId, event.output);
        this.open = undefined;
        break;
      case "step_paused":
        this.#pausedAt = event.at;
        break;
      case "run_started":
      case "step_input":
      case "step_error":
      case "flow_completed":
        break;
    }
  }

  /** Whatever follows a pause ends it. */
  #endPause(at: number): void {
    if (this.#pausedAt === undefined) return;
    this.pausedMs += at - this.#pausedAt;
    this.openTimes = { ...this.openTimes, pausedMs: this.openTimes.pausedMs + at - this.#pausedAt };
    this.#pausedAt = undefined;
  }

  #endAttempt(event: AttemptCost): void {
    this.spent = addSpent(this.spent, event);
    this.spentInAttempt = {};
  }
}

/** What two calls of the step protocol ask for together: the later one's way of going on, and the overrides of both. */
export function joinSegments(earlier: Segment | undefined, later: Segment): Segment {
  if (earlier === undefined) return later;
  return {
    ...later,
    inputOverrides: { ...earlier.inputOverrides, ...later.inputOverrides },
    blockOverrides: { ...earlier.blockOverrides, ...later.blockOverrides },
  };
}

/** Events read from the store at a time. */
const pageSize = 1_000;

/** The run's log from its first event to its present end. */
export async function wholeLog(store: Pick<Store, "eventsAfter">, runId: string): Promise<readonly RunEvent[]> {
  const events: RunEvent[] = [];
  for (;;) {
    const page = await store.eventsAfter(runId, events.length, pageSize);
    events.push(...page);
    if (page.length < pageSize) return events;
  }
}
