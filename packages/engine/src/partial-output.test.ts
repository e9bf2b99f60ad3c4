import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, it, test, vi } from "vitest";
import { describePostgres, execute, type TestDatabase } from "@noukai/postgres-for-tests";
import { createEngine, type Engine } from "./engine.ts";
import { RetryableError } from "./errors.ts";
import type { RunEvent, StreamItem } from "./events.ts";
import type { JsonObject } from "./flow/definition.ts";
import type { ModelRequest, Models } from "./models/model.ts";
import { createModels } from "./models/registry.ts";
import { connect } from "./store/postgres/connection.ts";
import { openPostgresStore } from "./store/postgres/postgres-store.ts";
import { openMemoryStore } from "./store/sqlite-store.ts";

const echo = createModels();
const never = new AbortController().signal;
const isLogged = (item: StreamItem): item is RunEvent => item.type !== "step_output";

/** A model call in flight, which writes what the test says. */
interface Call {
  readonly request: ModelRequest;
  write(text: string): void;
  /** Answers as the echo does. */
  end(): void;
  fail(error: Error): void;
}

/** Models whose calls wait for the test. */
class Scripted implements Models {
  readonly #calls: Call[] = [];
  #called = Promise.withResolvers<void>();

  unavailable(model: string): string | undefined {
    return echo.unavailable(model);
  }

  unreadable(model: string, mimeType: string): string | undefined {
    return echo.unreadable(model, mimeType);
  }

  costUsd(response: Parameters<Models["costUsd"]>[0]): string | null {
    return echo.costUsd(response);
  }

  async generate(request: ModelRequest): ReturnType<Models["generate"]> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#calls.push({ request, write: (text) => request.onDelta?.(text), end: resolve, fail: reject });
    request.signal.addEventListener("abort", () => reject(request.signal.reason));
    this.#called.resolve();
    this.#called = Promise.withResolvers();
    await promise;
    return echo.generate({ ...request, onDelta: () => undefined });
  }

  /** The next call, in the order in which they come. */
  async next(): Promise<Call> {
    for (;;) {
      const call = this.#calls.shift();
      if (call !== undefined) return call;
      await this.#called.promise;
    }
  }
}

/** A reader that goes on by itself, and what it has seen. */
class Reader {
  readonly items: StreamItem[] = [];
  readonly end: Promise<void>;

  constructor(engine: Engine, runId: string, after = 0) {
    this.end = this.#read(engine.events(runId, { after, signal: never }));
  }

  get logged(): readonly RunEvent[] {
    return this.items.filter(isLogged);
  }

  /** The texts as clients fold them, by step and attempt. */
  get texts(): Readonly<Record<string, string>> {
    const texts: Record<string, string> = {};
    for (const item of this.items) {
      if (isLogged(item)) continue;
      const key = `${item.stepId} ${item.attempt}`;
      const before = texts[key] ?? "";
      if (item.offset > before.length) throw new Error(`The text of ${key} has a gap at ${before.length}.`);
      texts[key] = before.slice(0, item.offset) + item.delta;
    }
    return texts;
  }

  /** Units of text that it was sent. */
  get sent(): number {
    return this.items.reduce((sum, item) => (isLogged(item) ? sum : sum + item.delta.length), 0);
  }

  async #read(items: AsyncIterable<StreamItem>): Promise<void> {
    for await (const item of items) this.items.push(item);
  }
}

/** What is waited for comes in its own time: texts are written every 250 ms, and the machine may have much else to do. */
const patience = { timeout: 20_000, interval: 10 };
vi.setConfig({ testTimeout: 60_000 });

/** Resolves when the reader has folded this. */
async function folded(reader: Reader, texts: Readonly<Record<string, string>>): Promise<void> {
  await vi.waitFor(() => expect(reader.texts).toEqual(texts), patience);
}

const flow: JsonObject = {
  steps: ["first", "second"].map((id) => ({ id, type: "llm", model: "noukai/echo", prompt: "{{initial.message}}" })),
};

