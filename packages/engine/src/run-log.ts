import type { AttemptCost, RunEvent, Usage } from "./events.ts";
import { addUsd } from "./cost.ts";
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

/** What an interpreter needs to know of a run's past. */
export interface RunPast {
  readonly lastSeq: number;
  readonly startedAt: number;
  /** Outputs of completed steps by step id. */
  readonly outputs: ReadonlyMap<string, JsonObject>;
  readonly open: OpenStep | undefined;
  readonly spent: Spent;
}

/** Tokens and cost of all attempts so far. */
export interface Spent {
  readonly tokens: Usage;
  /** `null` once a model of unknown price was called. */
  readonly costUsd: string | null;
}

export const nothingSpent: Spent = { tokens: { prompt: 0, completion: 0, total: 0 }, costUsd: "0" };

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

/** Folds a log that has not ended into the state from which its run goes on. */
export function foldPast(events: readonly RunEvent[]): RunPast {
  const outputs = new Map<string, JsonObject>();
  let open: OpenStep | undefined;
  let spent = nothingSpent;
  for (const event of events) {
    switch (event.type) {
      case "step_started":
        open = { stepId: event.stepId, attempt: 1, tries: 1, modelIndex: 0 };
        break;
      case "step_retrying":
        spent = addSpent(spent, event);
        open = {
          stepId: event.stepId,
          attempt: event.attempt,
          tries: event.tries,
          modelIndex: event.modelIndex,
        };
        break;
      case "step_completed":
        spent = addSpent(spent, event);
        outputs.set(event.stepId, event.output);
        open = undefined;
        break;
      case "run_started":
      case "step_input":
      case "step_error":
      case "flow_completed":
        break;
    }
  }
  return { lastSeq: events.at(-1)?.seq ?? 0, startedAt: events[0]?.at ?? 0, outputs, open, spent };
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
