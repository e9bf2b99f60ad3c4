import { type Billed, FlowExecutionError } from "@noukai/core";

export interface AnswerContext {
  /** What was asked for. */
  readonly operation: string;
  readonly response: Response;
  readonly body: unknown;
  readonly billed: Billed;
}

/** The answer is a success and JSON, and no job's. */
export function unexpectedAnswer({ operation, response, body, billed }: AnswerContext): FlowExecutionError {
  const message = `${operation}: ${response.status}, with an answer that is no job's. Does \`baseUrl\` lead to the API?`;
  return new FlowExecutionError(message, {
    statusCode: response.status,
    code: "UNEXPECTED_ANSWER",
    requestId: response.headers.get("x-request-id") ?? undefined,
    responseBody: body,
    billed,
  });
}
