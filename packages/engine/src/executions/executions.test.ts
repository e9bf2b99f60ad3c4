import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describePostgres } from "@noukai/postgres-for-tests";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { createEngine, type Engine } from "../engine.ts";
import { EngineError, TerminalError } from "../errors.ts";
import type { JsonObject } from "../flow/definition.ts";
import type { ModelRequest, Models } from "../models/model.ts";
import { createModels } from "../models/registry.ts";
import { openPostgresStore } from "../store/postgres/postgres-store.ts";
import { openMemoryStore, openSqliteStore } from "../store/sqlite-store.ts";
import { type ExecutionChange, firstChange, type Store } from "../store/store.ts";
import type { ExecutionCaller } from "./executions.ts";
import type { ExecutionStatus } from "./statuses.ts";

const engines: Engine[] = [];
const echo = createModels();

afterEach(async () => {
  for (const engine of engines.splice(0)) await stop(engine);
});

async function stop(engine: Engine): Promise<void> {
  await engine.drain(0);
  await engine.store.close();
}

/** Models of which each call costs a cent, and that remember which step asked. */
function paidModels(answer: (stepId: string, request: ModelRequest) => Promise<void> | void = () => undefined) {
  const calls: string[] = [];
  const models: Models = {
    unavailable: (model) => echo.unavailable(model),
    unreadable: (model, mimeType) => echo.unreadable(model, mimeType),
    costUsd: () => "0.01",
    async generate(request) {
      const stepId = request.idempotencyKey.split(":")[1] ?? "";
      calls.push(stepId);
      await answer(stepId, request);
      return echo.generate(request);
    },
  };
  return { models, calls };
}

interface World {
  readonly engine: Engine;
  readonly caller: ExecutionCaller;
  readonly flowId: string;
}

async function open(
  definition: JsonObject,
  options: { readonly store?: Store; readonly models?: Models } = {},
): Promise<World> {
  const { store = openMemoryStore(), models = echo } = options;
  const engine = createEngine({ store, models, sleep: () => Promise.resolve() });
  engines.push(engine);
  const { id: projectId } = await store.ensureProject("acme", "demo");
  const known = await store.flow(projectId, "flow");
  const flow = known ?? (await engine.catalog.saveDraft(projectId, "flow", definition));
  if (known === undefined) await engine.catalog.publish(flow, null);
  await engine.start();
  return { engine, caller: { projectIds: [projectId], by: "tester" }, flowId: flow.id };
}

const llm = (id: string): JsonObject => ({ id, type: "llm", model: "noukai/echo", prompt: `${id} {{text}}` });
const chain = (count: number): JsonObject => ({
  input: { type: "object", properties: { text: { type: "string" } }, required: ["text"] },
  steps: Array.from({ length: count }, (_, index) => llm(`s${index + 1}`)),
});

async function settled({ engine, caller }: World, id: string): Promise<ExecutionStatus> {
  return vi.waitFor(async () => {
    const { execution } = await engine.executions.read(caller, id);
    expect(["completed", "failed", "cancelled", "stale"]).toContain(execution.status);
    return execution.status;
  }, 10_000);
}

async function changesOf({ engine, caller }: World, executionId: string): Promise<readonly ExecutionChange[]> {
  const query = { projectIds: caller.projectIds, executionId, after: firstChange, limit: 1_000 };
  return engine.store.executionChanges(query);
}

const statusesOf = (changes: readonly ExecutionChange[]): readonly ExecutionStatus[] =>
  changes.map(({ status }) => status);

async function costOf({ engine }: World, runId: string): Promise<string | null> {
  const run = await engine.run(runId);
  return run === undefined ? null : (await engine.trace(run)).totalCostUsd;
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => new Error("It was not refused."),
    (reason: unknown) => reason,
  );
  return error instanceof EngineError ? error.code : String(error);
}

test("an execution tells each status that it comes to, once and in order, and has its run's trace", async () => {
  const world = await open(chain(2));
  const made = await world.engine.executions.create(world.caller, { flowId: world.flowId, input: { text: "hi" } });
  expect(made).toMatchObject({ status: "running", flowVersion: 1, runNumber: 1, runId: made.id });
  expect(await settled(world, made.id)).toBe("completed");
  expect(statusesOf(await changesOf(world, made.id))).toEqual(["running", "in_progress", "completed"]);
  expect((await world.engine.executions.read(world.caller, made.id)).result).toEqual({ text: "s2 s1 hi" });
  expect(await world.engine.run(made.id)).toMatchObject({ execution: { id: made.id, runNumber: 1 }, trigger: "api" });
});

