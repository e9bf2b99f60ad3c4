import type { Answer } from "./caller.ts";
import { type Job, SurpriseError, waitMs } from "./crew.ts";
import { place } from "./flows.ts";
import { readSegments } from "./segments.ts";
import { readWithSdk } from "./sdk-reader.ts";

/** What callers do, by kind. */
export const works = {
  execute: (job) => execute(job, "chain"),
  fan: (job) => execute(job, "fan"),
  job: queue,
  read: readTogether,
  repeat: repeatCalls,
  tools: answerTools,
  cancel: cancelRun,
  step: readSegments,
  events: readWithSdk,
  execution: editAndRunAgain,
} satisfies Record<string, (job: Job) => Promise<void>>;

export type WorkKind = keyof typeof works;

/** How often each is done. */
export const mix: Readonly<Record<WorkKind, number>> = {
  execute: 22,
  fan: 6,
  job: 16,
  read: 14,
  repeat: 10,
  tools: 8,
  cancel: 6,
  step: 6,
  events: 6,
  execution: 6,
};

async function execute(job: Job, flow: string): Promise<void> {
  const call = job.post(flow, "execute");
  const answer = await job.caller.call(call);
  if (answer.executionId !== undefined) job.accept(answer.executionId, call.key);
  job.noteEnd(answer);
}

/** A job, now or in a moment, of some priority; half of them want to be told of their end. */
async function queue(job: Job): Promise<void> {
  const flow = job.random.pick(["chain", "chain", "slow", "fan"]);
  const webhookUrl = job.random.chance(0.5) ? `${job.webhookOrigin}/${job.tag}` : undefined;
  const startAfter = job.random.chance(0.1)
    ? new Date(Date.now() + job.random.int(100, 2_000)).toISOString()
    : undefined;
  const id = await job.submit(flow, { webhookUrl, startAfter, priority: job.random.int(0, 3) });
  if (webhookUrl !== undefined) job.recorder.webhooksWanted.push(id);
  await job.pollJob(flow, id);
}

/** Several readers of one run, each on a node of its own. */
async function readTogether(job: Job): Promise<void> {
  const id = await job.submit(job.random.pick(["slow", "chain", "fan"]));
  const readers = Array.from({ length: job.random.int(1, 3) }, async (_, index) => {
    await job.rest(0, 300 * index);
    await job.readTrace(id, `reader ${index + 1}`);
  });
  await Promise.all(readers);
}

/** The same call on several nodes at once, and once more later: one run. */
async function repeatCalls(job: Job): Promise<void> {
  const route = job.random.pick(["execute", "jobs"] as const);
  const call = job.post("chain", route);
  const again = async (): Promise<void> => {
    const answer = await job.caller.call(call);
    const id = answer.executionId ?? answer.body?.executionId;
    if (id !== undefined) job.accept(id, call.key);
    if (route === "execute") job.noteEnd(answer);
    else if (answer.status !== 202) throw new SurpriseError(`repeated job: ${answer.status}`);
  };
  await Promise.all([again(), again(), job.rest(0, 50).then(again)]);
  await job.rest(0, 500);
  await again();
}

const tools = [{ type: "function", function: { name: "look", parameters: { type: "object" } } }];

/** A pause, answered twice at once in the same words: both are told the same end. */
async function answerTools(job: Job): Promise<void> {
  const call = job.post("ask", "execute", { tools });
  const answer = await job.caller.call(call);
  if (answer.executionId !== undefined) job.accept(answer.executionId, call.key);
  if (answer.body?.status !== "tool_calls_required") return job.noteEnd(answer);
  // Some are never answered: their runs stay paused.
  if (job.random.chance(0.15)) return;
  await job.rest(0, 400);
  const resume = { ...call, key: `resume-${job.tag}`, body: { ...call.body, ...resumeOf(answer) } };
  const ends = await Promise.all([job.caller.call(resume), job.caller.call(resume)]);
  for (const end of ends) job.noteEnd(end);
}

function resumeOf({ body }: Answer): object {
  const { executionId, pausedAtStep, toolCallMessages, toolCalls } = body;
  const results = toolCalls.map(({ id }: { readonly id: string }) => ({
    role: "tool",
    tool_call_id: id,
    content: "seen",
  }));
  return { executionId, pausedAtStep, toolCallMessages: [...toolCallMessages, ...results], message: null };
}

async function cancelRun(job: Job): Promise<void> {
  const id = await job.submit("slow");
  await job.rest(0, 1_200);
  const { status } = await job.caller.call({ method: "POST", path: `/seq/${place}/slow/runs/${id}/cancel` });
  if (status !== 202) throw new SurpriseError(`cancel: ${status}`);
  await job.pollJob("slow", id);
}

/** An execution by its id: run, one output edited, what is stale run again. */
async function editAndRunAgain(job: Job): Promise<void> {
  const { body: flow } = await job.caller.call({ method: "GET", path: `/projects/${place}/flows/chain` });
  const key = `key-${job.tag}`;
  const made = await job.caller.call({
    method: "POST",
    path: "/flow-executions",
    body: { flow_id: flow.id, input: { message: `tag:${job.tag}` } },
    key,
  });
  if (made.status !== 201) throw new SurpriseError(`flow-executions: ${made.status} ${JSON.stringify(made.body)}`);
  const { id } = made.body;
  job.accept(id, key);
  if ((await settled(job, id, 1))?.status !== "completed") return;
  const edit = { method: "PUT", path: `/task-executions/${id}:first`, body: { output: { text: "edited" } } };
  await expectStatus(job, edit, 200);
  const rerun = { method: "POST", path: `/flow-executions/${id}/execute?only_stale=true`, key: `again-${job.tag}` };
  await expectStatus(job, rerun, 204);
  await settled(job, id, 2);
}

async function expectStatus(job: Job, call: Parameters<Job["caller"]["call"]>[0], status: number): Promise<void> {
  const answer = await job.caller.call(call);
  if (answer.status !== status)
    throw new SurpriseError(`${call.method} ${call.path}: ${answer.status} ${JSON.stringify(answer.body)}`);
}

const restingStatuses = ["completed", "failed", "cancelled", "stale"];

async function settled(job: Job, id: string, runNumber: number): Promise<Answer["body"]> {
  const call = { method: "GET", path: `/flow-executions/${id}?include_run_number=true` };
  for (const giveUpAt = performance.now() + waitMs; performance.now() < giveUpAt;) {
    const { status, body } = await job.caller.call(call);
    if (status !== 200) throw new SurpriseError(`an execution that was accepted: ${status} ${JSON.stringify(body)}`);
    if (body.run_number >= runNumber && restingStatuses.includes(body.status)) {
      job.recorder.told.push({ executionId: body.run_id, status: body.status, result: body.result });
      return body;
    }
    await job.rest(100, 400);
  }
  return undefined;
}
