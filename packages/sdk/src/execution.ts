import type { CallScope, Fetch } from "@noukai/core";
import type {
  ExecuteCompletedResponse,
  ExecutePausedResponse,
  ExecuteRequest,
  ToolCallMessage,
} from "@noukai/core/schema";
import { cancelOnAbort } from "./cancel.ts";
import type { ClientContext } from "./context.ts";
import { readAnswer } from "./execute-answer.ts";
import { postExecute } from "./execute-route.ts";
import { leadingBack, mayStillWait, openPause, type WayBack } from "./open-pause.ts";
import {
  type OpenPause,
  type Pause,
  type PausedCall,
  resumeBody,
  resumeKey,
  type ResumeOptions,
  toToolRequest,
} from "./pause.ts";
import { flowOperation } from "./routes.ts";
import { ExecuteResult, type PausedResult } from "./streaming.ts";
import type { ToolAnswers, ToolRounds } from "./tools/tool-handler.ts";
import { toolRounds } from "./tools/tool-rounds.ts";
import type { CallTools } from "./tools/wire-tools.ts";
import type { FlowSchemas } from "./typed-flow/flow-schemas.ts";
import { readOutput } from "./typed-flow/typed-calls.ts";

type Answer = ExecuteCompletedResponse | ExecutePausedResponse;

/** What a call shares with the resumes of its pauses. */
export interface Course<Output> {
  readonly context: ClientContext;
  readonly call: PausedCall;
  readonly tools: CallTools;
  readonly schemas: FlowSchemas;
  /** The call's own; a resume may have another. */
  readonly timeout: number | undefined;
  /** Makes the requests where a session answers them. */
  readonly fetch: Fetch | undefined;
  readonly resume: (
    course: Course<Output>,
    pause: OpenPause,
    options: ResumeOptions,
  ) => Promise<ExecuteResult<Output> | PausedResult<Output>>;
}

export interface ExecutionOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeout?: number | undefined;
  /** Names the run while its id is unknown. */
  readonly idempotencyKey?: string;
  readonly executionId?: string;
}

/** One stretch of a run: a call or a resume, its requests and the rounds of tools between them, until the run ends or waits for somebody else. */
export class Execution<Output> {
  readonly #course: Course<Output>;
  readonly #operation: string;
  readonly #scope: CallScope;
  readonly #rounds: ToolRounds;
  readonly #idempotencyKey: string;
  #executionId: string | undefined;
  /** The pause that a resume began with: it says what was to be decided there. */
  #from: OpenPause | undefined;

  /** Throws `AbortError` when the signal has aborted already. */
  constructor(course: Course<Output>, { signal, timeout, idempotencyKey = "", executionId }: ExecutionOptions) {
    const { context, call, tools, fetch } = course;
    this.#course = course;
    this.#operation = flowOperation(call, "execute");
    this.#rounds = toolRounds(tools);
    this.#idempotencyKey = idempotencyKey;
    this.#executionId = executionId;
    this.#scope = context.openScope({ operation: this.#operation, signal, timeout, billed: "possibly" });
    cancelOnAbort(context, this.#scope, {
      flow: call.flow,
      idempotencyKey,
      executionId: () => this.#executionId,
      fetch,
    });
  }

  /** Makes the run. */
  begin(body: ExecuteRequest): Promise<ExecuteResult<Output> | PausedResult<Output>> {
    const { sessionId } = this.#course.call;
    return this.#follow(() => this.#post(body, { "idempotency-key": this.#idempotencyKey, "x-session-id": sessionId }));
  }

  /** Answers a pause with what the caller brings. */
  goOn(pause: OpenPause, given: ToolAnswers): Promise<ExecuteResult<Output> | PausedResult<Output>> {
    this.#from = pause;
    return this.#follow(async () => {
      this.#scope.noteRun(pause.executionId);
      const settled = this.#rounds.settle(toToolRequest(pause), given, this.#scope.signal);
      return this.#resume(pause, await this.#keeping(pause, settled));
    });
  }

  async #follow(start: () => Promise<Answer>): Promise<ExecuteResult<Output> | PausedResult<Output>> {
    try {
      let answer = await start();
      while (answer.status === "tool_calls_required") {
        this.#executionId = answer.executionId;
        this.#scope.noteRun(answer.executionId); // older servers' headers do not tell
        const answered = this.#rounds.answer(toToolRequest(answer), this.#scope.signal);
        const messages = await this.#keeping(answer, answered);
        if (messages === undefined) return this.#pausedAt(answer);
        answer = await this.#resume(answer, messages);
      }
      return await this.#completed(answer);
    } finally {
      this.#scope.close();
    }
  }

  #resume(pause: Pause, messages: readonly ToolCallMessage[]): Promise<Answer> {
    const { repeated, version } = this.#course.call;
    const body = resumeBody(pause, messages, repeated);
    return this.#keeping(pause, this.#post(body, { "idempotency-key": resumeKey(version, body) }), mayStillWait);
  }

  async #post(body: ExecuteRequest, headers: Readonly<Record<string, string | undefined>>): Promise<Answer> {
    const { context, call, fetch } = this.#course;
    const { data, response } = await context.transport.json(
      { scope: this.#scope, headers: { ...headers, "x-noukai-on-disconnect": "continue" }, fetch },
      postExecute(call, body),
    );
    return readAnswer(data, { operation: this.#operation, response });
  }

  #keeping<Value>(pause: Pause, work: Promise<Value>, isOpen?: WayBack["isOpen"]): Promise<Value> {
    const way = { signal: this.#scope.signal, pausedAt: () => this.#pausedAt(pause) };
    return leadingBack(work, { ...way, ...(isOpen && { isOpen }) });
  }

  #pausedAt(pause: Pause): PausedResult<Output> {
    const { pendingApprovals } = pause === this.#from ? this.#from : this.#rounds;
    return pausedExecution(this.#course, { ...pause, pendingApprovals });
  }

  async #completed(answer: ExecuteCompletedResponse): Promise<ExecuteResult<Output>> {
    const { schemas, call } = this.#course;
    const origin = { operation: this.#operation, executionId: answer.executionId };
    const result = (await readOutput(schemas, answer.result, origin)) as Output; // what the schemas say, or unknown
    return new ExecuteResult(answer, { result, sessionId: call.sessionId });
  }
}

/** A pause that `execute` met, as its caller gets it. */
export function pausedExecution<Output>(course: Course<Output>, pause: OpenPause): PausedResult<Output> {
  return openPause(pause, course.call, (paused, options) => course.resume(course, paused, options));
}
