import { EngineError, RequestError } from "./errors.ts";
import type { CompiledFlow, CompiledStep } from "./flow/compile.ts";
import type { Json } from "./flow/definition.ts";
import { isObject } from "./flow/json.ts";
import type { Models } from "./models/model.ts";

/** Kinds of nodes that can be worked off so far. */
type RunnableStep = Extract<CompiledStep, { kind: "llm" | "passthrough" }>;

/** The first step of a kind that cannot be worked off yet. */
function unrunnableStep(flow: CompiledFlow): CompiledStep | undefined {
  return flow.steps.find((step) => !isRunnable(step));
}

export function isRunnable(step: CompiledStep): step is RunnableStep {
  return step.kind === "llm" || step.kind === "passthrough";
}

/**
 * Refuses, before a run or a segment exists, what could only fail: throws `NOT_IMPLEMENTED` for kinds of steps, `INVALID_TREE` for a model of
 * the flow that cannot be called here, `RequestError` for one that the caller put in.
 */
export function refuseUnrunnable(
  flow: CompiledFlow,
  models: Models,
  blockOverrides: { readonly [stepId: string]: Json } = {},
): void {
  const step = unrunnableStep(flow);
  if (step !== undefined) {
    throw new EngineError(
      "NOT_IMPLEMENTED",
      `Step "${step.id}" is of type ${step.kind}, which this version does not run yet.`,
    );
  }
  for (const { id, kind, node } of flow.stepsById.values()) {
    const reason = kind === "llm" ? models.unavailable(node.model) : undefined;
    if (reason === undefined) continue;
    const overrides = blockOverrides[id];
    if (!isObject(overrides) || overrides["model"] === undefined)
      throw new EngineError("INVALID_TREE", `Step "${id}": ${reason}`);
    const issue = { path: `blockOverrides.${id}.model`, message: reason };
    throw new RequestError("INVALID_REQUEST", `${issue.path}: ${reason}`, [issue]);
  }
}
