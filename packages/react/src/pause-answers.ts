import {
  answerToolCall,
  type ExecutableTool,
  type PausedResult,
  type ToolAnswers,
  type ToolCall,
  type ToolCallsRequired,
  type ToolResult,
} from "@noukai/sdk";
import type { RunStoreOptions } from "./run-store.ts";

/**
 * Answers the pauses of a run that is only watched, as after a reload: the call that began it, and would have answered, is gone. Each pause is
 * answered once; the watch tells what comes of it. Loaded at the first such pause: most runs have none.
 */
export class PauseAnswers {
  readonly #options: Pick<RunStoreOptions<unknown>, "openRun" | "tools">;
  readonly #onFault: (error: unknown) => void;
  #pause: ToolCallsRequired | undefined;
  /** Aborts when the pause is over, whoever answered it, or when nobody watches any more. */
  #over = new AbortController();
  #isTaken = false;

  /** `onFault` is told why a pause stays unanswered that the tools should have answered. */
  constructor(options: Pick<RunStoreOptions<unknown>, "openRun" | "tools">, onFault: (error: unknown) => void) {
    this.#options = options;
    this.#onFault = onFault;
  }

  /** Answers what the run waits for by the tools on the page, once they can answer all of it. `undefined`: it waits for nothing here. */
  look(pause: ToolCallsRequired | undefined): void {
    if (pause !== this.#pause) this.#turnTo(pause);
    if (pause && !this.#isTaken) void this.#answerHere(pause);
  }

  /** Answers by hand; the tools on the page run what the answers leave open. Throws what `paused.resume()` throws; does nothing when the pause is over. */
  async resume(pause: ToolCallsRequired, answers: ToolAnswers): Promise<void> {
    this.#turnTo(pause);
    this.#isTaken = true;
    const { signal } = this.#over;
    try {
      await this.#send(pause, answers, signal);
    } catch (error) {
      if (!signal.aborted) throw error; // else it was answered meanwhile, or left
    }
  }

  #turnTo(pause: ToolCallsRequired | undefined): void {
    this.#over.abort(new Error("The run does not wait for this call any more."));
    this.#over = new AbortController();
    this.#pause = pause;
    this.#isTaken = false;
  }

  async #answerHere(pause: ToolCallsRequired): Promise<void> {
    const { signal } = this.#over;
    try {
      const tools = this.#tools();
      if (!pause.toolCalls.every((call) => tools.has(call.function.name))) return; // a later tool may complete them
      this.#isTaken = true;
      await this.#send(pause, {}, signal);
    } catch (error) {
      const { code } = error as { readonly code?: string }; // errors of the SDK have one
      // In another tab, say: the watch goes on behind its answer.
      if (signal.aborted || code === "ALREADY_RESUMED") return;
      this.#onFault(error);
      this.#isTaken = false; // nobody asks again while the fault is shown
    }
  }

  /** Resolves once the server has taken the answer. Nothing runs for a pause that was answered before. */
  async #send(pause: ToolCallsRequired, answers: ToolAnswers, signal: AbortSignal): Promise<void> {
    const paused = await this.#options.openRun(pause.executionId).pause({ signal });
    if (!isOf(paused, pause)) return; // the watch will tell
    const results = await this.#run(openCalls(paused, answers), { paused, signal });
    signal.throwIfAborted();
    // Without the signal: it would cancel the run. The rest is read to its end or next pause, and told by the watch.
    const resumed = paused.resume({ ...answers, toolResults: [...(answers.toolResults ?? []), ...results] });
    await taken(resumed, signal);
  }

  /** Has the page's tools run those of the calls that are theirs. */
  #run(
    calls: readonly ToolCall[],
    { paused: { executionId, pausedAtStep: stepId }, signal }: Waiting,
  ): Promise<readonly ToolResult[]> {
    const tools = this.#tools();
    const results = calls.flatMap((call) => {
      const tool = tools.get(call.function.name);
      return tool ? [answerToolCall(call, tool, { signal, executionId, stepId })] : [];
    });
    return Promise.all(results);
  }

  #tools(): ReadonlyMap<string, ExecutableTool> {
    return new Map(this.#options.tools()?.map((tool) => [tool.function.name, tool]));
  }
}

interface Waiting {
  readonly paused: PausedResult;
  readonly signal: AbortSignal;
}

/** Is it the pause that the event told of, and no later one? */
function isOf(paused: PausedResult | undefined, event: ToolCallsRequired): paused is PausedResult {
  return paused?.pausedAtStep === event.stepId && paused.iterationsUsed === event.iterationsUsed;
}

/** The calls that the answers do not speak of. */
function openCalls(
  { toolCalls }: PausedResult,
  { toolResults = [], approvals = {} }: ToolAnswers,
): readonly ToolCall[] {
  const answered = toolResults.map((result) => ("toolCallId" in result ? result.toolCallId : result.tool_call_id));
  return toolCalls.filter(({ id }) => !answered.includes(id) && !Object.hasOwn(approvals, id));
}

/**
 * Resolves when the run goes on: by what the resume comes to, or by what the watch saw before that. Throws what
 * kept the answer from being taken; what goes wrong behind it is the watch's to tell.
 */
function taken(resumed: Promise<unknown>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
    // What is billed ran behind the answer.
    const fail = (error: Error & { readonly billed?: string }): void =>
      error.billed === "yes" ? resolve() : reject(error);
    resumed.then(() => resolve(), fail);
  });
}
