import type { StepCompleted, StepProgress, StreamEvent } from "./events.ts";
import { describeOutput } from "./telemetry-content.ts";
import { contextOf, ERROR, INTERNAL, type TelemetrySpan, type TelemetryTracer } from "./telemetry-tracer.ts";

export interface RunSpansOptions {
  readonly tracer: TelemetryTracer;
  /** The operation's own. */
  readonly span: TelemetrySpan;
  readonly captureContent: boolean;
  /** The call's `blockOverrides`: they may say which model was asked for. */
  readonly overrides: unknown;
}

/** What providers are called in the conventions, where that is not our name for them. */
const PROVIDERS: Readonly<Record<string, string>> = {
  google: "gcp.gemini",
  bedrock: "aws.bedrock",
  mistral: "mistral_ai",
};

/** The figures of a step or a run, under whichever names an event has them. */
interface Figures {
  readonly tokens?: { readonly prompt: number; readonly completion: number } | null | undefined;
  readonly costUsd?: string | null | undefined;
}

/** The spans of one run's steps, made from its events: the top-level ones below the operation, those inside a container below it. */
export class RunSpans {
  readonly #options: RunSpansOptions;
  readonly #open = new Map<string, TelemetrySpan>();

  constructor(options: RunSpansOptions) {
    this.#options = options;
  }

  take(event: StreamEvent): void {
    const { span, captureContent } = this.#options;
    if (!span.isRecording()) return;
    switch (event.type) {
      case "step_started":
        this.#start(event.stepId, event, span);
        break;
      case "step_completed":
        this.#complete(event.stepId, event);
        break;
      case "step_progress":
        this.#progress(event);
        break;
      case "step_retrying":
        this.#open.get(keyOf(event))?.setAttribute("noukai.step.attempt", event.attempt);
        break;
      case "step_error":
        this.#fail(event.stepId, event.error);
        span.setAttribute("error.type", event.error.code);
        span.setStatus({ code: ERROR, message: event.error.message });
        break;
      case "tool_calls_required":
        span.setAttribute("noukai.requires_tool_calls", true);
        break;
      case "flow_completed":
        setFigures(span, event.summary);
        if (captureContent) setContent(span, event.result);
        break;
      default:
    }
  }

  /** Ends what is open still: steps whose end was not seen. */
  end(): void {
    for (const span of [...this.#open.values()].toReversed()) span.end();
    this.#open.clear();
  }

  #start(key: string, step: { readonly stepId: string; readonly name?: string }, parent: TelemetrySpan): void {
    this.#open.get(key)?.end(); // a segment that is told again
    const attributes = { "noukai.step_id": step.stepId, "noukai.step.name": step.name ?? step.stepId };
    const span = this.#options.tracer.startSpan(
      `step ${step.stepId}`,
      { kind: INTERNAL, attributes },
      contextOf(parent),
    );
    this.#open.set(key, span);
  }

  #complete(key: string, event: StepCompleted | StepProgress): void {
    const span = this.#open.get(key);
    if (!span) return;
    setFigures(span, event);
    if (event.type === "step_completed" && event.modelUsed) this.#nameModel(span, event.stepId, event.modelUsed);
    if (this.#options.captureContent) setContent(span, event.output);
    this.#close(key, span);
  }

  #progress(event: StepProgress): void {
    const { phase, loopIndex, attempt, error } = event;
    const key = keyOf(event);
    if (phase === "started") {
      this.#start(key, event, this.#containerOf(event));
      const span = this.#open.get(key);
      span?.setAttribute("noukai.step.attempt", attempt);
      if (loopIndex !== null) span?.setAttribute("noukai.step.loop_index", loopIndex);
    } else if (phase === "completed") this.#complete(key, event);
    else if (phase === "failed") this.#fail(key, error);
  }

  #fail(key: string, error: { readonly code: string; readonly message: string } | undefined): void {
    const span = this.#open.get(key);
    if (!span) return;
    span.setAttribute("error.type", error?.code ?? "_OTHER");
    span.setStatus({ code: ERROR, ...(error && { message: error.message }) });
    this.#close(key, span);
  }

  #close(key: string, span: TelemetrySpan): void {
    span.end();
    this.#open.delete(key);
  }

  /** A loop stands one pass further out than what it repeats; any other container in the same. */
  #containerOf({ parentStepId, loopPath }: StepProgress): TelemetrySpan {
    const inSamePass = this.#open.get(keyOf({ stepId: parentStepId, loopPath }));
    const around = this.#open.get(keyOf({ stepId: parentStepId, loopPath: loopPath.slice(0, -1) }));
    return inSamePass ?? around ?? this.#options.span;
  }

  /** `model` is the one that answered, after fallbacks; which one was asked for is known only of a step that the call overrode. */
  #nameModel(span: TelemetrySpan, stepId: string, model: string): void {
    const [provider = "", ...rest] = model.split("/");
    const overridden = (this.#options.overrides as Record<string, { model?: unknown }> | undefined)?.[stepId]?.model; // as `ExecuteOptions` has it
    const asked = typeof overridden === "string" ? overridden.slice(overridden.indexOf("/") + 1) : rest.join("/");
    span.updateName(`chat ${asked}`);
    span.setAttribute("gen_ai.operation.name", "chat");
    span.setAttribute("gen_ai.provider.name", PROVIDERS[provider] ?? provider);
    span.setAttribute("gen_ai.request.model", asked);
    span.setAttribute("gen_ai.response.model", rest.join("/"));
  }
}

/** Steps are told apart by id, and inside loops by the pass. */
function keyOf({ stepId, loopPath }: { readonly stepId: string; readonly loopPath: readonly number[] }): string {
  return loopPath.length > 0 ? `${stepId} ${loopPath.join()}` : stepId;
}

function setFigures(span: TelemetrySpan, { tokens, costUsd }: Figures): void {
  // A step that called no model has zeros or null: it used nothing, which is not the same as a usage of zero.
  if (tokens && tokens.prompt + tokens.completion > 0) {
    span.setAttribute("gen_ai.usage.input_tokens", tokens.prompt);
    span.setAttribute("gen_ai.usage.output_tokens", tokens.completion);
    if (costUsd) span.setAttribute("noukai.cost_usd", costUsd);
  }
}

function setContent(span: TelemetrySpan, output: unknown): void {
  for (const [key, value] of Object.entries(describeOutput(output))) span.setAttribute(key, value);
}