describePostgres("partial output of runs in another process", (postgres) => {
  let database: TestDatabase;
  let models: Scripted;
  let here: Engine;
  let there: Engine;
  const engines: Engine[] = [];
  const faults: unknown[] = [];
  const children: ChildProcess[] = [];

  async function open(): Promise<Engine> {
    // A reader that is woken by the clock here would hide a nudge that did not come.
    const store = await openPostgresStore({ url: database.url, rereadMs: 600_000 });
    const sleep = (): Promise<void> => Promise.resolve();
    const onFault = ({ error }: { readonly error: unknown }): void => void faults.push(error);
    const engine = createEngine({ store, models, sleep, onFault, journal: { retryForMs: 0 } });
    engines.push(engine);
    return engine;
  }

  beforeEach(async () => {
    database = await postgres.createDatabase();
    models = new Scripted();
    here = await open();
    there = await open();
    await here.start();
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
    for (const engine of engines.splice(0)) {
      await engine.drain(0);
      await engine.store.close();
    }
    faults.length = 0;
    await database.drop();
  });

  async function submit(definition = flow): Promise<string> {
    const { id: projectId } = await here.store.ensureProject("acme", "demo");
    await here.catalog.saveDraft(projectId, "flow", definition);
    const request = { projectId, flow: "flow", version: "draft", trigger: "execute", message: "hello" } as const;
    return (await here.submit(request)).runId;
  }

  async function chunkCount(): Promise<number> {
    const client = await connect(database.url);
    const { rows } = await client.query<{ count: number }>("SELECT count(*)::integer AS count FROM partial_chunks");
    await client.end();
    return rows[0]?.count ?? 0;
  }

  it("grows before the step is over, comes whole to who joins late, and is gone with its step", async () => {
    const runId = await submit();
    const early = new Reader(there, runId);
    const call = await models.next();
    call.write("one ");
    await folded(early, { "first 1": "one " });
    call.write("two ");
    call.write("\ud83d");
    await folded(early, { "first 1": "one two \ud83d" });
    call.write("\ude00");
    await folded(early, { "first 1": "one two 😀" });

    const late = new Reader(there, runId, 2);
    await folded(late, { "first 1": "one two 😀" });
    expect(late.items.filter((item) => !isLogged(item))).toMatchObject([{ offset: 0, delta: "one two 😀" }]);
    expect(early.logged.map(({ type }) => type)).not.toContain("step_completed");

    call.end();
    (await models.next()).end();
    await Promise.all([early.end, late.end]);
    const log = await here.store.eventsAfter(runId, 0, 100);
    expect(early.logged).toEqual(log);
    expect(late.logged).toEqual(log.slice(2));
    expect([early.sent, late.sent]).toEqual(["one two 😀".length, "one two 😀".length]);
    await expect.poll(chunkCount, patience).toBe(0);
  });

  it("comes of two branches that write at once, each with its container, and is gone with each", async () => {
    const [left, right] = ["left", "right"].map((id) => ({ id, type: "llm", model: "noukai/echo", prompt: id }));
    const runId = await submit({
      steps: [{ id: "fan", type: "parallel", branches: { left: [left ?? {}], right: [right ?? {}] } }],
    });
    const early = new Reader(there, runId);
    const calls = [await models.next(), await models.next()];
    for (const word of ["one ", "two "]) {
      for (const [index, call] of calls.entries()) call.write(`${index}${word}`);
      await vi.waitFor(() => expect(early.texts["left 1"]).toContain(word), patience);
    }
    const late = new Reader(there, runId);
    const whole = { "left 1": "0one 0two ", "right 1": "1one 1two " };
    await folded(early, whole);
    await folded(late, whole);
    expect(late.items.filter((item) => !isLogged(item))).toMatchObject([
      { parentStepId: "fan", offset: 0 },
      { parentStepId: "fan", offset: 0 },
    ]);
    calls[0]?.end();
    // What one of them wrote is gone with it, and nothing of the other's.
    await vi.waitFor(() => expect(early.logged.at(-1)).toMatchObject({ stepId: "left", phase: "completed" }), patience);
    const last = new Reader(there, runId);
    await folded(last, { "right 1": "1one 1two " });
    calls[1]?.write("to its end");
    await folded(early, { ...whole, "right 1": "1one 1two to its end" });
    calls[1]?.end();
    await Promise.all([early.end, late.end, last.end]);
    await expect.poll(chunkCount, patience).toBe(0);
  });

  it("comes of two runs that write at once to the readers of each", async () => {
    const runIds = [await submit(), await submit()];
    const readers = runIds.map((runId) => new Reader(there, runId));
    const calls = [await models.next(), await models.next()];
    const written = runIds.map(() => "");
    for (const word of ["one ", "two ", "three"]) {
      for (const [index, { request, write }] of calls.entries()) {
        const text = `${request.idempotencyKey} ${word}`;
        write(text);
        written[index] += text;
      }
      for (const [index, reader] of readers.entries()) await folded(reader, { "first 1": written[index] ?? "" });
    }
    expect(written).toEqual(runIds.map((id) => expect.stringContaining(id)));
    for (const { end } of calls) end();
    for (const { end } of [await models.next(), await models.next()]) end();
    await Promise.all(readers.map(({ end }) => end));
    await expect.poll(chunkCount, patience).toBe(0);
  });

  it("comes step by step", async () => {
    const runId = await submit();
    const reader = new Reader(there, runId);
    const first = await models.next();
    first.write("one");
    await folded(reader, { "first 1": "one" });
    first.end();
    const second = await models.next();
    second.write("two");
    await folded(reader, { "first 1": "one", "second 1": "two" });
    second.end();
    await reader.end;
  });

  it("is void with its attempt: nobody is given it behind the event that says so", async () => {
    const runId = await submit();
    const early = new Reader(there, runId);
    const first = await models.next();
    first.write("void");
    await folded(early, { "first 1": "void" });
    first.fail(new RetryableError("PROVIDER_ERROR", "Try again."));
    const second = await models.next();
    const retrying = (await here.store.eventsAfter(runId, 0, 100)).find(({ type }) => type === "step_retrying");
    const late = new Reader(there, runId, retrying?.seq);
    second.write("valid");
    await Promise.all([folded(early, { "first 1": "void", "first 2": "valid" }), folded(late, { "first 2": "valid" })]);
    second.end();
    (await models.next()).end();
    await Promise.all([early.end, late.end]);
    const behind = early.items.slice(early.items.findIndex(({ type }) => type === "step_retrying"));
    expect(behind.filter((item) => !isLogged(item) && item.attempt === 1)).toEqual([]);
  });

  it("of a worker that was lost is seen by nobody who reads the next attempt, and is gone with it", async () => {
    const runId = await submit();
    const early = new Reader(there, runId);
    const lost = await models.next();
    lost.write("lost");
    await folded(early, { "first 1": "lost" });
    // The process is as good as gone: it has no connection and its lock is free.
    await here.store.close();
    await there.start();
    const next = await models.next();
    expect(next.request.attempt).toBe(2);
    expect(await there.store.run(runId)).toMatchObject({ losses: 1 });
    lost.write(" for ever");

    const onlooker = await open();
    const late = new Reader(onlooker, runId, (await there.store.run(runId))?.lastSeq);
    next.write("found");
    await Promise.all([folded(early, { "first 1": "lost", "first 2": "found" }), folded(late, { "first 2": "found" })]);
    next.end();
    (await models.next()).end();
    await Promise.all([early.end, late.end]);
    await expect.poll(chunkCount, patience).toBe(0);
  });

  it("of a process that was killed is seen by nobody who reads the next attempt, and is gone with it", async () => {
    const url = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
    const source = `
      import { createEngine } from ${url("./engine.ts")};
      import { createModels } from ${url("./models/registry.ts")};
      import { openPostgresStore } from ${url("./store/postgres/postgres-store.ts")};
      const store = await openPostgresStore({ url: process.argv[1] });
      const generate = ({ onDelta }) => {
        onDelta("lost");
        return new Promise(() => undefined);
      };
      const engine = createEngine({ store, models: { ...createModels(), generate } });
      await engine.start();
      const { id: projectId } = await store.ensureProject("acme", "demo");
      await engine.catalog.saveDraft(projectId, "flow", ${JSON.stringify(flow)});
      const { runId } = await engine.submit({ projectId, flow: "flow", version: "draft", trigger: "execute", message: "hello" });
      console.log(runId);
    `;
    const args = ["--no-warnings", "--input-type=module", "--eval", source, database.url];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    children.push(child);
    const [runId] = (await once(createInterface({ input: child.stdout }), "line")) as [string]; // as: a line is a string
    const early = new Reader(there, runId);
    await folded(early, { "first 1": "lost" });
    child.kill("SIGKILL");
    await expect.poll(() => there.store.recover(), patience).toBe(1);
    expect(await chunkCount()).toBe(0);

    const call = await models.next();
    const late = new Reader(there, runId);
    call.write("found");
    await Promise.all([folded(early, { "first 1": "lost", "first 2": "found" }), folded(late, { "first 2": "found" })]);
    call.end();
    (await models.next()).end();
    await Promise.all([early.end, late.end]);
    expect(early.logged).toEqual(late.logged);
    await expect.poll(chunkCount, patience).toBe(0);
  });

  it("is left out where the table was lost, and its run goes on", async () => {
    const runId = await submit();
    const reader = new Reader(there, runId);
    const call = await models.next();
    call.write("one ");
    await folded(reader, { "first 1": "one " });
    await execute(database.url, "TRUNCATE partial_chunks");
    call.write("two");
    await expect.poll(chunkCount, patience).toBe(1);
    call.end();
    (await models.next()).end();
    await reader.end;
    expect(reader.texts).toEqual({ "first 1": "one " });
    expect(faults).toEqual([]);
  });

  it("that cannot be written is a fault that is told, and neither the run nor its log notices", async () => {
    await execute(database.url, "ALTER TABLE partial_chunks RENAME COLUMN delta TO gone");
    const runId = await submit();
    const call = await models.next();
    call.write("unheard");
    await expect.poll(() => faults, patience).toMatchObject([{ message: expect.stringContaining("delta") }]);
    call.end();
    (await models.next()).end();
    const end = await here.outcome({ runId, after: 0, repeated: false }, never);
    expect(end).toMatchObject({ status: "completed" });
    expect(faults).toHaveLength(1);
  });

  it("is not written where steps are over at once", async () => {
    // Whatever would be written now would fail.
    await execute(database.url, "ALTER TABLE partial_chunks RENAME COLUMN delta TO gone");
    const runId = await submit();
    for (const step of ["first", "second"]) {
      const call = await models.next();
      call.write(step);
      call.end();
    }
    const end = await here.outcome({ runId, after: 0, repeated: false }, never);
    expect(end).toMatchObject({ status: "completed" });
    await here.drain(1_000);
    expect(faults).toEqual([]);
  });
});

test("the embedded store keeps no partial output: its only process has it in memory", () => {
  expect(openMemoryStore().partials).toBeUndefined();
});
