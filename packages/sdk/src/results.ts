import { errorFromRun, FlowExecutionError } from "@noukai/core";
import type {
  ExecuteCompletedResponse,
  ExecuteFailedResponse,
  ExecutePausedResponse,
  ExecuteResponse,
  ToolCall,
  ToolCallMessage,
} from "@noukai/core/schema";

/** What a finished run answered. */
export class ExecuteResult {
  /** Tells a result from a pause. */
  readonly requiresToolCalls = false;
  /** The run's id: what `noukai.run(…)` takes. */
  readonly executionId: string;
  readonly flowId: string;
  /** How many top-level steps the flow has. */
  readonly blockCount: number;
  /** The last step's output. */
  readonly result: unknown;

  constructor(answer: ExecuteCompletedResponse) {
    this.executionId = answer.executionId;
    this.flowId = answer.flowId;
    this.blockCount = answer.blockCount;
    this.result = answer.result;
  }

  /** Another name for `result`. */
  get output(): unknown {
    return this.result;
  }
}

/** A run that waits for the results of `toolCalls`. It holds nothing on the server meanwhile, and may wait for days. */
export class PausedResult {
  /** Tells a pause from a result. */
  readonly requiresToolCalls = true;
  readonly executionId: string;
  readonly flowId: string;
  /** How many top-level steps the flow has. */
  readonly blockCount: number;
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

  constructor(answer: ExecutePausedResponse) {
    this.executionId = answer.executionId;
    this.flowId = answer.flowId;
    this.blockCount = answer.blockCount;
    this.pausedAtStep = answer.pausedAtStep;
    this.iterationsUsed = answer.iterationsUsed;
    this.toolCalls = answer.toolCalls;
    this.toolCallMessages = answer.toolCallMessages;
    this.accumulatedOutputs = answer.accumulatedOutputs;
  }
}

export interface AnswerOrigin {
  readonly operation: string;
  readonly response: Response;
}

/** Reads an execute's answer. Throws the run's error when it says `failed` with status 200, as older servers do. */
export function readAnswer(
  answer: ExecuteResponse,
  { operation, response }: AnswerOrigin,
): ExecuteResult | PausedResult {
  const about = {
    statusCode: response.status,
    requestId: response.headers.get("x-request-id") ?? undefined,
    responseBody: answer,
  };
  switch (answer?.status) {
    case "completed":
      return new ExecuteResult(answer);
    case "tool_calls_required":
      return new PausedResult(answer);
    case "failed":
      throw errorFromRun({ ...about, operation, ...failureOf(answer), executionId: answer.executionId });
    default:
      throw new FlowExecutionError(
        `${operation}: ${response.status}, with an answer that is no run's. Does \`baseUrl\` lead to the API?`,
        {
          ...about,
          code: "UNEXPECTED_ANSWER",
          billed: "possibly",
        },
      );
  }
}

/** Older servers tell the reason as text, or as `{code, message}`. */
function failureOf({ error }: ExecuteFailedResponse): {
  readonly code: string | undefined;
  readonly message: string | undefined;
} {
  const { code, message } = (typeof error === "object" && error !== null ? error : { message: error }) as Record<
    string,
    unknown
  >; // either way a record
  return {
    code: typeof code === "string" ? code : undefined,
    message: typeof message === "string" ? message : undefined,
  };
}
