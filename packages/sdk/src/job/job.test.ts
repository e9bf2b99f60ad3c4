import { describe, expect, expectTypeOf, test } from "vitest";
import { clientOf, encodeFrame, EXECUTION_ID, HurriedClock, RECORDED, streamOf } from "../../test/recorded-run.ts";
import { refusal, watchedFetch, type WatchedRequest } from "../../test/watched-fetch.ts";
import {
  AbortError,
  APITimeoutError,
  AuthenticationError,
  type ExecuteAsyncOptions,
  type Fetch,
  FlowNotFoundError,
  type JobProgress,
  type JobStatus,
  type Session,
  ValueError,
} from "../index.ts";

const ACCEPTED = { executionId: EXECUTION_ID, status: "started", flowId: "f", blockCount: 2 };
const COMPLETED = { executionId: EXECUTION_ID, status: "completed", state: "completed", result: { title: "漢字" } };
const RUNNING = { executionId: EXECUTION_ID, status: "running", state: "running" };
const POLL = `GET /seq/acme/spelling/grade-3/jobs/${EXECUTION_ID}`;
const WATCH = `GET /seq/acme/spelling/grade-3/runs/${EXECUTION_ID}/trace/stream`;

interface ServerOptions {
  /** In turn, the last one for good. */
  readonly polls: readonly (object | (() => Response | Promise<Response>))[];
  /** Default: the server has no live trace. */
  readonly watch?: () => Response | Promise<Response>;
}

function serverOf({ polls, watch = () => refusal(501, "NOT_IMPLEMENTED") }: ServerOptions) {
  const left = [...polls];
  return watchedFetch(({ line }) => {
    if (line.startsWith("POST")) return Response.json(ACCEPTED, { status: 202 });
    if (line.endsWith("/stream")) return watch();
    const poll = left.length > 1 ? left.shift() : left[0];
    return typeof poll === "function" ? (poll as () => Response)() : Response.json(poll);
  });
}

function submit(fetch: Fetch, options: ExecuteAsyncOptions = { message: "a" }, clock = new HurriedClock()) {
  return clientOf(fetch, {}, clock).flow("grade-3").executeAsync(options);
}

/** A clock that a test sets. */
class SetClock extends HurriedClock {
  ms = 0;
  override now = (): number => this.ms;
}

