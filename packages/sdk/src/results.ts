import type { ExecuteCompletedResponse, ToolCall, ToolCallMessage } from "@noukai/core/schema";
import type { OpenPause, Pause, ResumeOptions } from "./pause.ts";
import type { PauseJson } from "./pause-json.ts";
import type { PendingApproval } from "./tools/approvals.ts";

/** What a finished run answered. */
export class ExecuteResult<Output = unknown> {
  /** Tells a result from a pause. */
  readonly requiresToolCalls = false;
  readonly status = "completed";
  /** The run's id: what `noukai.run(…)` takes. */
  readonly executionId: string;
  /** The flow's UUID: what `noukai.runs.list({ flowId })` takes. */
  readonly flowId: string;
  /** How many top-level steps the flow has. */
  readonly blockCount: number;
  /** The session that the run is recorded in; `undefined` without one. */
  readonly sessionId: string | undefined;
  /** The last step's output. */
  readonly result: Output;

  /** Obtained from `flow.execute(…)` and `paused.resume(…)`. */
  constructor(
    answer: Pick<ExecuteCompletedResponse, "executionId" | "flowId" | "blockCount">,
    { result, sessionId }: { readonly result: Output; readonly sessionId: string | undefined },
  ) {
    this.executionId = answer.executionId;
    this.flowId = answer.flowId;
    this.blockCount = answer.blockCount;
    this.sessionId = sessionId;
    this.result = result;
  }

  /** Another name for `result`. */
  get output(): Output {
    return this.result;
  }
}

/** What a pause belongs to. */
export interface PauseOrigin<Output> {
  readonly sessionId: string | undefined;
  readonly pendingApprovals: readonly PendingApproval[];
  readonly resume: (pause: OpenPause, options: ResumeOptions) => Promise<ExecuteResult<Output> | PausedResult<Output>>;
  readonly toJson: (pause: OpenPause) => PauseJson;
}

/** A run that waits for the results of `toolCalls`. It holds nothing on the server meanwhile, and may wait for days. */
export class PausedResult<Output = unknown> implements OpenPause {
  /** Tells a pause from a result. */
  readonly requiresToolCalls = true;
  readonly status = "tool_calls_required";
  readonly executionId: string;
  readonly flowId: string;
  /** How many top-level steps the flow has. */
  readonly blockCount: number;
  /** The session that the run is recorded in; `undefined` without one. */
  readonly sessionId: string | undefined;
  /** The id of the step that asks. */
  readonly pausedAtStep: string;
  /** Rounds of tool calls so far, this one included. */
  readonly iterationsUsed: number;
  /** What the model wants called; `function.arguments` is JSON text. */
  readonly toolCalls: readonly ToolCall[];
  /** The exchange so far. Opaque: a resume sends it back unchanged. */
  readonly toolCallMessages: readonly ToolCallMessage[];
  /** Step id → output of the steps that are done. */
  readonly accumulatedOutputs: Readonly<Record<string, unknown>>;
  /** Those of `toolCalls` that a person must decide on before any of them runs. Empty when only results are waited for. */
  readonly pendingApprovals: readonly PendingApproval[];
  readonly #origin: PauseOrigin<Output>;

  /** Obtained from `flow.execute(…)` and `noukai.resume(…)`. */
  constructor(answer: Pause, origin: PauseOrigin<Output>) {
    this.executionId = answer.executionId;
    this.flowId = answer.flowId;
    this.blockCount = answer.blockCount;
    this.sessionId = origin.sessionId;
    this.pausedAtStep = answer.pausedAtStep;
    this.iterationsUsed = answer.iterationsUsed;
    this.toolCalls = answer.toolCalls;
    this.toolCallMessages = answer.toolCallMessages;
    this.accumulatedOutputs = answer.accumulatedOutputs;
    this.pendingApprovals = origin.pendingApprovals;
    this.#origin = origin;
  }

  /**
   * Goes on with the run: with one result for each call, or with decisions on `pendingApprovals`; then the call's own tools and handler answer
   * what follows, as in `execute`. Throws `ValueError`, before any request, that names the calls without a result and those that nobody asked
   * for; `AlreadyResumedError` when another resume with other results was first. The same resume may be made again: it gives the same answer,
   * and what has run for it in this program does not run twice.
   */
  resume(options: ResumeOptions = {}): Promise<ExecuteResult<Output> | PausedResult<Output>> {
    return this.#origin.resume(this, options);
  }

  /**
   * The pause as plain data, for `JSON.stringify(paused)` and `noukai.resume(json, …)` in another process. It holds what the run was called
   * with and what its steps gave, no key and no functions. Whoever can change it decides what tools are called with: keep it on your side.
   */
  toJSON(): PauseJson {
    return this.#origin.toJson(this);
  }
}
