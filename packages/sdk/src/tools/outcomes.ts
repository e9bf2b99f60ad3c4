import { untilAborted } from "@noukai/core";
import type { ToolCall } from "@noukai/core/schema";

/** What the calls of one request have come to here: by their ids, as the text that goes to the model. */
export type Outcomes = Map<string, string>;

/** What is known of the calls of one request. */
export interface CallsKept {
  readonly outcomes: Outcomes;
  /** What tools are still at work on, by the calls' ids: they may outlive the call that gave them up. */
  readonly running: Map<string, Promise<unknown>>;
}

interface Kept extends CallsKept {
  /** Settles when nobody works on the calls any more. */
  turn: Promise<unknown>;
}

/** By the request's own list of calls, which everything that is made of its pause in this program hands on. */
const keptByCalls = new WeakMap<readonly ToolCall[], Kept>();

/** What calls have come to so far. */
export function outcomesOf(calls: readonly ToolCall[]): Readonly<Record<string, string>> {
  return Object.fromEntries(keptByCalls.get(calls)?.outcomes ?? []);
}

/** Takes over what calls came to elsewhere. */
export function keepOutcomes(calls: readonly ToolCall[], outcomes: Readonly<Record<string, string>>): void {
  const kept = keptOf(calls);
  for (const [id, content] of Object.entries(outcomes)) kept.outcomes.set(id, content);
}

/**
 * Works on a request's calls once those before have done so, and with what came of that: a pause is answered again when the answer was lost
 * on its way, or when somebody asks twice, and what has run for it does not run a second time.
 */
export async function withOutcomes<Value>(
  calls: readonly ToolCall[],
  signal: AbortSignal,
  work: (kept: CallsKept) => Promise<Value>,
): Promise<Value> {
  const kept = keptOf(calls);
  const before = kept.turn;
  const value = untilAborted(before, signal).then(() => work(kept));
  kept.turn = Promise.allSettled([before, value]);
  return value;
}

function keptOf(calls: readonly ToolCall[]): Kept {
  const kept = keptByCalls.get(calls) ?? { outcomes: new Map(), running: new Map(), turn: Promise.resolve() };
  keptByCalls.set(calls, kept);
  return kept;
}
