import { Writable } from "node:stream";
import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import { createServer } from "../src/index.ts";
import { makeDirectory, seq, startTestServer } from "./harness.ts";

const flows = {
  "acme/spelling/endless.yaml": `
steps:
  - { id: turn, type: code, code: "for (;;);", timeoutMs: 50, retry: { maxAttempts: 3, initialMs: 1 } }
`,
};

/** A log that is read line by line. */
function readableLog() {
  const lines: Record<string, unknown>[] = [];
  let onLine: () => void = () => undefined;
  const output = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)) as Record<string, unknown>); // as: a line of pino's
      onLine();
      done();
    },
  });
  const first = new Promise<Record<string, unknown> | undefined>((resolve) => {
    onLine = () => resolve(lines[0]);
  });
  return { log: pino({ base: null }, output), first, lines };
}

test("what shuts code in is said at start, before any code has run", async () => {
  const { log, first } = readableLog();
  const server = createServer({ log });
  onTestFinished(server.close);
  await server.opened();
  expect(await first).toMatchObject({
    level: 30,
    msg: expect.stringMatching(/^Code steps run in QuickJS/u),
    arePermissionsShut: true,
    isEnvironmentEmpty: true,
  });
});

test("a server that is closed while it starts its sandbox has no fault to tell", async () => {
  const { log, lines } = readableLog();
  const server = createServer({ log, flowsDir: await makeDirectory() });
  await server.opened();
  await server.close();
  expect(lines.filter(({ level }) => level !== 30)).toEqual([]);
});

const broken = "const total = 1;\nreturn { total: total + }";

test("code that cannot be read is refused with its line and column: by validate, and as a draft, which then cannot be published", async () => {
  const server = await startTestServer();
  const definition = { steps: [{ id: "count", type: "code", language: "javascript", code: broken }] };
  const path = "/api/v1/projects/acme/spelling/flows";
  const issues = [{ path: "steps[0].code", message: expect.stringMatching(/line 2, column 25/u) as string }];
  const report = await server.call("POST", `${path}/grade-3/validate`, { body: { definition } });
  expect(await report.json()).toMatchObject({ valid: false, issues });
  for (const [method, flow, body] of [
    ["PUT", "/grade-3", { definition }],
    ["POST", "", { slug: "broken", definition }],
  ] as const) {
    const saved = await server.call(method, `${path}${flow}`, { body });
    expect(saved.status).toBe(422);
    expect(await saved.json()).toMatchObject({ detail: { code: "INVALID_TREE", issues } });
  }
  expect((await server.call("POST", `${path}/broken/versions`, { body: {} })).status).toBe(404);
});

test("code that takes too long fails its step at the first attempt, whatever its retry policy: it would take as long again", async () => {
  const server = await startTestServer({ flows });
  const response = await server.call("POST", `${seq}/endless/v1/execute`, { body: { message: "go" } });
  expect(response.status).toBe(422);
  const message = 'Step "turn": its code gave no answer within 50 ms.';
  expect(await response.json()).toMatchObject({ detail: { code: "STEP_TIMEOUT", stepId: "turn", message } });
  const runId = response.headers.get("x-noukai-execution-id");
  const attempts = await server.call("GET", `${seq}/endless/runs/${runId}/steps/turn/trace?attempt=all`);
  expect(await attempts.json()).toMatchObject({ attempts: [{ attempt: 1, status: "failed" }] });
});
