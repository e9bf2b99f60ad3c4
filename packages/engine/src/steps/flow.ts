import { TerminalError } from "../errors.ts";
import type { CompiledSubflow } from "../flow/compile.ts";
import type { JsonObject } from "../flow/definition.ts";
import { completeInput } from "../flow/input.ts";
import { isObject } from "../flow/json.ts";
import { renderValue } from "../template.ts";
import type { ContainerRunner, Place } from "./step.ts";

/** The steps of another flow, as it was when the run began. Output: that of its last step. They see nothing of this flow but what `input` hands them. */
export const flow: ContainerRunner<"flow"> = {
  kind: "flow",
  async run(step, { place, sequence }) {
    const { id, node, flow: pinned } = step;
    if (pinned === undefined)
      throw new TerminalError("INVALID_TREE", `Step "${id}": flow "${node.flow}" is not pinned.`);
    const completed = completeInput(pinned.definition, inputOf(step, place));
    if (!completed.ok) {
      const faults = completed.issues.map(({ message }) => message).join("; ");
      throw new TerminalError("STEP_FAILED", `Step "${id}": the input does not fit flow "${node.flow}": ${faults}.`);
    }
    const { input } = completed;
    return sequence(pinned.steps, { input, initial: input, steps: {}, loopPath: place.loopPath });
  },
};

function inputOf({ id, input }: CompiledSubflow, place: Place): JsonObject {
  if (input === undefined) return place.input;
  const rendered = renderValue(input, place);
  if (isObject(rendered)) return rendered;
  throw new TerminalError("STEP_FAILED", `Step "${id}": its input is no object.`);
}
