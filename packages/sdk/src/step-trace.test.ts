import { describe, expect, expectTypeOf, test } from "vitest";
import { clientOf } from "../test/recorded-run.ts";
import { watchedFetch } from "../test/watched-fetch.ts";
import { type StepAttempts, type StepTrace, type StepTraceOptions, ValueError } from "./index.ts";

const ROW = { stepId: "check", attempt: 2, costUsd: "0.1" };
const ALL = { stepId: "check", attempts: [{ ...ROW, attempt: 1 }, ROW] };

function watched() {
  const server = watchedFetch(({ line }) => Response.json(line.includes("attempt=all") ? ALL : ROW));
  return {
    ...server,
    run: clientOf(server.fetch).flow("grade-3").run("run-1"),
    byId: clientOf(server.fetch).run("run-1"),
  };
}

const BELOW_FLOW = "GET /seq/acme/spelling/grade-3/runs/run-1/steps/check/trace";

describe("a step's trace", () => {
  test("is the latest attempt, the one of a number, or all of them, and typed so", async () => {
    const { run, lines } = watched();
    const latest = await run.stepTrace("check");
    expectTypeOf(latest).toEqualTypeOf<StepTrace>();
    expect(latest).toEqual(ROW);
    expectTypeOf(await run.stepTrace("check", { attempt: "latest" })).toEqualTypeOf<StepTrace>();
    expectTypeOf(await run.stepTrace("check", { attempt: 1, loopIndex: 0 })).toEqualTypeOf<StepTrace>();
    const all = await run.stepTrace("check", { attempt: "all" });
    expectTypeOf(all).toEqualTypeOf<StepAttempts>();
    expect(all.attempts).toHaveLength(2);
    const either = await run.stepTrace("check", { attempt: "all" } as StepTraceOptions);
    expectTypeOf(either).toEqualTypeOf<StepTrace | StepAttempts>();
    expect(lines()).toEqual([
      BELOW_FLOW,
      BELOW_FLOW,
      `${BELOW_FLOW}?attempt=1&loop_index=0`,
      `${BELOW_FLOW}?attempt=all`,
      `${BELOW_FLOW}?attempt=all`,
    ]);
  });

  test("is found by the run's id alone", async () => {
    const { byId, lines } = watched();
    await byId.stepTrace("check", { loopIndex: 3 });
    expect(lines()).toEqual(["GET /flow-runs/run-1/steps/check/trace?loop_index=3"]);
  });

  test.each<StepTraceOptions>([
    { attempt: 0 },
    { attempt: 1.5 },
    { attempt: -1 },
    { loopIndex: -1 },
    { loopIndex: NaN },
  ])("with %j is refused before asking", async (options) => {
    const { run, lines } = watched();
    await expect(run.stepTrace("check", options)).rejects.toThrow(ValueError);
    expect(lines()).toEqual([]);
  });

  test("of a step without a name is refused", async () => {
    const { run } = watched();
    await expect(run.stepTrace("")).rejects.toThrow("The step's id is missing");
    await expect(run.stepTrace("..")).rejects.toThrow(ValueError);
    // @ts-expect-error no such attempt
    await expect(run.stepTrace("check", { attempt: "first" })).rejects.toThrow(ValueError);
  });
});

test("a run is summed up and cancelled by its flow or its id alone", async () => {
  const { fetch, lines } = watchedFetch(() =>
    Response.json({ executionId: "run-1", status: "cancelled", result: null }),
  );
  const noukai = clientOf(fetch);
  for (const run of [noukai.run("run-1"), noukai.flow("grade-3").run("run-1")]) {
    await run.summary();
    expect(await run.cancel()).toMatchObject({ executionId: "run-1", status: "cancelled" });
  }
  expect(lines()).toEqual([
    "GET /flow-runs/run-1",
    "POST /flow-runs/run-1/cancel",
    "GET /seq/acme/spelling/grade-3/runs/run-1",
    "POST /seq/acme/spelling/grade-3/runs/run-1/cancel",
  ]);
});

test("a cancel is repeated after a fault of the server: it does its work once however often it is sent", async () => {
  const answers = [new Response(null, { status: 502 }), Response.json({ executionId: "run-1", status: "cancelled" })];
  const { fetch, lines } = watchedFetch(() => answers.shift() ?? Response.error());
  await clientOf(fetch).run("run-1").cancel();
  expect(lines()).toHaveLength(2);
});
