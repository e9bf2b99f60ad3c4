import type { z } from "zod";
import { parseBody, readBody, refusal } from "../body.ts";
import type { Handler, Services } from "../context.ts";
import { json } from "../respond.ts";
import { toRunInput, zJobBody } from "../run-input.ts";
import { toJobAccepted, toJobStatus } from "../wire.ts";
import { readCall, readIdempotency, submit } from "./call.ts";
import { runFinders } from "./lookup.ts";

type JobBody = z.infer<typeof zJobBody>;

/** Runs that wait in the store for a worker, and are asked for by polling. */
export function jobRoutes({ engine }: Services) {
  const { byPath } = runFinders(engine);

  const submitJob: Handler = async (c, principal) => {
    const call = readCall(c, principal);
    const text = await readBody(c);
    const body = parseBody(text, zJobBody);
    refuseUnfit(body);
    const { priority, startAfter, webhookUrl } = body;
    const job = await submit(engine, {
      ...call,
      ...toRunInput(body),
      ...readIdempotency(c, text),
      trigger: "job",
      isQueued: true,
      ...(typeof priority === "number" && { priority }),
      ...(startAfter && { startAfter: Date.parse(startAfter) }),
      ...(webhookUrl && { webhookUrl }),
    });
    return json(c, 202, toJobAccepted(job), { "x-noukai-execution-id": job.runId });
  };

  const getJob: Handler = async (c, principal) => {
    const run = await byPath(c, principal);
    // How a run ended stands in its last event: no other is read, however long its log.
    const [last] = await engine.store.eventsAfter(run.id, run.lastSeq - 1, 1);
    return json(c, 200, toJobStatus(run, last));
  };

  return { submitJob, submitJobVersion: submitJob, getJob };
}

function refuseUnfit({ tools, toolChoice, attachments }: JobBody): void {
  if (tools !== undefined || toolChoice !== undefined) {
    const message = "cannot be used in a job, which has nobody to ask; call execute";
    throw refusal("TOOLS_REQUIRE_SYNC_EXECUTE", [{ path: tools === undefined ? "toolChoice" : "tools", message }]);
  }
  if (attachments !== undefined)
    throw refusal("INVALID_REQUEST", [{ path: "attachments", message: "cannot be used in a job; call execute" }]);
}
