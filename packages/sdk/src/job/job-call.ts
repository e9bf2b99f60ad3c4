import { cancelOnAbort, flowOperation, Job } from "../streaming.ts";
import type { ClientContext } from "../context.ts";
import type { FlowTarget } from "../flow-target.ts";
import { unexpectedAnswer } from "./job-answer.ts";
import { checkJobOptions, type ExecuteAsyncOptions, prepareJob } from "./job-options.ts";
import { postJob } from "./job-routes.ts";
import { readInput } from "../typed-flow/typed-calls.ts";

/** Puts a run into the queue. */
export async function submitJob<Output>(
  context: ClientContext,
  target: FlowTarget,
  options: ExecuteAsyncOptions,
): Promise<Job<Output>> {
  checkJobOptions(options);
  const { version, idempotencyKey, headers, body, fetch } = prepareJob(await readInput(target, options), context);
  const { signal, timeout } = options;
  const flow = target.address;
  const operation = flowOperation({ flow, version }, "jobs");
  const scope = context.openScope({ operation, signal, timeout, billed: "possibly" });
  cancelOnAbort(context, scope, { flow, idempotencyKey, executionId: () => undefined, fetch });
  try {
    const { transport } = context;
    const { data, response } = await transport.json({ scope, headers, fetch }, postJob({ flow, version }, body));
    const { executionId } = (data as typeof data | undefined) ?? {}; // anything may come from something in between
    if (!executionId) throw unexpectedAnswer({ operation, response, body: data, billed: "possibly" });
    return new Job(context, { ...target, executionId, submittedAt: transport.clock.now() }, data);
  } finally {
    scope.close();
  }
}
