import type { StepRunner } from "./step.ts";

/** Output = input. */
export const passthrough: StepRunner<"passthrough"> = {
  kind: "passthrough",
  run: (_step, { input }) => ({ kind: "output", output: input }),
};
