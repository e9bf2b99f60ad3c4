import { TerminalError } from "../errors.ts";
import type { StepRunner } from "./step.ts";

/** Bound of one call of a step that sets none, in milliseconds. */
const defaultTimeoutMs = 10_000;

/** One call of the author's JavaScript in the sandbox. Output: the object that it returned. */
export const code: StepRunner<"code"> = {
  kind: "code",
  async run({ id, node }, { runId, sandbox, scope, input, signal }) {
    if (sandbox === undefined) throw new TerminalError("NOT_IMPLEMENTED", `Step "${id}": no code runs on this server.`);
    const output = await sandbox.run({
      runId,
      stepId: id,
      code: node.code,
      bindings: { initial: scope.initial, input },
      signal,
      timeoutMs: node.timeoutMs ?? defaultTimeoutMs,
    });
    return { kind: "output", output };
  },
};