describe("a job's submission", () => {
  test("carries what a job may have, an idempotency key and the session", async () => {
    const { fetch, requests } = serverOf({ polls: [COMPLETED] });
    const startAfter = new Date("2026-11-20T10:00:00Z");
    const job = await submit(fetch, {
      message: "hous",
      parameters: { difficulty: "hard" },
      blockOverrides: { check: { temperature: 0 } },
      trace: true,
      version: 3,
      sessionId: "9b2f4c1e-58a7-4d60-b3e9-1f7c2a6d8e05",
      idempotencyKey: "k1",
      priority: 5,
      startAfter,
      webhookUrl: "https://example.com/hook",
    });
    expect([job.executionId, job.flowId, job.blockCount]).toEqual([EXECUTION_ID, "f", 2]);
    const [{ line, headers, body }] = requests as [WatchedRequest];
    expect(line).toBe("POST /seq/acme/spelling/grade-3/v3/jobs");
    expect(body).toEqual({
      message: "hous",
      parameters: { difficulty: "hard" },
      blockOverrides: { check: { temperature: 0 } },
      trace: true,
      priority: 5,
      startAfter: "2026-11-20T10:00:00.000Z",
      webhookUrl: "https://example.com/hook",
    });
    expect([headers.get("idempotency-key"), headers.get("x-session-id")]).toEqual([
      "k1",
      "9b2f4c1e-58a7-4d60-b3e9-1f7c2a6d8e05",
    ]);
  });

  test("is repeated under the same key when its answer was lost", async () => {
    const answers = [new Response(null, { status: 502 }), Response.json(ACCEPTED, { status: 202 })];
    const { fetch, requests } = watchedFetch(() => answers.shift() ?? Response.error());
    await submit(fetch);
    const keys = requests.map(({ headers }) => headers.get("idempotency-key"));
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
  });

  test("refuses what needs somebody to ask, in types and at run time, before any request", async () => {
    const { fetch, lines } = serverOf({ polls: [COMPLETED] });
    const flow = clientOf(fetch).flow("grade-3");
    // @ts-expect-error a job has nobody who could run tools
    await expect(flow.executeAsync({ message: "a", tools: [] })).rejects.toThrow("`tools`");
    // @ts-expect-error as above
    await expect(flow.executeAsync({ message: "a", toolHandler: () => [] })).rejects.toThrow(ValueError);
    // @ts-expect-error as above
    await expect(flow.executeAsync({ message: "a", maxToolRounds: 3 })).rejects.toThrow("`maxToolRounds`");
    // @ts-expect-error as above
    await expect(flow.executeAsync({ message: "a", toolChoice: "auto" })).rejects.toThrow(ValueError);
    // @ts-expect-error as above
    await expect(flow.executeAsync({ message: "a", toolConcurrency: 2 })).rejects.toThrow("`toolConcurrency`");
    // @ts-expect-error a queue keeps no attachments
    await expect(flow.executeAsync({ message: "a", attachments: [] })).rejects.toThrow("`attachments`");
    const options = { message: "a", tools: [] };
    // @ts-expect-error nor through a variable
    await expect(flow.executeAsync(options)).rejects.toThrow(ValueError);
    await expect(flow.executeAsync({ startAfter: "soon" })).rejects.toThrow("`startAfter`");
    await expect(flow.executeAsync({ priority: NaN })).rejects.toThrow("`priority` is NaN.");
    expect(lines()).toEqual([]);
  });

  test("that is aborted cancels the run, which may exist already", async () => {
    const controller = new AbortController();
    const { fetch, lines } = watchedFetch(({ line }) => {
      if (line.endsWith("/cancel")) return Response.json({}, { status: 202 });
      controller.abort();
      return new Promise(() => {});
    });
    const noukai = clientOf(fetch);
    await expect(noukai.flow("grade-3").executeAsync({ signal: controller.signal })).rejects.toThrow(AbortError);
    await noukai.close();
    expect(lines()).toEqual(["POST /seq/acme/spelling/grade-3/v0/jobs", "POST /seq/acme/spelling/grade-3/runs/cancel"]);
  });
});

