import { TerminalError } from "../errors.ts";
import type { AttemptCost } from "../events.ts";
import type { CompiledLlm } from "../flow/compile.ts";
import type { JsonObject } from "../flow/definition.ts";
import type { ModelRequest, ModelResponse, Models } from "../models/model.ts";
import { render } from "../template.ts";
import type { AttemptContext, StepRunner } from "./step.ts";

/** One call of a model. Output: `{text}`, or the object that the step's `output` schema asks for. */
export const llm: StepRunner<"llm"> = {
  kind: "llm",
  async run(step, context) {
    const response = await context.models.generate(modelRequest(step, context));
    const cost = attemptCost(response, context.models);
    return { output: outputOf(step, response, cost), ...cost };
  },
};

function modelRequest({ node, system, prompt }: CompiledLlm, context: AttemptContext): ModelRequest {
  const { attempt, modelIndex, idempotencyKey, scope, signal, onDelta } = context;
  return {
    model: node.fallback?.[modelIndex - 1] ?? node.model,
    ...(system === undefined ? {} : { system: render(system, scope) }),
    messages: [{ role: "user", content: render(prompt, scope) }],
    ...(node.temperature === undefined ? {} : { temperature: node.temperature }),
    ...(node.maxOutputTokens === undefined ? {} : { maxOutputTokens: node.maxOutputTokens }),
    ...(node.output === undefined ? {} : { outputSchema: node.output }),
    attempt,
    idempotencyKey,
    signal,
    onDelta,
  };
}

function attemptCost(response: ModelResponse, models: Models): AttemptCost {
  return { modelUsed: response.modelUsed, tokens: response.usage, costUsd: models.costUsd(response) };
}

function outputOf({ id, output }: CompiledLlm, { text, object }: ModelResponse, cost: AttemptCost): JsonObject {
  if (output === undefined) return { text };
  if (object === undefined) {
    throw new TerminalError("OUTPUT_SCHEMA_MISMATCH", `Step "${id}": the model's answer is not a JSON object.`, {
      cost,
    });
  }
  const [issue] = output.validate(object);
  if (issue === undefined) return object;
  const place = issue.path === "" ? "the answer" : `\`${issue.path}\``;
  throw new TerminalError(
    "OUTPUT_SCHEMA_MISMATCH",
    `Step "${id}": ${place} does not fit the output schema: ${issue.message}`,
    { cost },
  );
}
