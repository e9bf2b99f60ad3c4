import { EngineError, RequestError } from "./errors.ts";
import type { CompiledFlow } from "./flow/compile.ts";
import type { Json } from "./flow/definition.ts";
import { isObject } from "./flow/json.ts";
import type { Models } from "./models/model.ts";

/** What a server brings for the steps that it runs. */
export interface Means {
  readonly models: Models;
  /** Has it a sandbox for code steps? */
  readonly runsCode: boolean;
}

/**
 * Refuses, before a run or a segment exists, what could only fail: throws `NOT_IMPLEMENTED` for kinds of steps, `INVALID_TREE` for a model of
 * the flow that cannot be called here, `RequestError` for one that the caller put in.
 */
export function refuseUnrunnable(
  flow: CompiledFlow,
  { models, runsCode }: Means,
  blockOverrides: { readonly [stepId: string]: Json } = {},
): void {
  for (const step of flow.stepsById.values()) {
    const { id, kind, node } = step;
    if (kind === "flow" && step.flow === undefined) {
      const message = "a sub-flow's version is chosen by the call that starts the run. Leave it out here.";
      const issue = { path: `blockOverrides.${id}.version`, message };
      throw new RequestError("INVALID_REQUEST", `${issue.path}: ${message}`, [issue]);
    }
    if (kind === "code" && !runsCode)
      throw new EngineError("NOT_IMPLEMENTED", `Step "${id}" is of type code, and this server runs none.`);
    const reason = kind === "llm" ? models.unavailable(node.model) : undefined;
    if (reason === undefined) continue;
    const overrides = blockOverrides[id];
    if (!isObject(overrides) || overrides["model"] === undefined)
      throw new EngineError("INVALID_TREE", `Step "${id}": ${reason}`);
    const issue = { path: `blockOverrides.${id}.model`, message: reason };
    throw new RequestError("INVALID_REQUEST", `${issue.path}: ${reason}`, [issue]);
  }
}