describe("a poll", () => {
  test("tells where the job stands, and that it failed or was cancelled is no error", async () => {
    const failed = { executionId: EXECUTION_ID, status: "failed", state: "failed", error: "The model is away." };
    const cancelled = { ...failed, state: "cancelled", error: "cancelled" };
    const { fetch } = serverOf({ polls: [RUNNING, COMPLETED, failed, cancelled] });
    const job = await submit(fetch);
    const running = await job.poll();
    expectTypeOf(running).toEqualTypeOf<JobStatus>();
    expect(running).toEqual({ ...RUNNING, result: undefined, error: undefined });
    expect(await job.poll()).toEqual({ ...COMPLETED, error: undefined });
    expect(await job.poll()).toMatchObject(failed);
    expect(await job.poll()).toMatchObject({ status: "failed", state: "cancelled" });
  });

  test("of an older server, which has no state, tells a cancelled job by its error", async () => {
    const { fetch } = serverOf({
      polls: [
        { executionId: EXECUTION_ID, status: "pending" },
        { executionId: EXECUTION_ID, status: "failed", error: "cancelled" },
        { executionId: EXECUTION_ID, status: "failed", error: "Out of luck." },
      ],
    });
    const job = await submit(fetch);
    expect((await job.poll()).state).toBe("pending");
    expect((await job.poll()).state).toBe("cancelled");
    expect((await job.poll()).state).toBe("failed");
  });

  test.each([{}, { status: "ok" }, [], null])(
    "that is answered by something else, such as %j, is an error",
    async (answer) => {
      const { fetch } = serverOf({ polls: [() => Response.json(answer)] });
      const job = await submit(fetch);
      await expect(job.poll()).rejects.toMatchObject({ code: "UNEXPECTED_ANSWER", billed: "no" });
      await expect(job.wait()).rejects.toMatchObject({ code: "UNEXPECTED_ANSWER" });
      const { fetch: other } = watchedFetch(() => Response.json(answer));
      await expect(submit(other)).rejects.toMatchObject({ code: "UNEXPECTED_ANSWER", billed: "possibly" });
    },
  );

  test("within 5 s of the submission takes a job that is not known for a pending one", async () => {
    const clock = new SetClock();
    const { fetch } = serverOf({ polls: [() => refusal(404, "RUN_NOT_FOUND")] });
    const job = await submit(fetch, {}, clock);
    clock.ms = 4_999;
    expect(await job.poll()).toMatchObject({ executionId: EXECUTION_ID, status: "pending", state: "pending" });
    clock.ms = 5_000;
    await expect(job.poll()).rejects.toThrow(FlowNotFoundError);
    // A clock that was set back says nothing of how long ago that was.
    clock.ms = -3_600_000;
    await expect(job.poll()).rejects.toThrow(FlowNotFoundError);
  });

  test("is answered by the session that it names", async () => {
    const session: Session = { mode: "replay", sessionId: undefined, fetch: () => Response.json(COMPLETED) };
    const { fetch, lines } = serverOf({ polls: [] });
    const job = clientOf(fetch).flow("grade-3").job(EXECUTION_ID);
    expect(await job.poll({ session })).toMatchObject({ status: "completed" });
    expect(lines()).toEqual([]);
  });

  test("of a job picked up by its id knows no grace", async () => {
    const { fetch, lines } = serverOf({ polls: [() => refusal(404, "RUN_NOT_FOUND")] });
    const job = clientOf(fetch).flow("grade-3").job(EXECUTION_ID);
    expect(lines()).toEqual([]);
    await expect(job.poll()).rejects.toThrow(FlowNotFoundError);
    expect(lines()).toEqual([POLL]);
  });
});

