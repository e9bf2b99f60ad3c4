import { AlreadyResumedError, type CallScope, type StreamAnswer } from "@noukai/core";
import type { StepRequest, ToolCallMessage } from "@noukai/core/schema";
import { leadingBack, mayStillWait, type WayBack } from "./open-pause.ts";
import { resumeKey } from "./pause.ts";
import { pausedStream } from "./stream-pause.ts";
import { EventStream, MAX_RETRIES, notePause, type PausedResult, postStep, setHidden } from "./streaming.ts";
import type { EventsCall } from "./events-call.ts";
import type { StepPaused, ToolCallsRequired } from "./events.ts";
import type { PauseEvent } from "./run-watch.ts";
import type { InputOverrides } from "./stream-options.ts";
import type { ToolAnswers, ToolRounds } from "./tools/tool-handler.ts";
import { toolRounds } from "./tools/tool-rounds.ts";

/** How a call goes on behind the pauses of its run: with the answers to tool calls, and in a stepwise call with the next step. */
export class CallSegments {
  readonly #call: EventsCall;
  readonly #rounds: ToolRounds;
  /** The answers that are given, or on their way; each pause takes one. */
  readonly #answers = new WeakMap<ToolCallsRequired, Promise<StreamAnswer | undefined>>();

  constructor(call: EventsCall) {
    this.#call = call;
    this.#rounds = toolRounds(call.given.options);
  }

  /** Finds out what a person must decide before the pause can be answered, and tells it with the event. */
  async ask(pause: ToolCallsRequired): Promise<void> {
    const { signal } = this.#call.reader!.scope!; // whose batch this pause ends
    setHidden(pause, { pendingApprovals: await this.#rounds.ask(pause, signal) });
  }

  /** The connection that goes on behind a pause whose reader asks for more; `undefined` when nobody answers. */
  async goOn(pause: PauseEvent, scope: CallScope, signal: AbortSignal): Promise<StreamAnswer | undefined> {
    if (pause.type === "step_paused") return this.#nextStep(pause, scope);
    return this.#answers.get(pause) ?? this.#keep(pause, this.#answerHere(pause, scope, signal));
  }

  /** What `event.resume` does: within the call while its reader waits for this, else as a call of its own. */
  async resume(pause: ToolCallsRequired, answers: ToolAnswers): Promise<EventStream | undefined> {
    if (this.#answers.has(pause)) throw alreadyResumed(pause);
    const { reader } = this.#call;
    const waiting = reader?.pause === pause ? reader.scope : undefined;
    const scope = waiting ?? this.#call.openScope();
    scope.noteRun(pause.executionId);
    try {
      const messages = this.#leadingBack(pause, this.#rounds.settle(pause, answers, scope.signal), scope.signal);
      const answer = messages.then((settled) => this.#postAnswer(scope, pause, settled));
      await this.#keep(pause, answer);
      if (waiting) return undefined;
      return new EventStream(this.#call.watch({ openScope: () => scope, open: () => answer }), pause.seq);
    } catch (error) {
      if (!waiting) scope.close();
      throw error;
    }
  }

  async #nextStep(pause: StepPaused, scope: CallScope): Promise<StreamAnswer | undefined> {
    const { given, outputs } = this.#call;
    const { inputOverrides } = given.options;
    if (!given.isStepwise) return undefined; // a server that pauses where it was not asked to
    const overrides =
      typeof inputOverrides === "function" ? await inputOverrides(pause) : this.#applicable(inputOverrides);
    return this.#post(scope, {
      stepIndex: pause.nextStepIndex,
      accumulatedOutputs: outputs,
      inputOverrides: { ...overrides },
    });
  }

  /** Of overrides that are given once and for all, those of steps that are done: servers refuse others. */
  #applicable(overrides: InputOverrides = {}): InputOverrides {
    const { outputs } = this.#call;
    return Object.fromEntries(Object.entries(overrides).filter(([stepId]) => Object.hasOwn(outputs, stepId)));
  }

  /** By the call's own tools and handler. */
  async #answerHere(
    pause: ToolCallsRequired,
    scope: CallScope,
    signal: AbortSignal,
  ): Promise<StreamAnswer | undefined> {
    const messages = await this.#leadingBack(pause, this.#rounds.answer(pause, signal), signal);
    if (messages) return this.#postAnswer(scope, pause, messages);
    setHidden(pause, { pendingApprovals: this.#rounds.pendingApprovals });
    notePause(pause, this.#pausedAt(pause));
    return undefined;
  }

  /** Keeps an answer as the pause's only one, unless it comes to nothing. */
  #keep(pause: ToolCallsRequired, answer: Promise<StreamAnswer | undefined>): Promise<StreamAnswer | undefined> {
    const forget = (): void => void this.#answers.delete(pause);
    answer.then((given) => given ?? forget(), forget);
    this.#answers.set(pause, answer);
    return answer;
  }

  #postAnswer(scope: CallScope, pause: ToolCallsRequired, messages: readonly ToolCallMessage[]): Promise<StreamAnswer> {
    const { stepIndex, iterationsUsed, accumulatedOutputs } = pause;
    const members = { stepIndex, iterationsUsed, accumulatedOutputs, toolCallMessages: [...messages] };
    return this.#leadingBack(pause, this.#post(scope, members), scope.signal, mayStillWait);
  }

  #leadingBack<Value>(
    pause: ToolCallsRequired,
    work: Promise<Value>,
    signal: AbortSignal,
    isOpen?: WayBack["isOpen"],
  ): Promise<Value> {
    return leadingBack(work, { signal, pausedAt: () => this.#pausedAt(pause), ...(isOpen && { isOpen }) });
  }

  #pausedAt(event: ToolCallsRequired): PausedResult {
    const { flowId, stepCount } = this.#call.started ?? { flowId: "", stepCount: 1 }; // an older server may not say
    const { seq = 0, stepIndex, stepId, ...pause } = event;
    const { pendingApprovals } = event;
    const waiting = { ...pause, pendingApprovals, flowId, blockCount: stepCount, pausedAtStep: stepId };
    return pausedStream(this.#call.given, waiting, { stepIndex, seq });
  }

  /** A later request for the run. It repeats neither the input nor the session, which the run keeps; its key, the same for an equal one, makes it safe to try again. */
  #post(scope: CallScope, members: StepRequest): Promise<StreamAnswer> {
    const { given, cursor, reader } = this.#call;
    const { context, target, call, isStepwise } = given;
    const { blockOverrides, tools, toolChoice, trace } = call.body;
    const carried = { blockOverrides, tools, toolChoice, trace, runRemaining: !isStepwise };
    // JSON leaves undefined members out.
    const body = { ...carried, ...members, executionId: cursor.executionId ?? null } as StepRequest;
    const key = resumeKey(target.version, body);
    const headers = { ...call.headers, "x-session-id": undefined, "idempotency-key": key };
    const { fetch } = call;
    const onRetry = reader?.onRetry ?? (() => {});
    return context.transport.stream(
      { scope, fetch, headers, maxRetries: MAX_RETRIES, onRetry },
      postStep(target, body),
    );
  }
}

function alreadyResumed({ executionId, stepId }: ToolCallsRequired): AlreadyResumedError {
  const message = `The tool calls of the step ${stepId} are answered already: a pause takes one answer.`;
  return new AlreadyResumedError(message, { code: "ALREADY_RESUMED", executionId });
}
