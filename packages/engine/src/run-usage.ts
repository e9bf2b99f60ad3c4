import { addDecimals, isPositive, subtractDecimals } from "./decimal.ts";
import type { AttemptCost, RunEventBody } from "./events.ts";

/** What a run has used, over all attempts, as far as its log says. */
export interface RunUsage {
  readonly tokens: number;
  /** Exact decimal string. A call whose price is not known counts nothing. */
  readonly usd: string;
  /** Of that, what rounds of the attempt in flight used that paused for tools: the attempt's end tells it once more. */
  readonly inRounds: { readonly tokens: number; readonly usd: string };
}

const nothing = { tokens: 0, usd: "0" };
export const noUsage: RunUsage = { ...nothing, inRounds: nothing };

/** `usage`, and what these events add to it. They are given in the order of the log, each once. */
export function addUsage(usage: RunUsage, events: readonly RunEventBody[]): RunUsage {
  return events.reduce(addEvent, usage);
}

function addEvent(usage: RunUsage, event: RunEventBody): RunUsage {
  switch (event.type) {
    case "step_paused_for_tool_calls": {
      const round = amountsOf(event);
      return { ...add(usage, round), inRounds: add(usage.inRounds, round) };
    }
    case "step_retrying":
    case "step_completed":
    case "step_error":
      return endAttempt(usage, event);
    case "step_progress":
      return event.phase === "started" ? usage : endAttempt(usage, event);
    case "run_started":
    case "step_started":
    case "step_input":
    case "step_resumed":
    case "step_paused":
    case "loop_completed":
    case "flow_completed":
      return usage;
  }
}

type Amounts = Pick<RunUsage, "tokens" | "usd">;

function endAttempt(usage: RunUsage, event: AttemptCost): RunUsage {
  const { tokens, usd } = amountsOf(event);
  const { inRounds } = usage;
  if (inRounds === nothing) return { ...add(usage, { tokens, usd }), inRounds };
  const more = subtractDecimals(usd, inRounds.usd);
  // Less than its rounds has an attempt one of whose calls is of unknown price: what was charged stays charged.
  const rest = { tokens: Math.max(0, tokens - inRounds.tokens), usd: isPositive(more) ? more : "0" };
  return { ...add(usage, rest), inRounds: nothing };
}

function amountsOf({ tokens, costUsd }: AttemptCost): Amounts {
  return { tokens: tokens?.total ?? 0, usd: costUsd ?? "0" };
}

/** Most events cost nothing, and this runs for each of them. */
function add(a: Amounts, b: Amounts): Amounts {
  return { tokens: a.tokens + b.tokens, usd: b.usd === "0" ? a.usd : addDecimals(a.usd, b.usd) };
}
