import { ValueError } from "@noukai/core";
import { checkOptions } from "./option-checks.ts";
import { EVENTS_OPTIONS } from "./option-names.ts";
import type { EventsOptions } from "./stream-options.ts";
import { isStepwise, loaded } from "./streaming.ts";

/**
 * Makes ready for a stream whose options take more than a look: checks them, and loads what goes on behind the pauses that they ask for, since
 * a network that is gone by then would cost the stream. Throws `ValueError` that names the option.
 */
export async function prepareEvents(options: EventsOptions): Promise<void> {
  checkOptions(options, EVENTS_OPTIONS);
  if (options.inputOverrides !== undefined && !isStepwise(options)) {
    throw new ValueError("`inputOverrides` take effect between two steps. Use `stepwise: true` with them.");
  }
  if (options.tools || isStepwise(options)) await loaded(import("./stream-segments.ts"));
  if (options.tools) await loaded(import("./tools/rounds.ts"));
}