test("references in the input are passed on as they are", async () => {
  const world = await open({ input: { type: "object" }, steps: [{ id: "keep", type: "passthrough" }] });
  const input = { file_key: "a/b.pdf", document_url: "https://files.example.com/letter.pdf" };
  const { id } = await world.engine.executions.create(world.caller, { flowId: world.flowId, input });
  await settled(world, id);
  expect((await world.engine.executions.read(world.caller, id)).result).toEqual(input);
});

test("an input that does not fit is refused with every fault and its place, and makes nothing", async () => {
  const world = await open(chain(1));
  const refused = world.engine.executions.create(world.caller, { flowId: world.flowId, input: { text: 1 } });
  await expect(refused).rejects.toMatchObject({ code: "INPUT_INVALID", issues: [{ path: "input.text" }] });
  expect(await changesOf(world, "")).toEqual([]);
});

test("the version is fixed for the execution's life, but for a full re-run", async () => {
  const world = await open(chain(1));
  const { engine, caller, flowId } = world;
  const { id, projectId } = await engine.executions.create(caller, { flowId, input: { text: "a" } });
  await settled(world, id);
  const flow = await engine.catalog.saveDraft(projectId, "flow", { ...chain(1), steps: [llm("other")] });
  await engine.catalog.publish(flow, null);
  await engine.executions.reexecute(caller, id, { onlyStale: true });
  await settled(world, id);
  expect((await engine.executions.read(caller, id)).execution).toMatchObject({ flowVersion: 1, runNumber: 2 });
  await engine.executions.reexecute(caller, id, { onlyStale: false });
  await settled(world, id);
  const { execution, result } = await engine.executions.read(caller, id);
  expect(execution).toMatchObject({ flowVersion: 2, runNumber: 3 });
  expect(result).toEqual({ text: "other a" });
});

test("a re-run of one that is under way ends that first", async () => {
  const world = await open({ ...chain(1), steps: [{ ...llm("s1"), model: "noukai/echo?delayMs=600000" }] });
  const { engine, caller, flowId } = world;
  const { id } = await engine.executions.create(caller, { flowId, input: { text: "a" } });
  const begun = async (runNumber: number): Promise<void> => {
    await vi.waitFor(async () =>
      expect((await changesOf(world, id)).at(-1)).toMatchObject({ status: "in_progress", runNumber }),
    );
  };
  await begun(1);
  await engine.executions.reexecute(caller, id, { onlyStale: false });
  await begun(2);
  expect(await engine.run(id)).toMatchObject({ status: "cancelled" });
  await engine.executions.cancel(caller, id);
  expect(await settled(world, id)).toBe("cancelled");
  const life = ["running", "in_progress", "cancel_requested", "cancelled"];
  expect(statusesOf(await changesOf(world, id))).toEqual([...life, ...life]);
});

test("a run that waits for tool results shows as awaiting_input, and goes on when they come", async () => {
  const world = await open({ steps: [{ ...llm("ask"), prompt: "{{message}}", tools: true }] });
  const { engine, caller } = world;
  const [projectId = ""] = caller.projectIds;
  const { runId } = await engine.submit({
    projectId,
    flow: "flow",
    version: 1,
    trigger: "api",
    input: { message: "a" },
    tools: [{ name: "search", parameters: { type: "object", properties: {} } }],
    execution: { modifiedBy: "tester", webhookUrl: null },
  });
  await vi.waitFor(async () => expect((await changesOf(world, runId)).at(-1)?.status).toBe("awaiting_input"));
  expect((await engine.executions.tasks(caller, runId)).map(({ status }) => status)).toEqual(["awaiting_input"]);
  const answers = [{ role: "tool", tool_call_id: "call_1", content: "found" }];
  const [run, log] = [await engine.run(runId), await engine.store.eventsAfter(runId, 0, 100)];
  const pause = log.at(-1);
  const asked = pause?.type === "step_paused_for_tool_calls" ? pause.toolCallMessages : [];
  await engine.resume({ projectId, runId, toolCallMessages: [...asked, ...answers] });
  expect([run?.status, await settled(world, runId)]).toEqual(["paused", "completed"]);
  const statuses = statusesOf(await changesOf(world, runId));
  expect(statuses).toEqual(["running", "in_progress", "awaiting_input", "in_progress", "completed"]);
});

test("two re-runs at once make one", async () => {
  const world = await open(chain(1));
  const { engine, caller, flowId } = world;
  const { id } = await engine.executions.create(caller, { flowId, input: { text: "a" } });
  await settled(world, id);
  const again = () => engine.executions.reexecute(caller, id, { onlyStale: true });
  const outcomes = await Promise.allSettled([again(), again(), again()]);
  expect(outcomes.filter(({ status }) => status === "fulfilled").length).toBeGreaterThan(0);
  await settled(world, id);
  const { execution } = await engine.executions.read(caller, id);
  expect(execution.runNumber).toBe(1 + outcomes.filter(({ status }) => status === "fulfilled").length);
});

