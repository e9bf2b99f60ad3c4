import { errorFromRun, FlowExecutionError } from "@noukai/core";
import type {
  ExecuteCompletedResponse,
  ExecuteFailedResponse,
  ExecutePausedResponse,
  ExecuteResponse,
} from "@noukai/core/schema";
import type { Pause } from "./pause.ts";

export interface AnswerOrigin {
  readonly operation: string;
  readonly response: Response;
}

/** Reads an execute's answer. Throws the run's error when it says `failed` with status 200, as older servers do. */
export function readAnswer(
  answer: ExecuteResponse,
  { operation, response }: AnswerOrigin,
): ExecuteCompletedResponse | ExecutePausedResponse {
  const about = {
    statusCode: response.status,
    requestId: response.headers.get("x-request-id") ?? undefined,
    responseBody: answer,
  };
  if (answer?.status === "completed") return answer;
  if (answer?.status === "tool_calls_required" && isPause(answer)) return answer;
  if (answer?.status === "failed") {
    throw errorFromRun({ ...about, operation, ...failureOf(answer), executionId: answer.executionId });
  }
  const message = `${operation}: ${response.status}, with an answer that is no run's. Does \`baseUrl\` lead to the API?`;
  throw new FlowExecutionError(message, { ...about, code: "UNEXPECTED_ANSWER", billed: "possibly" });
}

/** Is there what a resume is made of? */
function isPause({ executionId, toolCalls, toolCallMessages }: Partial<Pause>): boolean {
  return typeof executionId === "string" && Array.isArray(toolCalls) && Array.isArray(toolCallMessages);
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
