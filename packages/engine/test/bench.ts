import { afterEach } from "vitest";
import { createEngine, type Engine, type EngineOptions } from "../src/engine.ts";
import type { RunEvent, StreamItem } from "../src/events.ts";
import type { JsonObject } from "../src/flow/definition.ts";
import type { ModelRequest, Models } from "../src/models/model.ts";
import { createModels } from "../src/models/registry.ts";
import type { RunEnd, RunPause } from "../src/run-end.ts";
import { openMemoryStore } from "../src/store/sqlite-store.ts";
import type { Store } from "../src/store/store.ts";
import type { RunRequest } from "../src/submission.ts";
import type { RunTrace } from "../src/trace.ts";

/** Those that are drained and closed after the test. */
export const engines: Engine[] = [];
export const never = new AbortController().signal;
export const echo = createModels();

afterEach(async () => {
  for (const engine of engines.splice(0)) {
    await engine.drain(0);
    await engine.store.close();
  }
});

/** Models that call `before` ahead of every answer of the echo, with the step's path in the run. */
export function modelsThat(before: (path: string, request: ModelRequest) => Promise<void> | void): Models {
  return {
    ...echo,
    costUsd: () => "0.001",
    async generate(request) {
      await before(request.idempotencyKey.split(":")[1] ?? "", request);
      return echo.generate(request);
    },
  };
}

export interface Bench {
  readonly engine: Engine;
  readonly request: RunRequest;
}

export const anyObject: JsonObject = { type: "object", additionalProperties: true };

export async function open(
  steps: readonly JsonObject[],
  options: Partial<EngineOptions> & { readonly store?: Store } = {},
): Promise<Bench> {
  const engine = createEngine({ store: openMemoryStore(), models: echo, sleep: () => Promise.resolve(), ...options });
  engines.push(engine);
  const { id: projectId } = await engine.store.ensureProject("acme", "demo");
  await engine.catalog.saveDraft(projectId, "flow", { input: anyObject, steps });
  await engine.start();
  const parameters = { message: "hello" };
  return { engine, request: { projectId, flow: "flow", version: "draft", trigger: "execute", parameters } };
}

export interface Ran {
  readonly runId: string;
  readonly end: RunEnd | RunPause;
  readonly log: readonly RunEvent[];
  readonly trace: RunTrace;
}

export async function runToEnd(
  { engine, request }: Bench,
  parameters: JsonObject = { message: "hello" },
): Promise<Ran> {
  const call = await engine.submit({ ...request, parameters });
  const end = await engine.outcome(call, never);
  return { runId: call.runId, end, ...(await look(engine, call.runId)) };
}

export async function look(engine: Engine, runId: string): Promise<Pick<Ran, "log" | "trace">> {
  const run = await engine.run(runId);
  if (run === undefined) throw new Error("no run");
  return { log: await engine.store.eventsAfter(runId, 0, 100_000), trace: await engine.trace(run) };
}

export function llm(id: string, prompt: string, more: JsonObject = {}): JsonObject {
  return { id, type: "llm", model: "noukai/echo", prompt, ...more };
}

export function keep(id: string): JsonObject {
  return { id, type: "passthrough" };
}

/** The log in short: what happened to which step in which pass. */
export function told(log: readonly RunEvent[]): readonly string[] {
  return log.map((event) => {
    const step = "stepId" in event ? ` ${event.stepId}` : "";
    const pass = "loopPath" in event && event.loopPath?.length ? `[${event.loopPath.join(".")}]` : "";
    return `${event.type === "step_progress" ? event.phase : event.type}${step}${pass}`;
  });
}

/** The rows of a trace in short. */
export function rows(trace: RunTrace): readonly string[] {
  return trace.attempts.map(({ stepId, parentStepId, loopPath, attempt, status }) =>
    [parentStepId ?? "-", passOf(stepId, loopPath), attempt, status].join(" "),
  );
}

export function passOf(stepId: string, loopPath: readonly number[]): string {
  return loopPath.length === 0 ? stepId : `${stepId}[${loopPath.join(".")}]`;
}

export function fold(items: readonly StreamItem[]): Readonly<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const item of items) {
    if (item.type !== "step_output") continue;
    const key = `${item.parentStepId ?? "-"} ${passOf(item.stepId, item.loopPath)} ${item.attempt}`;
    texts[key] = (texts[key] ?? "").slice(0, item.offset) + item.delta;
  }
  return texts;
}

/** Two models side by side, one of them with a step behind it. */
export const fan: JsonObject = {
  id: "fan",
  type: "parallel",
  branches: {
    tone: [llm("tone", "Tone of {{message}}"), keep("kept")],
    length: [llm("length", "Length of {{message}}")],
  },
};

/** Its steps once per item of the input's `list`. */
export function each(steps: readonly JsonObject[], more: JsonObject = {}): JsonObject {
  return { id: "each", type: "loop", over: "list", steps, ...more };
}

export function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}