test("a deleted execution is gone for every call, may be deleted again, and is not stopped", async () => {
  const world = await open({ ...chain(1), steps: [{ ...llm("s1"), model: "noukai/echo?delayMs=50" }] });
  const { engine, caller, flowId } = world;
  const { id } = await engine.executions.create(caller, { flowId, input: { text: "a" } });
  await engine.executions.remove(caller, id);
  await engine.executions.remove(caller, id);
  for (const call of [
    () => engine.executions.read(caller, id),
    () => engine.executions.cancel(caller, id),
    () => engine.executions.reexecute(caller, id, { onlyStale: true }),
    () => engine.executions.tasks(caller, id),
  ]) {
    expect(await codeOf(call())).toBe("EXECUTION_NOT_FOUND");
  }
  await vi.waitFor(async () => expect(await engine.run(id)).toMatchObject({ status: "completed" }));
  expect(statusesOf(await changesOf(world, id)).at(-1)).toBe("deleted");
});

test("outputs that were dropped a day after the end cannot be kept, edited or run again", async () => {
  const world = await open(chain(2));
  const { engine, caller, flowId } = world;
  const { id } = await engine.executions.create(caller, { flowId, input: { text: "a" } });
  await settled(world, id);
  const run = await engine.run(id);
  await engine.executions.editOutput(caller, `${id}:s1`, { text: "secret" });
  await engine.store.prune(id, (await engine.store.eventsAfter(id, 0, 100)).slice(0, run?.lastSeq));
  expect((await engine.executions.read(caller, id)).execution.edits).toEqual({});
  expect(await codeOf(engine.executions.reexecute(caller, id, { onlyStale: true }))).toBe("OUTPUTS_EXPIRED");
  expect(await codeOf(engine.executions.editOutput(caller, `${id}:s1`, {}))).toBe("OUTPUTS_EXPIRED");
});

test("a task that has not run cannot be edited, nor any while a run is under way", async () => {
  const { models } = paidModels((stepId) => {
    if (stepId === "s2") throw new TerminalError("MODEL_PROVIDER_ERROR", "refused");
  });
  const world = await open(chain(3), { models });
  const { engine, caller, flowId } = world;
  const { id } = await engine.executions.create(caller, { flowId, input: { text: "a" } });
  await settled(world, id);
  expect(await codeOf(engine.executions.editOutput(caller, `${id}:s3`, {}))).toBe("TASK_NOT_EDITABLE");
  expect(await codeOf(engine.executions.task(caller, `${id}:s9`))).toBe("TASK_NOT_FOUND");
  const tasks = await engine.executions.tasks(caller, id);
  expect(tasks.map(({ status }) => status)).toEqual(["completed", "failed", "stale"]);
});

describe("a thirty-step flow that fails at step 28", () => {
  /** Fails at step 28 for as long as step 27 gave what it gives by itself. */
  const thirty = () =>
    paidModels((stepId, { messages }) => {
      if (stepId === "s28" && JSON.stringify(messages).includes("s27"))
        throw new TerminalError("MODEL_PROVIDER_ERROR", "refused");
    });

  async function failAt28(world: World): Promise<string> {
    const { id } = await world.engine.executions.create(world.caller, { flowId: world.flowId, input: { text: "go" } });
    expect(await settled(world, id)).toBe("failed");
    return id;
  }

  async function editAt27({ engine, caller }: World, id: string): Promise<void> {
    await engine.executions.editOutput(caller, `${id}:s27`, { text: "mended" });
    const { execution } = await engine.executions.read(caller, id);
    expect(execution.status).toBe("stale");
    const tasks = await engine.executions.tasks(caller, id);
    expect(tasks.filter(({ status }) => status === "stale").map(({ stepId }) => stepId)).toEqual(["s28", "s29", "s30"]);
  }

  async function finish(world: World, id: string, calls: readonly string[]): Promise<void> {
    const { engine, caller } = world;
    const before = calls.length;
    await engine.executions.reexecute(caller, id, { onlyStale: true });
    expect(await settled(world, id)).toBe("completed");
    expect(calls.slice(before)).toEqual(["s28", "s29", "s30"]);
    const { execution, result } = await engine.executions.read(caller, id);
    expect(result).toEqual({ text: "s30 s29 s28 mended" });
    expect([await costOf(world, id), await costOf(world, execution.runId)]).toEqual(["0.27", "0.03"]);
    expect(await engine.credits.account(execution.projectId)).toMatchObject({ spentUsd: "0.3" });
    const tasks = await engine.executions.tasks(caller, id);
    expect(tasks.filter(({ keptFrom }) => keptFrom === id)).toHaveLength(27);
    expect(tasks.every(({ status }) => status === "completed")).toBe(true);
    expect(await engine.run(id)).toMatchObject({ status: "failed", lastSeq: expect.any(Number) as number });
  }

  test("runs three steps once step 27 is edited, and pays for those alone", async () => {
    const { models, calls } = thirty();
    const world = await open(chain(30), { models });
    const id = await failAt28(world);
    await editAt27(world, id);
    await finish(world, id, calls);
  });

  test("does the same when the process ends between the edit and the re-run", async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "noukai-executions-"));
    onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
    const { models, calls } = thirty();
    const first = await open(chain(30), { models, store: await openSqliteStore({ dataDir }) });
    const id = await failAt28(first);
    await editAt27(first, id);
    await stop(first.engine);
    const second = await open(chain(30), { models, store: await openSqliteStore({ dataDir }) });
    await finish(second, id, calls);
  });

  describePostgres("on PostgreSQL", (postgres) => {
    test("does the same, and after a restart", async () => {
      const { url, drop } = await postgres.createDatabase();
      onTestFinished(drop);
      const { models, calls } = thirty();
      const first = await open(chain(30), { models, store: await openPostgresStore({ url }) });
      const id = await failAt28(first);
      await editAt27(first, id);
      await stop(first.engine);
      const second = await open(chain(30), { models, store: await openPostgresStore({ url }) });
      await finish(second, id, calls);
      await stop(second.engine);
    });
  });
});

