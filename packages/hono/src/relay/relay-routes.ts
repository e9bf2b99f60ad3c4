import type {
  CancelAccepted,
  ExecuteRequest,
  JobAccepted,
  JobStatus,
  Pause,
  RunSummary,
  StepAttempts,
  StepRequest,
  StepTrace,
  Trace,
} from "@noukai/sdk";

/** The statuses of a refusal. */
type Refused = 400 | 401 | 402 | 403 | 404 | 405 | 408 | 409 | 413 | 415 | 422 | 429 | 500 | 501 | 502 | 503;

/** What a run that did not fail comes to. */
export type ExecuteAnswer =
  | { status: "completed"; result: unknown; flowId: string; blockCount: number; executionId: string }
  | ({ status: "tool_calls_required" } & Pause);

/** A route as `hc` reads it. */
interface Route<Input, Output, Status extends number> {
  input: Input;
  output: Output;
  outputFormat: "json";
  status: Status;
}

type Refusal<Input> = Route<Input, { detail: string }, Refused>;
type Json<Input, Output, Status extends number = 200> = Route<Input, Output, Status> | Refusal<Input>;
type Events<Input> =
  | { input: Input; output: ReadableStream<Uint8Array>; outputFormat: "body"; status: 200 }
  | Refusal<Input>;

type Path = "" | "/:flow";
type InFlow<Prefix extends Path> = Prefix extends "" ? unknown : { param: { flow: string } };
type InRun<Prefix extends Path> = InFlow<Prefix> & { param: { executionId: string } };
type InStep<Prefix extends Path> = InRun<Prefix> & {
  param: { stepId: string };
  query?: { attempt?: string; loop_index?: string };
};

/** What a relay's routes take and give, for `hc<typeof app>()`. */
export type RelayRoutes<Prefix extends Path> = {
  [Key in `${Prefix}/execute`]: { $post: Json<InFlow<Prefix> & { json: ExecuteRequest }, ExecuteAnswer> };
} & {
  [Key in `${Prefix}/step`]: { $post: Events<InFlow<Prefix> & { json: StepRequest }> };
} & {
  [Key in `${Prefix}/jobs`]: { $post: Json<InFlow<Prefix> & { json: ExecuteRequest }, JobAccepted, 202> };
} & {
  [Key in `${Prefix}/jobs/:executionId`]: { $get: Json<InRun<Prefix>, JobStatus> };
} & {
  [Key in `${Prefix}/jobs/:executionId/cancel` | `${Prefix}/runs/:executionId/cancel`]: {
    $post: Json<InRun<Prefix>, CancelAccepted, 202>;
  };
} & {
  [Key in `${Prefix}/runs/cancel`]: {
    $post: Json<InFlow<Prefix> & { json: { idempotencyKey: string } }, CancelAccepted, 202>;
  };
} & {
  [Key in `${Prefix}/runs/:executionId`]: { $get: Json<InRun<Prefix>, RunSummary> };
} & {
  [Key in `${Prefix}/runs/:executionId/trace`]: { $get: Json<InRun<Prefix>, Trace> };
} & {
  [Key in `${Prefix}/runs/:executionId/trace/stream`]: { $get: Events<InRun<Prefix>> };
} & {
  [Key in `${Prefix}/runs/:executionId/steps/:stepId/trace`]: {
    $get: Json<InStep<Prefix>, StepTrace | StepAttempts>;
  };
};
