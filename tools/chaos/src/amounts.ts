import type { RunEvent } from "@noukai/engine";

const places = 30;
const unit = 10n ** BigInt(places);

/** The exact sum of decimal strings. */
export function sumOf(amounts: readonly string[]): string {
  return toDecimal(amounts.map(toUnits).reduce((sum, amount) => sum + amount, 0n));
}

/**
 * What a run cost by its log. The end of an attempt tells what its rounds of tool calls told before it once more; it counts no less than
 * they did, when the price of its last call is not known.
 */
export function costOfLog(events: readonly RunEvent[]): string {
  let total = 0n;
  let inRounds = 0n;
  for (const event of events) {
    const cost = toUnits(("costUsd" in event ? event.costUsd : undefined) ?? "0");
    if (event.type === "step_paused_for_tool_calls") inRounds += cost;
    else if (endsAttempt(event)) {
      total += cost > inRounds ? cost : inRounds;
      inRounds = 0n;
    }
  }
  return toDecimal(total + inRounds);
}

function endsAttempt(event: RunEvent): boolean {
  const isInnerEnd = event.type === "step_progress" && event.phase !== "started";
  return isInnerEnd || event.type === "step_retrying" || event.type === "step_completed" || event.type === "step_error";
}

function toUnits(amount: string): bigint {
  const [whole = "", fraction = ""] = amount.split(".");
  return BigInt(whole) * unit + BigInt(fraction.padEnd(places, "0"));
}

function toDecimal(units: bigint): string {
  const fraction = (units % unit).toString().padStart(places, "0").replace(/0+$/, "");
  return `${units / unit}${fraction === "" ? "" : `.${fraction}`}`;
}
