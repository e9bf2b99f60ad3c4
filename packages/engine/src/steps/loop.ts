import { TerminalError } from "../errors.ts";
import type { CompiledLoop } from "../flow/compile.ts";
import type { Json, JsonObject } from "../flow/definition.ts";
import { describeKind, isList } from "../flow/json.ts";
import { valueAt } from "../template.ts";
import { sideBySide } from "./side-by-side.ts";
import type { ContainerContext, ContainerRunner, Place } from "./step.ts";

/** Its steps once per item of a list, each pass with `{item, index}`. Output: `{items}`, in the order of the list. */
export const loop: ContainerRunner<"loop"> = {
  kind: "loop",
  async run(step, context) {
    const items = itemsOf(step, context);
    const outputs: (JsonObject | null | undefined)[] = Array.from({ length: items.length });
    let failedCount = 0;
    const end = await sideBySide(context, { count: items.length, atOnce: step.concurrency }, async (index, signal) => {
      const done = await context.sequence(step.steps, passOf(context.place, items[index] ?? null, index), { signal });
      if (done.kind === "output") outputs[index] = done.output;
      if (done.kind !== "failed" || step.onError === "fail") return done;
      failedCount += 1;
      if (step.onError === "null") outputs[index] = null;
      return { kind: "output", output: {} };
    });
    if (end !== undefined) return end;
    const durationMs = Math.max(0, context.now() - context.startedAt);
    const { loopPath } = context.place;
    context.tell({
      type: "loop_completed",
      stepId: step.id,
      loopPath,
      itemCount: items.length,
      failedCount,
      durationMs,
    });
    return { kind: "output", output: { items: outputs.filter((output) => output !== undefined) } };
  },
};

function passOf(place: Place, item: Json, index: number): Place {
  return { ...place, input: { item, index }, loop: { item, index }, loopPath: [...place.loopPath, index] };
}

function itemsOf(
  { id, node: { over }, over: names }: CompiledLoop,
  { place, limits }: ContainerContext,
): readonly Json[] {
  const items = valueAt(place.input, names);
  if (!isList(items)) {
    const found = items === undefined ? "is not there" : `is ${describeKind(items)}`;
    throw new TerminalError(
      "STEP_FAILED",
      `Step "${id}", over: \`${over}\` ${found} in this run; a loop needs a list. Name a list of the step's input.`,
    );
  }
  if (items.length > limits.loopItems) {
    throw new TerminalError(
      "STEP_FAILED",
      `Step "${id}", over: \`${over}\` has ${items.length} items; the limit is ${limits.loopItems}. Send them in several runs.`,
    );
  }
  return items;
}
