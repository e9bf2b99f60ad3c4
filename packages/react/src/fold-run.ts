import type {
  StepCompleted,
  StepOutput,
  StepProgress,
  StepRetrying,
  StreamEvent,
  ToolCallsRequired,
} from "@noukai/sdk";
import { type RunState, type StepText, textKey } from "./run-state.ts";
import { begun, type InnerStepState, type StepState } from "./step-state.ts";

/**
 * The state after these events. Pure: events that were folded before change nothing, pieces of text are put where their offset says, and how
 * the events are split into calls makes no difference. What did not change keeps its identity.
 */
export function foldRun<Output>(state: RunState<Output>, events: readonly StreamEvent<Output>[]): RunState<Output> {
  const fold = new Fold(state);
  for (const event of events) fold.take(event);
  return fold.result();
}

const NO_TEXT: StepText = { attempt: 1, text: "", spoken: 0, isWhole: false };

type Changes<Output> = { -readonly [Member in keyof RunState<Output>]?: RunState<Output>[Member] };

/** One call's worth of changes: lists are copied once, however many events there are. */
class Fold<Output> {
  readonly #before: RunState<Output>;
  readonly #changes: Changes<Output> = {};
  readonly #logged: StreamEvent<Output>[] = [];
  #lastSeq: number;
  #steps: readonly StepState[];
  #texts: Readonly<Record<string, StepText>>;
  /** Lists that this call has made and may change. */
  readonly #own = new WeakSet<readonly InnerStepState[]>();

  constructor(before: RunState<Output>) {
    this.#before = before;
    this.#lastSeq = before.lastSeq;
    this.#steps = before.steps;
    this.#texts = before.texts;
  }

  take(event: StreamEvent<Output>): void {
    if (event.type === "step_output") return this.#write(event);
    if (event.type === "step_progress" && event.phase === "output") return this.#write(event);
    const { seq } = event;
    if (seq === undefined && event.type === "run_started" && this.#isKnown) return; // the copy that opens a segment
    if (seq !== undefined) {
      if (seq <= this.#lastSeq) return;
      this.#lastSeq = seq;
    }
    this.#logged.push(event);
    this.#apply(event);
  }

  result(): RunState<Output> {
    const before = this.#before;
    const steps = this.#steps;
    const texts = this.#texts;
    if (this.#logged.length === 0 && texts === before.texts) return before;
    return {
      ...before,
      ...this.#changes,
      lastSeq: this.#lastSeq,
      events: this.#logged.length > 0 ? [...before.events, ...this.#logged] : before.events,
      steps,
      texts,
      text: texts === before.texts ? before.text : steps.map(({ id }) => texts[id]?.text ?? "").join(""),
    };
  }

  get #isKnown(): boolean {
    return this.#lastSeq > 0 || this.#logged.length > 0 || this.#before.events.length > 0;
  }

  #apply(event: StreamEvent<Output>): void {
    const changes = this.#changes;
    switch (event.type) {
      case "run_started":
        changes.executionId = event.executionId;
        changes.stepCount = event.stepCount;
        changes.status = "running";
        return;
      case "step_started":
        changes.status = "running";
        return this.#begin(event);
      case "step_completed":
        return this.#complete(event);
      case "step_progress":
        return this.#progress(event);
      case "step_retrying":
        return this.#retry(event);
      case "tool_calls_required":
        changes.status = "paused";
        changes.pause = event;
        this.#keepSpoken(event);
        return this.#change(event.stepId, { status: "waiting" });
      case "step_resumed":
        changes.status = "running";
        changes.error = undefined;
        changes.pause = undefined;
        return this.#change(event.stepId, { status: "running" });
      case "step_paused":
        changes.status = "paused";
        return;
      case "step_error":
        changes.status = event.error.code === "CANCELLED" ? "cancelled" : "failed";
        changes.error = event.error;
        changes.pause = undefined;
        return this.#change(event.stepId, { status: "failed", error: event.error });
      case "flow_completed":
        changes.status = "completed";
        changes.data = event.result;
        changes.summary = event.summary;
        changes.error = undefined;
        changes.pause = undefined;
        return;
      default: // inputs, ends of loops, and what a newer server tells: `events` has them
    }
  }

  #begin({ stepId, name, stepIndex }: StreamEvent & { readonly type: "step_started" }): void {
    const steps = this.#ownSteps();
    const step: StepState = { ...begun(stepId, name), index: stepIndex, inner: [] };
    const known = steps.findLastIndex(({ id }) => id === stepId);
    steps[known === -1 ? steps.length : known] = step;
  }

