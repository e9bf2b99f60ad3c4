/** An answer that is not a success, in the contract's form. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: { readonly executionId?: string; readonly stepId?: string };

  constructor(
    status: number,
    code: string,
    { message, ...details }: { readonly message: string; readonly executionId?: string; readonly stepId?: string },
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }

  /** In the envelope of the API of executions. */
  toExecutionResponse(requestId: string): Response {
    const error = { code: this.code, message: this.message };
    return Response.json({ error, request_id: requestId }, { status: this.status });
  }

  toResponse(): Response {
    const { executionId } = this.details;
    const detail = { code: this.code, message: this.message, ...this.details };
    return Response.json(
      { detail },
      {
        status: this.status,
        headers: {
          ...(executionId !== undefined && { "x-noukai-execution-id": executionId }),
          // Only the failure of a run names the step: asking again would run it again.
          ...(this.details.stepId !== undefined && { "x-should-retry": "false" }),
        },
      },
    );
  }
}

/** The answer for a run that is not there. */
export function noSuchRun(): Refusal {
  return new Refusal(404, "RUN_NOT_FOUND", { message: "There is no such run here. Is the id right?" });
}