describePostgres("executions in two processes", (postgres) => {
  async function two(definition: JsonObject): Promise<readonly [World, World]> {
    const { url, drop } = await postgres.createDatabase();
    onTestFinished(drop);
    const first = await open(definition, { store: await openPostgresStore({ url }) });
    return [first, await open(definition, { store: await openPostgresStore({ url }) })];
  }

  test.each([true, false])(
    "equal re-runs at the same moment are one, and none is refused (only stale: %s)",
    async (onlyStale) => {
      const worlds = await two(chain(1));
      const [{ engine, caller, flowId }] = worlds;
      const { id } = await engine.executions.create(caller, { flowId, input: { text: "a" } });
      await settled(worlds[0], id);
      for (const runNumber of [2, 3, 4]) {
        const idempotency = { key: `key-${runNumber}`, requestHash: "same" };
        const again = (world: World): Promise<void> =>
          world.engine.executions.reexecute(world.caller, id, { onlyStale, idempotency });
        await Promise.all([...worlds, ...worlds].map(again));
        await settled(worlds[0], id);
        expect((await engine.executions.read(caller, id)).execution.runNumber).toBe(runNumber);
      }
    },
    20_000,
  );

  test("whoever is asked to cancel, the process that has the run ends it, and both tell of it", async () => {
    const [here, there] = await two({ ...chain(1), steps: [{ ...llm("s1"), model: "noukai/echo?delayMs=600000" }] });
    const { id } = await here.engine.executions.create(here.caller, { flowId: here.flowId, input: { text: "a" } });
    const leaving = new AbortController();
    const told: ExecutionStatus[] = [];
    const watching = (async () => {
      const query = { executionId: id, after: firstChange };
      for await (const page of there.engine.executions.changes(there.caller, query, leaving.signal)) {
        told.push(...statusesOf(page));
        if (told.at(-1) === "cancelled") return;
      }
    })();
    await vi.waitFor(async () => expect(statusesOf(await changesOf(there, id))).toContain("in_progress"), 5_000);
    await there.engine.executions.cancel(there.caller, id);
    expect(await settled(there, id)).toBe("cancelled");
    await watching;
    expect(told).toEqual(["running", "in_progress", "cancel_requested", "cancelled"]);
    await Promise.all([stop(here.engine), stop(there.engine)]);
  });

  test("changes that many processes make at once are each told once, in one order for all", async () => {
    const [here, there] = await two(chain(2));
    const create = ({ engine, caller, flowId }: World) =>
      engine.executions.create(caller, { flowId, input: { text: "a" } });
    const seen: string[] = [];
    const leaving = new AbortController();
    const watching = (async () => {
      for await (const page of here.engine.executions.changes(here.caller, { after: firstChange }, leaving.signal))
        seen.push(...page.map(({ cursor }) => cursor));
    })();
    const made = await Promise.all(Array.from({ length: 60 }, (_, index) => create(index % 2 === 0 ? here : there)));
    for (const { id } of made) await settled(there, id);
    await vi.waitFor(() => expect(seen).toHaveLength(180), 5_000);
    leaving.abort();
    await watching.catch(() => undefined);
    const all = await there.engine.store.executionChanges({
      projectIds: there.caller.projectIds,
      after: firstChange,
      limit: 1_000,
    });
    expect(seen).toEqual(all.map(({ cursor }) => cursor));
    await Promise.all([stop(here.engine), stop(there.engine)]);
  });
});
