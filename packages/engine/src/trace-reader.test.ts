import { expect, onTestFinished, test } from "vitest";
import { createEngine } from "./engine.ts";
import type { JsonObject } from "./flow/definition.ts";
import { sweep } from "./housekeeping.ts";
import { createModels } from "./models/registry.ts";
import type { StoredSettings } from "./store/store.ts";
import { openMemoryStore } from "./store/sqlite-store.ts";
import { latestAttempts, type RunTrace } from "./trace.ts";

const dayMs = 24 * 60 * 60 * 1000;
const never = new AbortController().signal;
const secret = "ann@example.com K-1234 P-9";
const shown = "[redacted:email] [redacted:customer] [redacted:pupil]";

/** A run of `steps` under `redacted`, in a project with a rule of its own, as it is right behind its end and a day later. */
async function setUp({
  steps,
  trace = false,
  settings,
  subflow,
}: {
  steps: readonly JsonObject[];
  trace?: boolean;
  settings?: StoredSettings;
  /** What `sub` is. */
  subflow?: JsonObject;
}) {
  let at = 1_000_000;
  const now = (): number => at;
  const store = openMemoryStore({ now });
  const engine = createEngine({ store, models: createModels(), now, sleep: () => Promise.resolve() });
  onTestFinished(async () => {
    await engine.drain(0);
    await store.close();
  });
  const { id: projectId } = await store.ensureProject("acme", "demo");
  await store.saveSettings(projectId, settings ?? { redact: [{ name: "customer", pattern: "K-\\d+" }] });
  const redact = [{ name: "pupil", pattern: "P-\\d+" }];
  if (subflow !== undefined) await engine.catalog.saveDraft(projectId, "sub", subflow);
  await engine.catalog.saveDraft(projectId, "flow", { capture: "redacted", redact, steps });
  const call = await engine.submit({
    projectId,
    flow: "flow",
    version: "draft",
    trigger: "execute",
    message: secret,
    trace,
  });
  const end = await engine.outcome(call, never);
  const read = async (): Promise<RunTrace> => {
    const run = await store.run(call.runId);
    if (run === undefined) throw new Error("no run");
    return engine.trace(run);
  };
  return {
    store,
    end,
    runId: call.runId,
    read,
    passDay: async (redactorOf: Parameters<typeof sweep>[0]["redactorOf"]) => {
      at += dayMs + 1;
      const rest = () => Promise.resolve();
      const onFault = ({ error }: { readonly error: unknown }): never => {
        throw error;
      };
      await sweep({ store, now, rest, pauseExpiryMs: Infinity, redactorOf, expire: rest, onFault }, never);
    },
  };
}

const echo = { id: "ask", type: "llm", model: "noukai/echo", prompt: "{{message}}" };

test("a trace under redacted shows what went through it without secrets, with its true sizes; the caller gets its answer", async () => {
  const { read, end } = await setUp({ steps: [echo, { id: "keep", type: "passthrough" }] });
  expect(end).toMatchObject({ result: { text: secret } });
  const trace = await read();
  expect(latestAttempts(trace)).toMatchObject([
    { input: { message: shown }, output: { text: shown }, inputSizeBytes: JSON.stringify({ message: secret }).length },
    { input: { text: shown }, output: { text: shown }, outputSizeBytes: JSON.stringify({ text: secret }).length },
  ]);
  expect(JSON.stringify(trace.attempts)).not.toContain("ann@");
});

test("for a day the log keeps what recovery needs, then only what the trace shows", async () => {
  const { store, runId, read, passDay } = await setUp({
    steps: [
      { ...echo, model: "noukai/echo?failAttempts=1" },
      { id: "keep", type: "passthrough" },
    ],
  });
  const log = async () => JSON.stringify([await store.run(runId), await store.eventsAfter(runId, 0, 100)]);
  expect(await log()).toContain("ann@example.com");
  const before = await read();
  const { createRedactor } = await import("./capture/redactor.ts");
  const rules = [
    { name: "customer", pattern: "K-\\d+" },
    { name: "pupil", pattern: "P-\\d+" },
  ];
  await passDay(async () => createRedactor(rules));
  expect(await log()).not.toMatch(/ann@|K-1234|P-9/);
  const after = await read();
  expect(after.attempts).toEqual(before.attempts);
  expect(after.standing).toMatchObject({ status: "completed", result: { text: shown } });
});

test("what a sub-flow hides is hidden in the runs of others too", async () => {
  const { read } = await setUp({
    steps: [{ id: "sub", type: "flow", flow: "sub", version: "draft" }],
    subflow: { redact: [{ name: "customer", pattern: "K-\\d+" }], steps: [echo] },
    settings: {},
  });
  const { attempts } = await read();
  expect(attempts).not.toHaveLength(0);
  expect(JSON.stringify(attempts)).not.toContain("K-1234");
});

test("errors are redacted too", async () => {
  const { read, end } = await setUp({
    steps: [{ ...echo, model: "noukai/echo?failAttempts=9&terminal=1" }],
    settings: { redact: [{ name: "word", pattern: "[Ff]ail\\w*" }] },
  });
  const message = end.status === "failed" ? end.error.message : "";
  expect(message).toMatch(/fail/i);
  const [step] = (await read()).attempts;
  expect(step?.error?.message).toBe(message.replaceAll(/[Ff]ail\w*/g, "[redacted:word]"));
});

test("a run that its caller asked to trace shows all of it, as the contract says", async () => {
  const { read } = await setUp({ steps: [echo], trace: true });
  expect(latestAttempts(await read())).toMatchObject([{ input: { message: secret }, output: { text: secret } }]);
});

test("what a paused run waits for is for its caller, not for the trace", async () => {
  const { read } = await setUp({ steps: [{ id: "keep", type: "passthrough" }, echo] });
  expect((await read()).standing).toMatchObject({ result: { text: secret } });
});