  #complete(event: StepCompleted): void {
    const { stepId, output, durationMs, tokens, costUsd, modelUsed } = event;
    this.#change(stepId, { status: "completed", output, durationMs, tokens, costUsd, error: undefined });
    const isWritten = modelUsed === undefined ? tokens?.total > 0 : modelUsed !== null;
    if (isWritten) this.#settleText(stepId, output);
  }

  #progress(event: StepProgress): void {
    const { stepId, parentStepId, name, loopPath, attempt, phase } = event;
    if (phase === "started") {
      const inner: InnerStepState = { ...begun(stepId, name ?? stepId), parentId: parentStepId, loopPath, attempt };
      // A first attempt is new: nothing has to be looked for, in loops of thousands of items.
      return attempt === 1 ? this.#setInner(-1, inner) : this.#changeInner(stepId, loopPath, () => inner);
    }
    const { output, durationMs, tokens, error } = event;
    const costUsd = event.costUsd ?? undefined;
    const status = phase === "failed" ? "failed" : "completed";
    const ended = { status, attempt, output, durationMs, tokens: tokens ?? undefined, costUsd, error } as const;
    this.#changeInner(stepId, loopPath, (step) => ({
      ...(step ?? { ...begun(stepId, name ?? stepId), parentId: parentStepId, loopPath }),
      ...ended,
    }));
    if (phase === "completed" && tokens) this.#settleText(textKey(stepId, loopPath), output);
  }

  /** What the failed attempt wrote is void. */
  #retry({ stepId, loopPath, attempt }: StepRetrying): void {
    this.#ownTexts()[textKey(stepId, loopPath)] = { ...NO_TEXT, attempt };
    const isTop = this.#steps.some(({ id }) => id === stepId);
    if (isTop) return this.#change(stepId, { attempt, status: "running" });
    this.#changeInner(stepId, loopPath, (step) => step && { ...step, attempt, status: "running" });
  }

  #write({ stepId, loopPath, attempt, offset = 0, outputData }: StepOutput | StepProgress): void {
    const delta = outputData?.["delta"];
    if (typeof delta !== "string") return;
    const key = textKey(stepId, loopPath);
    const known = this.#texts[key];
    if (known && (known.attempt > attempt || known.isWhole)) return;
    const { text, spoken } = known?.attempt === attempt ? known : NO_TEXT;
    if (offset + delta.length <= text.length) return;
    this.#ownTexts()[key] = { attempt, text: text.slice(0, offset) + delta, spoken, isWhole: false };
  }

  /** What the model has said ahead of its tool calls stands in their exchange: a reader who comes later has not seen it written. */
  #keepSpoken({ stepId, toolCallMessages }: ToolCallsRequired<Output>): void {
    const known = this.#texts[stepId] ?? NO_TEXT;
    const said = toolCallMessages.map(({ role, content }) => (role === "assistant" ? content : ""));
    const whole = said.filter((content) => typeof content === "string").join("");
    const text = whole.length > known.text.length ? whole : known.text;
    this.#ownTexts()[stepId] = { ...known, text, spoken: text.length };
  }

  /** The output of a finished step is what counts, behind what was said ahead of its tool calls. */
  #settleText(key: string, output: unknown): void {
    const whole = writtenText(output);
    const known = this.#texts[key] ?? NO_TEXT;
    const text = whole === undefined ? known.text : known.text.slice(0, known.spoken) + whole;
    this.#ownTexts()[key] = { ...known, text, isWhole: true };
  }

  #change(stepId: string, changes: Partial<StepState>): void {
    const index = this.#steps.findLastIndex(({ id }) => id === stepId);
    const step = this.#steps[index];
    if (step) this.#ownSteps()[index] = { ...step, ...changes };
  }

  /** Steps inside containers belong to the top-level step under way, which is the last. Those at work are near the end of their list. */
  #changeInner(
    stepId: string,
    loopPath: readonly number[],
    change: (step: InnerStepState | undefined) => InnerStepState | undefined,
  ): void {
    const inner = this.#steps.at(-1)?.inner ?? [];
    const pass = loopPath.join();
    const at = inner.findLastIndex((step) => step.id === stepId && step.loopPath.join() === pass);
    const changed = change(inner[at]);
    if (changed) this.#setInner(at, changed);
  }

  /** `at` is its place in the list, -1 for a new one. */
  #setInner(at: number, step: InnerStepState): void {
    const top = this.#steps.at(-1);
    if (!top) return;
    const inner = this.#own.has(top.inner) ? (top.inner as InnerStepState[]) : [...top.inner]; // made by this call
    this.#own.add(inner);
    inner[at === -1 ? inner.length : at] = step;
    const steps = this.#ownSteps();
    steps[steps.length - 1] = { ...top, inner };
  }

  #ownSteps(): StepState[] {
    if (this.#steps === this.#before.steps) this.#steps = [...this.#before.steps];
    return this.#steps as StepState[]; // this call has made it
  }

  #ownTexts(): Record<string, StepText> {
    if (this.#texts === this.#before.texts) this.#texts = { ...this.#before.texts };
    return this.#texts;
  }
}

/** The text of an llm step's output: without a schema `{text}`, with one the output's JSON. `undefined` when the output is no longer kept. */
function writtenText(output: unknown): string | undefined {
  if (typeof output !== "object" || output === null) return undefined;
  return "text" in output && typeof output.text === "string" ? output.text : JSON.stringify(output);
}
