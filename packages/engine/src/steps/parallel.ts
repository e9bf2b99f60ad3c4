import type { JsonObject } from "../flow/definition.ts";
import { sideBySide } from "./side-by-side.ts";
import type { ContainerRunner } from "./step.ts";

/** Every branch from the same input, all at once. Output: one member per branch, in the order of the definition. */
export const parallel: ContainerRunner<"parallel"> = {
  kind: "parallel",
  async run({ branches }, context) {
    const outputs: (JsonObject | undefined)[] = [];
    const end = await sideBySide(
      context,
      { count: branches.length, atOnce: branches.length },
      async (index, signal) => {
        const done = await context.sequence(branches[index]?.steps ?? [], context.place, { signal });
        if (done.kind === "output") outputs[index] = done.output;
        return done;
      },
    );
    if (end !== undefined) return end;
    const members = branches.flatMap(({ name }, index) => {
      const output = outputs[index];
      return output === undefined ? [] : [[name, output] as const];
    });
    return { kind: "output", output: Object.fromEntries(members) };
  },
};
