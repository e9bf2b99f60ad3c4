import type { SkippedStep } from "../events.ts";
import { type CompiledBranch, type CompiledStep, innerSequences } from "../flow/compile.ts";
import { holds } from "../flow/condition.ts";
import type { ContainerRunner, Place } from "./step.ts";

/** The path of the first condition that holds, else that of `else`, else none. Output: the path's, or the input when there is none. */
export const branch: ContainerRunner<"branch"> = {
  kind: "branch",
  async run(step, context) {
    const taken = choose(step, context.place);
    const skipped = innerSequences(step)
      .filter((steps) => steps !== taken)
      .flatMap((steps) => withInner(steps));
    if (taken === undefined) return { kind: "output", output: context.place.input, skipped };
    return context.sequence(taken, context.place, { skipped });
  },
};

function choose({ id, cases, otherwise }: CompiledBranch, place: Place): readonly CompiledStep[] | undefined {
  const chosen = cases.find(({ condition }, index) => holds(condition, place, `step \`${id}\`, when[${index}].if`));
  return chosen?.steps ?? otherwise;
}

/** The steps and those inside them, but for the insides of loops and sub-flows: what does not begin has no passes. */
function withInner(steps: readonly CompiledStep[]): readonly SkippedStep[] {
  return steps.flatMap((step) => {
    const { id: stepId, name, kind, parentId: parentStepId = "" } = step;
    const inside = kind === "loop" || kind === "flow" ? [] : innerSequences(step);
    return [{ stepId, name, kind, parentStepId }, ...inside.flatMap(withInner)];
  });
}
