import { ValueError } from "@noukai/core";
import type { JobRequest } from "@noukai/core/schema";
import type { ClientContext } from "../context.ts";
import { show } from "../identifiers.ts";
import { checkOptions } from "../option-checks.ts";
import { checkNames, JOB_OPTIONS } from "../option-names.ts";
import { type ExecuteOptions, type FlowCall, prepareCall } from "../options.ts";

/** What needs somebody to ask while the flow runs, or what a queue does not keep. */
type Forbidden = "tools" | "toolChoice" | "toolHandler" | "maxToolRounds" | "toolConcurrency" | "attachments";

/** What a job is submitted with. */
export type ExecuteAsyncOptions<Input = Readonly<Record<string, unknown>>> = Pick<
  ExecuteOptions<Input>,
  | "message"
  | "messages"
  | "parameters"
  | "blockOverrides"
  | "trace"
  | "version"
  | "sessionId"
  | "session"
  | "idempotencyKey"
> & {
  /** A whole number, higher runs sooner. Default 0. */
  readonly priority?: number | undefined;
  /** The earliest moment to start, by the server's clock; text is ISO 8601. Default: now. */
  readonly startAfter?: Date | string | undefined;
  /** An https address that is told of the job's end, signed, until it answers with 2xx: at least once. */
  readonly webhookUrl?: string | undefined;
  /** Milliseconds for submitting the job, not for its run. Default: the client's `timeout`. */
  readonly timeout?: number | undefined;
  /** Aborts the submission and cancels the run, if there is one already. Once the job is submitted it does nothing: see `job.cancel()`. */
  readonly signal?: AbortSignal | undefined;
} & { readonly [Name in Forbidden]?: never };

const FORBIDDEN: readonly Forbidden[] = [
  "tools",
  "toolChoice",
  "toolHandler",
  "maxToolRounds",
  "toolConcurrency",
  "attachments",
];

/** A submission made ready. */
export interface JobCall extends Omit<FlowCall, "body"> {
  readonly body: JobRequest;
}

/** Throws `ValueError` for options that a job cannot have, before anything is sent. */
export function checkJobOptions(options: object): void {
  checkNames(options, JOB_OPTIONS);
  const given = FORBIDDEN.filter((name) => (options as Record<string, unknown>)[name] !== undefined); // untyped callers may give them
  if (given.length === 0) return;
  throw new ValueError(
    `\`executeAsync()\` does not take ${given.map((name) => `\`${name}\``).join(", ")}: a job has nobody to ask. Use \`execute()\` or \`events()\`.`,
  );
}

/** Parts the request's body from what steers the submission. Throws `ValueError` for options that cannot be. */
export function prepareJob(options: ExecuteAsyncOptions, context: ClientContext): JobCall {
  const { priority, startAfter, webhookUrl, ...rest } = options;
  if (priority !== undefined) checkPriority(priority);
  checkOptions(rest);
  const call = prepareCall(rest, context);
  const body = { ...call.body, priority, startAfter: startAfter && toTimestamp(startAfter), webhookUrl };
  return { ...call, body: body as JobRequest }; // JSON leaves undefined members out
}

function checkPriority(priority: number | null): void {
  if (priority === null || Number.isInteger(priority)) return; // null from untyped callers: "absent" to the server
  throw new ValueError(`\`priority\` is ${show(priority)}. Give a whole number.`);
}

function toTimestamp(moment: Date | string): string {
  const date = new Date(moment);
  if (!Number.isNaN(date.getTime())) return date.toISOString();
  throw new ValueError(`\`startAfter\` is ${JSON.stringify(moment)}. Give a Date, or a date and time after ISO 8601.`);
}
