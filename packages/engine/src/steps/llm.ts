import { RepairableError, RetryableError, StoppedAttemptError, TerminalError } from "../errors.ts";
import type { AttemptCost } from "../events.ts";
import type { CompiledLlm } from "../flow/compile.ts";
import type { JsonObject } from "../flow/definition.ts";
import type { ChatMessage, ModelRequest, ModelResponse, Models, ToolChoice } from "../models/model.ts";
import { estimateUsage } from "../models/usage.ts";
import type { SchemaIssue } from "../schema.ts";
import { render } from "../template.ts";
import type { AttemptContext, StepRunner } from "./step.ts";

/** One call of a model. Output: `{text}`, or the object that the step's `output` schema asks for; or a request for tools. */
export const llm: StepRunner<"llm"> = {
  kind: "llm",
  async run(step, context) {
    const response = await generate(modelRequest(step, context), context);
    const cost = attemptCost(response, context.models);
    const { toolCalls, text, isRefused } = response;
    if (isRefused === true) throw new TerminalError("MODEL_PROVIDER_ERROR", refusal(response.modelUsed), { cost });
    if (toolCalls.length > 0) return { kind: "toolCalls", toolCalls, text, ...cost };
    const checked = check(step, response);
    if (checked.output === undefined) throw mismatch(step, { response, issues: checked.issues, cost, context });
    return { kind: "output", output: checked.output, ...cost };
  },
};

function refusal(model: string): string {
  return `${model}: the provider's content filter kept the answer back.`;
}

/** Calls the model. A call that breaks off is paid for as far as it came: providers bill what they have written, and tell nobody. */
async function generate(request: ModelRequest, { models, onDelta }: AttemptContext): Promise<ModelResponse> {
  let written = 0;
  const counted = (text: string): void => {
    written += text.length;
    onDelta(text);
  };
  try {
    return await models.generate({ ...request, onDelta: counted });
  } catch (error) {
    const isFromProvider =
      !request.signal.aborted && (error instanceof TerminalError || error instanceof RetryableError);
    // What failed before its first word was refused, and costs nothing.
    if (costIn(error) !== undefined || (isFromProvider && written === 0)) throw error;
    throw withCost(error, estimateCost(request, written, models), request.signal);
  }
}

function costIn(error: unknown): AttemptCost | undefined {
  return error instanceof TerminalError || error instanceof RetryableError ? error.cost : undefined;
}

/** `error`, or the reason for which the call was stopped, with what the call cost. */
function withCost(error: unknown, cost: AttemptCost, { aborted, reason }: AbortSignal): unknown {
  const cause: unknown = aborted ? reason : error;
  if (cause instanceof RetryableError)
    return new RetryableError(cause.code, cause.message, { retryAfterMs: cause.retryAfterMs, cost });
  if (cause instanceof TerminalError) return new TerminalError(cause.code, cause.message, { cost });
  return aborted ? new StoppedAttemptError(cause, cost) : cause;
}

function estimateCost(request: ModelRequest, writtenLength: number, models: Models): AttemptCost {
  const usage = estimateUsage(request, writtenLength);
  const { model } = request;
  // Options behind a model's name are the flow's, not the name of what answered.
  const modelUsed = model.replace(/\?.*$/, "");
  return { modelUsed, tokens: usage, costUsd: models.costUsd({ text: "", toolCalls: [], usage, modelUsed, model }) };
}

function modelRequest({ node, system, prompt }: CompiledLlm, context: AttemptContext): ModelRequest {
  const { attempt, modelIndex, idempotencyKey, scope, signal, history, attachments, rounds, repair, toolbox } = context;
  return {
    model: node.fallback?.[modelIndex - 1] ?? node.model,
    ...(system === undefined ? {} : { system: render(system, scope) }),
    messages: [
      ...history,
      { role: "user", content: render(prompt, scope), ...(attachments.length > 0 && { attachments }) },
      ...rounds,
      ...repair,
    ],
    ...(node.temperature === undefined ? {} : { temperature: node.temperature }),
    ...(node.maxOutputTokens === undefined ? {} : { maxOutputTokens: node.maxOutputTokens }),
    ...(node.output === undefined ? {} : { outputSchema: node.output }),
    ...(toolbox !== undefined && { tools: toolbox.tools }),
    ...choiceOf(context),
    attempt,
    idempotencyKey,
    signal,
  };
}

/**
 * A choice that forces a call holds for the first round: forced again, the model could never answer. A repair is of an answer, so no tool is
 * called in it; they are sent along, as some providers refuse a conversation with calls of tools that they do not know.
 */
function choiceOf({ toolbox, rounds, repair }: AttemptContext): { readonly toolChoice?: ToolChoice } {
  if (toolbox === undefined) return {};
  if (repair.length > 0) return { toolChoice: "none" };
  const { toolChoice } = toolbox;
  if (toolChoice === undefined) return {};
  return { toolChoice: rounds.length === 0 || toolChoice === "none" ? toolChoice : "auto" };
}

function attemptCost(response: ModelResponse, models: Models): AttemptCost {
  return { modelUsed: response.modelUsed, tokens: response.usage, costUsd: models.costUsd(response) };
}

type Checked =
  | { readonly output: JsonObject }
  | { readonly output?: undefined; readonly issues: readonly SchemaIssue[] };

function check({ output }: CompiledLlm, { text, object }: ModelResponse): Checked {
  if (output === undefined) return { output: { text } };
  if (object === undefined) return { issues: [{ path: "", message: "it is not a JSON object." }] };
  const issues = output.validate(object);
  return issues.length === 0 ? { output: object } : { issues };
}

interface Misfit {
  readonly response: ModelResponse;
  readonly issues: readonly SchemaIssue[];
  readonly cost: AttemptCost;
  readonly context: AttemptContext;
}

/** The first time the model is told, once, what is wrong with its answer; the second time the step's model has failed. */
function mismatch({ id }: CompiledLlm, { response, issues, cost, context }: Misfit): RepairableError | TerminalError {
  const shown = issues
    .slice(0, maxShownIssues)
    .map(({ path, message }) => `${path === "" ? "the answer: " : ""}${message}`);
  const message = `Step "${id}": the model's answer does not fit the output schema: ${shown.join(" ")}`;
  if (context.repair.length > 0) return new TerminalError("OUTPUT_SCHEMA_MISMATCH", message, { cost });
  return new RepairableError(message, { cost, repair: repairTurns(response, issues) });
}

/** Enough to see what is wrong; a list of twenty hides it. */
const maxShownIssues = 3;

function repairTurns({ text }: ModelResponse, issues: readonly SchemaIssue[]): readonly ChatMessage[] {
  const faults = issues.map(({ path, message }) => `- ${path === "" ? "The answer: " : ""}${message}`);
  return [
    // Some providers refuse an empty turn.
    { role: "assistant", content: text === "" ? "(no text)" : text },
    {
      role: "user",
      content: [
        "Your answer does not fit the JSON Schema that it must fit:",
        ...faults,
        "Answer again with the whole corrected JSON object and nothing else.",
      ].join("\n"),
    },
  ];
}
