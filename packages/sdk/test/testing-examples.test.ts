import { readFileSync } from "node:fs";
import { Noukai } from "@noukai/sdk";
import { createTestServer, fault, flow, step } from "@noukai/sdk/testing";
import { afterEach, expect, test, vi } from "vitest";

// The programs of TESTING.md, word for word; the last test compares.

test("a grader shows what the flow says", async () => {
  const server = createTestServer({
    flows: { "acme/demo/grader": flow([step("check", { text: ["Two ", "mistakes."] }), step("keep")]) },
  });
  const noukai = new Noukai({ ...server, org: "acme", project: "demo" });

  const answer = await noukai.flow("grader").execute({ message: "The kat sat." });

  expect(answer).toMatchObject({ result: { text: "Two mistakes." } });
  expect(server.requests).toMatchObject([{ operation: "execute", body: { message: "The kat sat." } }]);
  server.assertDone();
});

test("the outcome follows from the call", async () => {
  const grader = flow(({ message, parameters }) =>
    message === ""
      ? [step("check", { error: { code: "STEP_FAILED", message: "There is nothing to check." } })]
      : [step("check", { output: { mistakes: parameters["strict"] ? 2 : 1 } })],
  );
  const { apiKey, baseUrl, fetch } = createTestServer({ flows: { "acme/demo/grader": grader } });
  const check = new Noukai({ apiKey, baseUrl, fetch }).flow("acme/demo/grader");

  expect(await check.execute({ message: "kat", parameters: { strict: true } })).toMatchObject({
    result: { mistakes: 2 },
  });
  await expect(check.execute({ message: "" })).rejects.toMatchObject({ code: "STEP_FAILED" });
});

test("text shows while it is written", async () => {
  vi.useFakeTimers();
  const poet = flow([step("write", { text: ["Roses ", "are ", "red"], after: 1_000, every: 200 })]);
  const noukai = new Noukai(createTestServer({ flows: { "acme/demo/poet": poet } }));

  let shown = "";
  const reading = (async () => {
    for await (const event of noukai.flow("acme/demo/poet").events()) {
      if (event.type === "step_output") shown += String(event.outputData.delta);
    }
  })();

  await vi.advanceTimersByTimeAsync(1_400);
  expect(shown).toBe("Roses are ");
  await vi.advanceTimersByTimeAsync(200);
  await reading;
  expect(shown).toBe("Roses are red");
});

test("tools are called, and the model sees what they gave", async () => {
  const advisor = flow([
    step("advise", {
      toolCalls: [{ name: "get_weather", arguments: { place: "Lyon" } }],
      onResults: ([weather]) => ({ text: `Take an umbrella: ${weather?.content}.` }),
    }),
  ]);
  const noukai = new Noukai(createTestServer({ flows: { "acme/demo/advisor": advisor } }));

  const answer = await noukai.flow("acme/demo/advisor").execute({
    tools: [{ type: "function", function: { name: "get_weather" } }],
    toolHandler: (calls) => calls.map(({ id }) => ({ toolCallId: id, output: "rain" })),
  });

  expect(answer).toMatchObject({ result: { text: "Take an umbrella: rain." } });
});

test("a job is waited for", async () => {
  const report = flow([step("write", { output: { pages: 3 } })], { pendingPolls: 1, runningPolls: 1 });
  const noukai = new Noukai(createTestServer({ flows: { "acme/demo/report": report } }));

  const job = await noukai.flow("acme/demo/report").executeAsync({});

  expect([await job.poll(), await job.poll(), await job.poll()].map(({ status }) => status)).toEqual([
    "pending",
    "running",
    "completed",
  ]);
});

test("the program survives a bad line", async () => {
  const server = createTestServer({
    flows: { "acme/demo/grader": flow([step("check", { text: ["Two ", "mistakes."] })]) },
    faults: [
      fault.status(429, { code: "RATE_LIMITED", retryAfter: 0 }), // the first request
      fault.reset({ insideEvent: 4 }), // its repetition: cut in the middle of the fourth event
    ],
  });
  const noukai = new Noukai(server);

  const result = await noukai.flow("acme/demo/grader").events({ message: "The kat sat." }).result();

  expect(result).toEqual({ text: "Two mistakes." });
  expect(server.requests.map(({ operation }) => operation)).toEqual(["step", "step", "streamTrace"]);
  server.assertDone();
});

afterEach(() => {
  vi.useRealTimers();
});

test("TESTING.md has the programs that are run here", () => {
  const read = (name: string): string => readFileSync(new URL(name, import.meta.url), "utf8");
  const programs = [...read("../TESTING.md").matchAll(/```ts\n(.*?)```/gs)].map(([, program = ""]) => program);
  expect(programs).toHaveLength(6);
  for (const program of programs) expect(read("testing-examples.test.ts")).toContain(program);
});
