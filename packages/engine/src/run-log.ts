import { addUsd } from "./cost.ts";
import { type AttemptCost, type ErrorInfo, passKey, type RunEvent, type Segment, type Spent } from "./events.ts";
import type { JsonObject, StepKind } from "./flow/definition.ts";
import { payloadLength } from "./payloads.ts";
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
  /** Did a worker begin the attempt in flight? Not while the run pauses in it. */
  readonly isBegun: boolean;
  /** Where the call that the open step waited for left it to any worker: see `RunEvent`. */
  readonly leftUnder: number | undefined;
  /** When the open step began, and how long it has paused since. */
  readonly openTimes: { readonly startedAt: number; readonly pausedMs: number };
  readonly rounds: ToolRounds;
  /** What the rounds of the attempt in flight used. */
  readonly spentInAttempt: AttemptCost;
  /** What the latest call of the step protocol asked for; its overrides joined with those of earlier ones. */
  readonly segment: Segment | undefined;
  /** Over all attempts that have ended. */
  readonly spent: Spent;
  /** The same, of the open top-level step alone. */
  readonly spentInStep: Spent;
  /** Steps inside the open container, by `passKey`. */
  readonly inner: ReadonlyMap<string, InnerPast>;
  /** Why a sequence inside the open container ended early, by the container's `passKey` or that of one pass of a loop. */
  readonly failures: ReadonlyMap<string, ErrorInfo>;
  /** Steps inside containers begun so far, each pass counted, those that are containers themselves left out. */
  readonly innerSteps: number;
  /** Characters, as JSON, of all inputs and outputs so far. */
  readonly payloadLength: number;
}

/** What the log says of a step inside the open container. */
export interface InnerPast {
  readonly startedAt: number;
  /** The attempt in flight. */
  readonly at: OpenStep;
  /** Present once it was completed. */
  readonly output?: JsonObject;
}

/** Where a step begins. */
export function firstAttempt(stepId: string): OpenStep {
  return { stepId, attempt: 1, tries: 1, modelIndex: 0 };
}

/** Why an attempt is made anew that a worker began which is gone. */
export const interrupted: ErrorInfo = {
  code: "WORKER_LOST",
  message: "The process that made this attempt stopped before the attempt ended; the step is tried again.",
};

const containerKinds: ReadonlySet<StepKind> = new Set(["parallel", "loop", "branch", "flow"]);

/** Does a step of this kind do no more than hold other steps? */
export function isContainerKind(kind: StepKind): boolean {
  return containerKinds.has(kind);
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
  leftUnder: number | undefined;
  openTimes = { startedAt: 0, pausedMs: 0 };
  rounds = noRounds;
  spentInAttempt: AttemptCost = {};
  segment: Segment | undefined;
  spent = nothingSpent;
  spentInStep = nothingSpent;
  readonly inner = new Map<string, InnerPast>();
  readonly failures = new Map<string, ErrorInfo>();
  innerSteps = 0;
  payloadLength = 0;
  /** When the pause that the log is in began. */
  #pausedAt: number | undefined;

  add(event: RunEvent): void {
    this.#endPause(event.at);
    this.lastSeq = event.seq;
    this.payloadLength += payloadLength(event);
    switch (event.type) {
      case "step_started":
        this.open = firstAttempt(event.stepId);
        this.isBegun = true;
        this.leftUnder = event.leftUnder;
        this.openTimes = { startedAt: event.at, pausedMs: 0 };
        this.startedAt ??= event.at;
        this.rounds = noRounds;
        this.spentInStep = nothingSpent;
        if (event.segment !== undefined) this.segment = joinSegments(this.segment, event.segment);
        break;
      case "step_paused_for_tool_calls":
        this.spentInAttempt = joinCosts(this.spentInAttempt, event);
        this.rounds = { messages: event.toolCallMessages, iterationsUsed: event.iterationsUsed };
        this.isBegun = false;
        this.#pausedAt = event.at;
        break;
      case "step_resumed":
        this.isBegun = true;
        this.leftUnder = event.leftUnder;
        this.rounds = { ...this.rounds, messages: [...this.rounds.messages, ...event.toolCallMessages] };
        break;
      case "step_retrying":
        this.#endAttempt(event);
        this.#retry(event);
        break;
      case "step_progress":
        this.#follow(event);
        break;
      case "step_completed":
        this.#endAttempt(event);
        if (event.output !== null) this.outputs.set(event.stepId, event.output);
        this.open = undefined;
        this.inner.clear();
        this.failures.clear();
        break;
      case "step_paused":
        this.#pausedAt = event.at;
        break;
      case "run_started":
      case "step_input":
      case "loop_completed":
      case "step_error":
      case "flow_completed":
        break;
    }
  }

  #retry({ stepId, loopPath, attempt, tries, modelIndex }: RunEvent & { readonly type: "step_retrying" }): void {
    const at = { stepId, attempt, tries, modelIndex };
    const key = passKey(stepId, loopPath);
    const inner = this.inner.get(key);
    if (inner !== undefined) {
      this.inner.set(key, { ...inner, at });
    } else {
      this.isBegun = true;
      this.open = at;
    }
  }

  #follow(event: RunEvent & { readonly type: "step_progress" }): void {
    const { stepId, loopPath } = event;
    const key = passKey(stepId, loopPath);
    if (event.phase === "started") {
      if (!isContainerKind(event.kind)) this.innerSteps += 1;
      this.inner.set(key, { startedAt: event.at, at: firstAttempt(stepId) });
      return;
    }
    this.#endAttempt(event);
    const inner = this.inner.get(key);
    if (event.phase === "completed" && inner !== undefined && event.output !== null)
      this.inner.set(key, { ...inner, output: event.output });
    // What was stopped because of another step is not why anything ended.
    if (event.phase === "failed" && event.error.code !== "CANCELLED")
      this.failures.set(passKey(event.parentStepId, loopPath), event.error);
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
    this.spentInStep = addSpent(this.spentInStep, event);
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