describe("waiting for a job", () => {
  test("watches the run and asks for its status once it is over", async () => {
    const { fetch, lines } = serverOf({ polls: [COMPLETED], watch: () => streamOf(RECORDED.map(encodeFrame)) });
    const seen: JobProgress[] = [];
    const status = await (await submit(fetch)).wait({ onProgress: (progress) => seen.push(progress) });
    expect(status).toMatchObject({ status: "completed", result: { title: "漢字" } });
    expect(lines().slice(1)).toEqual([WATCH, POLL]);
    expect(seen.map(({ event }) => event?.seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(seen.map(({ state }) => state)).toEqual([
      "pending",
      ...Array.from({ length: 6 }, () => "running"),
      "completed",
    ]);
    const middle = seen[5]; // the second step has begun
    expect(middle?.completedSteps.map(({ stepId }) => stepId)).toEqual(["a"]);
    expect([middle?.stepCount, middle?.currentStepId]).toEqual([2, "b"]);
  });

  test.each([
    ["501", () => refusal(501, "NOT_IMPLEMENTED")],
    ["404", () => refusal(404, "ROUTE_NOT_FOUND")],
    ["403", () => refusal(403, "FORBIDDEN")],
    ["a page of a proxy", () => new Response("<html>", { headers: { "content-type": "text/html" } })],
    ["a broken connection each time", () => streamOf([], "reset")],
  ])("polls where watching gives %s", async (_, watch) => {
    const { fetch, lines } = serverOf({ polls: [RUNNING, RUNNING, COMPLETED], watch });
    const clock = new HurriedClock();
    const states: string[] = [];
    const job = await submit(fetch, {}, clock);
    const status = await job.wait({ pollInterval: 1_234, onProgress: ({ state }) => states.push(state) });
    expect(status).toMatchObject(COMPLETED);
    expect(lines().filter((line) => line === POLL)).toHaveLength(3);
    expect(clock.waits.filter((ms) => ms === 1_234)).toHaveLength(2);
    expect(states).toEqual(["running", "completed"]);
  });

  test("polls every 2 s by default, and bears a server that is away for a while", async () => {
    const away = [() => new Response(null, { status: 503 }), () => Promise.reject(new TypeError("fetch failed"))];
    const polls = [...away, ...away, ...away, RUNNING, COMPLETED];
    const { fetch } = serverOf({ polls });
    const clock = new HurriedClock();
    expect(await (await submit(fetch, {}, clock)).wait()).toMatchObject(COMPLETED);
    expect(clock.waits).toContain(2_000);
  });

  test("ends with what the server refuses", async () => {
    const { fetch } = serverOf({ polls: [() => refusal(401, "UNAUTHENTICATED")] });
    await expect((await submit(fetch)).wait()).rejects.toThrow(AuthenticationError);
  });

  test("gives a failed job's status", async () => {
    const failed = { executionId: EXECUTION_ID, status: "failed", state: "failed", error: "No." };
    const { fetch } = serverOf({ polls: [failed] });
    expect(await (await submit(fetch)).wait()).toMatchObject(failed);
  });

  test("ends after its timeout, whether it watches or polls", async () => {
    const silent = (): Response =>
      new Response(new ReadableStream(), { headers: { "content-type": "text/event-stream" } });
    for (const watch of [silent, () => refusal(501, "NOT_IMPLEMENTED")]) {
      const { fetch } = serverOf({ polls: [RUNNING], watch });
      const job = await submit(fetch, {}, new GentleClock());
      const waited = job.wait({ timeout: 20, pollInterval: 1 });
      await expect(waited).rejects.toThrow(APITimeoutError);
      await expect(waited).rejects.toMatchObject({ executionId: EXECUTION_ID });
    }
  });

  test("ends when its signal aborts, with the caller's reason, and cancels nothing", async () => {
    const controller = new AbortController();
    const { fetch, lines } = serverOf({
      polls: [RUNNING],
      watch: () => {
        controller.abort("enough");
        return new Response(new ReadableStream(), { headers: { "content-type": "text/event-stream" } });
      },
    });
    const noukai = clientOf(fetch);
    const waiting = noukai.flow("grade-3").job(EXECUTION_ID).wait({ signal: controller.signal });
    await expect(waiting).rejects.toMatchObject({ name: "AbortError", cause: "enough" });
    await noukai.close();
    expect(lines()).toEqual([WATCH]);
  });

  test("ends with what its own listener throws", async () => {
    const { fetch, lines } = serverOf({ polls: [COMPLETED], watch: () => streamOf(RECORDED.map(encodeFrame)) });
    const onProgress = (): never => {
      throw new RangeError("mine");
    };
    await expect((await submit(fetch)).wait({ onProgress })).rejects.toThrow(RangeError);
    expect(lines().slice(1)).toEqual([WATCH]);
  });

  test.each([
    { pollInterval: -1 },
    { pollInterval: NaN },
    { pollInterval: Infinity },
    { pollInterval: 2 ** 31 },
    { timeout: 0 },
  ])("refuses %j", async (options) => {
    const { fetch } = serverOf({ polls: [COMPLETED] });
    await expect((await submit(fetch)).wait(options)).rejects.toThrow(ValueError);
  });
});

test("a job is cancelled", async () => {
  const { fetch, lines } = serverOf({ polls: [COMPLETED] });
  await clientOf(fetch).flow("grade-3").job(EXECUTION_ID).cancel();
  expect(lines()).toEqual([`POST /seq/acme/spelling/grade-3/runs/${EXECUTION_ID}/cancel`]);
});

/** Waits as long as it is told, so that a deadline may come between. */
class GentleClock extends HurriedClock {
  override sleep = async (ms: number, signal: AbortSignal): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, ms));
    signal.throwIfAborted();
  };
}
