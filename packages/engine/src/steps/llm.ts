import { RetryableError, StoppedAttemptError, TerminalError } from "../errors.ts";
import type { AttemptCost, Usage } from "../events.ts";
import type { CompiledLlm } from "../flow/compile.ts";
import type { JsonObject } from "../flow/definition.ts";
import type { ChatMessage, ModelRequest, ModelResponse, Models, ToolChoice } from "../models/model.ts";
import { render } from "../template.ts";
import type { AttemptContext, StepRunner } from "./step.ts";

/** One call of a model. Output: `{text}`, or the object that the step's `output` schema asks for; or a request for tools. */
export const llm: StepRunner<"llm"> = {
  kind: "llm",
  async run(step, context) {
    const response = await generate(modelRequest(step, context), context);
    const cost = attemptCost(response, context.models);
    const { toolCalls, text } = response;
    if (toolCalls.length > 0) return { kind: "toolCalls", toolCalls, text, ...cost };
    return { kind: "output", output: outputOf(step, response, cost), ...cost };
  },
};

/** Calls the model. A call that is stopped from outside is paid for as far as it came: providers bill what they have written. */
async function generate(request: ModelRequest, { models, onDelta }: AttemptContext): Promise<ModelResponse> {
  let written = 0;
  const counted = (text: string): void => {
    written += text.length;
    onDelta(text);
  };
  try {
    return await models.generate({ ...request, onDelta: counted });
  } catch (error) {
    if (!request.signal.aborted || error instanceof TerminalError || error instanceof RetryableError) throw error;
    const usage = estimateUsage(request, written);
    const { model } = request;
    // Options behind a model's name are the flow's, not the name of what answered.
    const modelUsed = model.replace(/\?.*$/, "");
    const costUsd = models.costUsd({ text: "", toolCalls: [], usage, modelUsed, model });
    throw new StoppedAttemptError(request.signal.reason, { modelUsed, tokens: usage, costUsd });
  }
}

/** About what a stopped call used; its provider never says. Source of the ratio: OpenAI's help, "What are tokens": about four characters each. */
function estimateUsage({ system = "", messages }: ModelRequest, writtenLength: number): Usage {
  const asked = messages.reduce((length, { content }) => length + content.length, system.length);
  const prompt = Math.ceil(asked / charactersPerToken);
  const completion = Math.ceil(writtenLength / charactersPerToken);
  return { prompt, completion, total: prompt + completion };
}

const charactersPerToken = 4;

function modelRequest({ node, system, prompt }: CompiledLlm, context: AttemptContext): ModelRequest {
  const { attempt, modelIndex, idempotencyKey, scope, signal, history, attachments, rounds, toolbox } = context;
  return {
    model: node.fallback?.[modelIndex - 1] ?? node.model,
    ...(system === undefined ? {} : { system: render(system, scope) }),
    messages: [
      ...history,
      { role: "user", content: render(prompt, scope), ...(attachments.length > 0 && { attachments }) },
      ...rounds,
    ],
    ...(node.temperature === undefined ? {} : { temperature: node.temperature }),
    ...(node.maxOutputTokens === undefined ? {} : { maxOutputTokens: node.maxOutputTokens }),
    ...(node.output === undefined ? {} : { outputSchema: node.output }),
    ...(toolbox !== undefined && { tools: toolbox.tools }),
    ...(toolbox?.toolChoice !== undefined && { toolChoice: choiceOf(toolbox.toolChoice, rounds) }),
    attempt,
    idempotencyKey,
    signal,
  };
}

/** A choice that forces a call holds for the first round: forced again, the model could never answer. */
function choiceOf(choice: ToolChoice, rounds: readonly ChatMessage[]): ToolChoice {
  return rounds.length === 0 || choice === "none" ? choice : "auto";
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
