import { type Call, FlowNotFoundError } from "@noukai/core";
import { flowName, sessionOf } from "../streaming.ts";
import type { ClientContext } from "../context.ts";
import type { FlowTarget } from "../flow-target.ts";
import type { RequestOptions } from "../request-json.ts";
import { unexpectedAnswer } from "./job-answer.ts";
import { isJobStatus, type JobStatus, pendingJob, readJobStatus } from "./job-status.ts";
import { getJob } from "./job-routes.ts";
import { readOutput } from "../typed-flow/typed-calls.ts";

/** How long after its submission a job may be unknown: some servers write it down a moment after they have accepted it. */
const GRACE_MS = 5_000;

/** Which job, of which flow. */
export interface JobTarget extends FlowTarget {
  readonly executionId: string;
  /** When it was submitted, by the client's clock; absent when somebody else did. */
  readonly submittedAt?: number;
}

/** As `GET acme/spelling/grade-3/jobs/0199…`. */
export function jobOperation({ address, executionId }: JobTarget): string {
  return `GET ${flowName(address)}/jobs/${executionId}`;
}

/** Asks once where the job stands, as a call of its own. */
export async function pollOnce(
  context: ClientContext,
  target: JobTarget,
  { timeout, signal, session }: RequestOptions,
): Promise<JobStatus> {
  const scope = context.openScope({ operation: jobOperation(target), timeout, signal, billed: "no" });
  try {
    const { fetch } = sessionOf({ session });
    return await pollJob(context, target, { scope, fetch });
  } finally {
    scope.close();
  }
}

/** Asks once where the job stands, within the scope's time. */
export async function pollJob(
  { transport }: ClientContext,
  target: JobTarget,
  call: Pick<Call, "scope" | "fetch">,
): Promise<JobStatus> {
  const { address, executionId, submittedAt = -Infinity, schemas } = target;
  try {
    const { data, response } = await transport.json(call, getJob(address, executionId));
    const operation = jobOperation(target);
    if (!isJobStatus(data)) throw unexpectedAnswer({ operation, response, body: data, billed: "no" });
    const status = readJobStatus(data);
    if (status.status !== "completed") return status;
    const origin = { operation, executionId };
    return { ...status, result: await readOutput(schemas, status.result, origin) };
  } catch (error) {
    const isTooSoon = error instanceof FlowNotFoundError && Math.abs(transport.clock.now() - submittedAt) < GRACE_MS; // clocks are set back, too
    if (isTooSoon) return pendingJob(executionId);
    throw error;
  }
}
