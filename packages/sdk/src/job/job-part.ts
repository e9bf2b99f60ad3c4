import type { CancelAccepted } from "@noukai/core/schema";
import type { ClientContext } from "../context.ts";
import type { RequestOptions } from "../request-json.ts";
import { requestCancel } from "../run-requests.ts";
import { type JobTarget, pollOnce } from "./job-poll.ts";
import { waitForJob } from "./job-wait.ts";

/** What the methods of a job do, by their names. */
export const jobCalls = { poll: pollOnce, wait: waitForJob, cancel };

function cancel(
  context: ClientContext,
  { executionId, address: flow }: JobTarget,
  options: RequestOptions,
): Promise<CancelAccepted> {
  return requestCancel({ context, address: { executionId, flow } }, options);
}
