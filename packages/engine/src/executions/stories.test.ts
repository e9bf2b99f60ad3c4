import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describePostgres } from "@noukai/postgres-for-tests";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { createEngine, type Engine } from "../engine.ts";
import { EngineError, StoreUnavailableError, TerminalError } from "../errors.ts";
import type { RunEvent } from "../events.ts";
import type { JsonObject } from "../flow/definition.ts";
import type { Models } from "../models/model.ts";
import { createModels } from "../models/registry.ts";
import { openPostgresStore } from "../store/postgres/postgres-store.ts";
import { createSqliteDatabase, openFile } from "../store/sqlite-database.ts";
import { createSqliteStore, hostHere } from "../store/sqlite-store.ts";
import { type ExecutionChange, type ExecutionRecord, firstChange, isOver, type Store } from "../store/store.ts";
import type { ExecutionCaller } from "./executions.ts";
import { isSettled, statusOf, transitions } from "./statuses.ts";

/** What callers do, and what happens to the process and its store. */
const deeds = [
  "create",
  "createFailing",
  "createAsking",
  "createAgain",
  "cancel",
  "rerunStale",
  "rerunFull",
  "rerunAgain",
  "edit",
  "editAndRun",
  "answer",
  "delete",
  "recover",
  "restart",
  "crash",
  "monthPasses",
  "rest",
  "loseRequest",
  "loseAnswer",
  "loseCommand",
  "loseCommandAnswer",
] as const;

interface Deed {
  readonly what: (typeof deeds)[number];
  /** Which of the executions that there are. */
  readonly which: number;
  /** Which step is edited. */
  readonly step: number;
  /** How many changes the reader takes at most afterwards. */
  readonly taken: number;
}

/** What takes long to do is not done as often. */
const rare: readonly Deed["what"][] = ["restart", "crash", "monthPasses"];
const common = deeds.filter((what) => !rare.includes(what));

const deedOf = (what: fc.Arbitrary<Deed["what"]>): fc.Arbitrary<Deed> =>
  fc.record({ what, which: fc.nat(3), step: fc.integer({ min: 1, max: 3 }), taken: fc.nat(4) });

const beginning = deedOf(fc.constantFrom("create", "createFailing", "createAsking"));
const deed = deedOf(fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...common) }, fc.constantFrom(...rare)));
const story = fc
  .tuple(beginning, fc.array(deed, { maxLength: 25, size: "max" }))
  .map(([first, rest]) => [first, ...rest]);

/** What happens to the next write: the store is not asked, or its answer does not come. */
interface Trouble {
  append: "none" | "loseRequest" | "loseAnswer";
  command: "none" | "loseRequest" | "loseAnswer";
}

function troubled(store: Store, trouble: Trouble): Store {
  const meet = async <Answer>(kind: keyof Trouble, write: () => Promise<Answer>): Promise<Answer> => {
    const next = trouble[kind];
    trouble[kind] = "none";
    if (next === "loseRequest") throw new StoreUnavailableError("lost");
    const answer = await write();
    if (next === "loseAnswer") throw new StoreUnavailableError("lost");
    return answer;
  };
  return {
    ...store,
    append: (entries) => meet("append", () => store.append(entries)),
    commandExecution: (id, by, command) => meet("command", () => store.commandExecution(id, by, command)),
  };
}

const echo = createModels();

/** The echo model; step `s2` fails for who says "fail". */
const models: Models = {
  unavailable: (model) => echo.unavailable(model),
  unreadable: (model, mimeType) => echo.unreadable(model, mimeType),
  costUsd: () => "0.01",
  async generate(request) {
    const stepId = request.idempotencyKey.split(":")[1] ?? "";
    if (stepId === "s2" && JSON.stringify(request.messages).includes("fail"))
      throw new TerminalError("MODEL_PROVIDER_ERROR", "no");
    return echo.generate(request);
  },
};

const llm = (id: string, prompt: string): JsonObject => ({ id, type: "llm", model: "noukai/echo", prompt });
const chain: JsonObject = {
  input: { type: "object", properties: { text: { type: "string" } }, required: ["text"] },
  steps: [1, 2, 3].map((step) => llm(`s${step}`, `s${step} {{text}}`)),
};
const asking: JsonObject = { steps: [{ ...llm("s1", "{{message}}"), tools: true }, llm("s2", "{{text}}")] };
const tools = [{ name: "search", parameters: { type: "object", properties: {} } }];

const monthMs = 31 * 24 * 60 * 60 * 1000;

/** A server's life, over several processes on one store. */
class Life {
  readonly trouble: Trouble = { append: "none", command: "none" };
  /** Executions that a call was answered with. */
  readonly ids: string[] = [];
  /** What a reader has seen who goes on behind its cursor, whatever happens meanwhile. */
  readonly seen: ExecutionChange[] = [];
  readonly #openStore: (now: () => number) => Promise<Store>;
  /** Later than the system's by the months that have passed. */
  #aheadMs = 0;
  #store: Store | undefined;
  #engine: Engine | undefined;
  #process = { isGone: false, askedAt: 0 };
  readonly #gone: Promise<unknown>[] = [];
  caller: ExecutionCaller = { projectIds: [], by: "tester" };
  flowId = "";

  constructor(openStore: (now: () => number) => Promise<Store>) {
    this.#openStore = openStore;
  }

  get engine(): Engine {
    if (this.#engine === undefined) throw new Error("Nothing is open.");
    return this.#engine;
  }

  async open(): Promise<void> {
    const now = (): number => Date.now() + this.#aheadMs;
    const process = { isGone: false, askedAt: 0 };
    this.#process = process;
    this.#store = await this.#openStore(now);
    this.#engine = createEngine({
      store: troubled(this.#store, this.trouble),
      models,
      now,
      sleep: () => Promise.resolve(),
      // What is gone does not ask its store for half a minute more: to it, a minute passes between any two looks at the clock.
      journal: { now: () => (process.isGone ? (process.askedAt += 60_000) : performance.now()) },
    });
    const { id: projectId } = await this.#store.ensureProject("acme", "demo");
    this.caller = { projectIds: [projectId], by: "tester" };
    this.flowId = await this.#ensureFlow(projectId, "chain", chain);
    await this.#ensureFlow(projectId, "asking", asking);
    await this.#engine.start();
  }

  async #ensureFlow(projectId: string, slug: string, definition: JsonObject): Promise<string> {
    const known = await this.engine.store.flow(projectId, slug);
    if (known !== undefined) return known.id;
    const flow = await this.engine.catalog.saveDraft(projectId, slug, definition);
    await this.engine.catalog.publish(flow, null);
    return flow.id;
  }

  /** The process stops in peace. */
  async stop(): Promise<void> {
    await this.engine.drain(0);
    await this.#store?.close();
  }

  /** The process is gone from one moment to the next: nothing that it held is given back. */
  async crash(): Promise<void> {
    this.#process.isGone = true;
    await this.#store?.close();
    // What is left of it in memory writes nothing any more, and is waited for in the end.
    this.#gone.push(this.engine.drain(0));
    await this.open();
  }

  async end(): Promise<void> {
    await this.stop();
    await Promise.all(this.#gone);
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.open();
  }

  /** Pauses expire and what is over loses its payloads with the next start. */
  async monthPasses(): Promise<void> {
    await this.stop();
    this.#aheadMs += monthMs;
    await this.open();
  }

  changesAfter(after: string, limit: number): Promise<readonly ExecutionChange[]> {
    return this.engine.store.executionChanges({ projectIds: this.caller.projectIds, after, limit });
  }

  /** The reader goes on by at most so many changes. */
  async readOn(limit: number): Promise<number> {
    if (limit === 0) return 0;
    const page = await this.changesAfter(this.seen.at(-1)?.cursor ?? firstChange, limit);
    this.seen.push(...page);
    return page.length;
  }

  async create(text: string, key?: string): Promise<void> {
    const idempotency = key === undefined ? {} : { idempotency: { key, requestHash: text } };
    const request = { flowId: this.flowId, input: { text }, ...idempotency };
    this.ids.push((await this.engine.executions.create(this.caller, request)).id);
  }

  async createAsking(): Promise<void> {
    const [projectId = ""] = this.caller.projectIds;
    const execution = { modifiedBy: "tester", webhookUrl: null };
    const input = { message: "a" };
    const call = { projectId, flow: "asking", version: 1, trigger: "api", input, tools, execution } as const;
    this.ids.push((await this.engine.submit(call)).runId);
  }

  /** Answers what the execution waits for, if it does. */
  async answer(id: string): Promise<void> {
    const [projectId = ""] = this.caller.projectIds;
    const { runId } = (await this.engine.store.execution(id)) ?? {};
    if (runId === undefined) return;
    const pause = (await logOf(this.engine, runId)).findLast(({ type }) => type === "step_paused_for_tool_calls");
    const asked = pause?.type === "step_paused_for_tool_calls" ? pause.toolCallMessages : [];
    const given = { role: "tool", tool_call_id: "call_1", content: "found" };
    await this.engine.resume({ projectId, runId, toolCallMessages: [...asked, given] });
  }

  async edit(id: string, step: number): Promise<void> {
    await this.engine.executions.editOutput(this.caller, `${id}:s${step}`, { text: "edited" });
  }

  async rerun(id: string, onlyStale: boolean, key?: string): Promise<void> {
    const idempotency = key === undefined ? {} : { idempotency: { key, requestHash: `${id} ${onlyStale}` } };
    await this.engine.executions.reexecute(this.caller, id, { onlyStale, ...idempotency });
  }

  async live({ what, which, step, taken }: Deed): Promise<void> {
    const id = this.ids[which % Math.max(1, this.ids.length)] ?? "none";
    const { executions, store } = this.engine;
    const call: Readonly<Record<Deed["what"], () => Promise<unknown>>> = {
      create: () => this.create("a"),
      createFailing: () => this.create("fail"),
      createAsking: () => this.createAsking(),
      createAgain: () => this.create("a", "one-key"),
      cancel: () => executions.cancel(this.caller, id),
      rerunStale: () => this.rerun(id, true),
      rerunFull: () => this.rerun(id, false),
      rerunAgain: () => this.rerun(id, true, `again ${id}`),
      edit: () => this.edit(id, step),
      editAndRun: () => this.edit(id, step).then(() => this.rerun(id, true)),
      answer: () => this.answer(id),
      delete: () => executions.remove(this.caller, id),
      recover: () => store.recover(),
      restart: () => this.restart(),
      crash: () => this.crash(),
      monthPasses: () => this.monthPasses(),
      rest: () => new Promise((resolve) => setImmediate(resolve)),
      loseRequest: () => Promise.resolve((this.trouble.append = "loseRequest")),
      loseAnswer: () => Promise.resolve((this.trouble.append = "loseAnswer")),
      loseCommand: () => Promise.resolve((this.trouble.command = "loseRequest")),
      loseCommandAnswer: () => Promise.resolve((this.trouble.command = "loseAnswer")),
    };
    await call[what]().catch((error: unknown) => {
      if (!(error instanceof EngineError)) throw error;
    });
    await this.readOn(taken);
  }
}

async function logOf({ store }: Engine, runId: string): Promise<readonly RunEvent[]> {
  return store.eventsAfter(runId, 0, 1_000);
}

/** Everything has come to rest: it is over, or it waits for somebody. */
async function restOf(life: Life): Promise<readonly ExecutionChange[]> {
  return vi.waitFor(async () => {
    const changes = await life.changesAfter(firstChange, 10_000);
    const latest = new Map(changes.map(({ executionId, status }) => [executionId, status]));
    const moving = [...latest].filter(
      ([, status]) => !isSettled(status) && status !== "stale" && status !== "awaiting_input",
    );
    expect(moving).toEqual([]);
    for (const id of latest.keys()) {
      const { runId = "" } = (await life.engine.store.execution(id)) ?? {};
      // A deleted one is not stopped.
      const { status = "pending" } = (await life.engine.run(runId)) ?? {};
      expect(isOver(status) || status === "paused").toBe(true);
    }
    return changes;
  }, 20_000);
}

/** From one status to the next only as the table has it, and no run before one that came later. */
function expectLegal(changes: readonly ExecutionChange[]): void {
  const [first] = changes;
  expect(["queued", "running"]).toContain(first?.status);
  for (const [index, { status, runNumber }] of changes.entries()) {
    const next = changes[index + 1];
    if (next === undefined) continue;
    const isLegal = transitions[status].includes(next.status);
    const told = changes.map((change) => `${change.runNumber} ${change.status}`);
    expect({ isLegal, told }).toEqual({ isLegal: true, told });
    const isNewRun = runNumber !== next.runNumber;
    expect(next.runNumber - runNumber).toBe(isNewRun ? 1 : 0);
    if (isNewRun) expect(["queued", "running"]).toContain(next.status);
  }
}

/** The stored status is what the one function makes of the facts, which are read here from what else is stored. */
async function expectDerived({ engine }: Life, execution: ExecutionRecord): Promise<void> {
  const { runId, edits, status, deletedAt } = execution;
  const run = await engine.run(runId);
  if (run === undefined) throw new Error(`Run ${runId} is gone.`);
  const latest = { chain: 2, asking: 1 }[(await engine.store.flowById(run.flowId))?.slug ?? ""] ?? Number.NaN;
  const facts = {
    run: run.status,
    hasBegun: (await logOf(engine, runId)).some(({ type }) => type === "step_started"),
    // A run that is at rest is over, or waits and was not asked to end.
    isCancelRequested: false,
    // Edits go with the payloads a day after the end; what they made of the execution stays.
    isStale: run.isPruned
      ? status === "stale"
      : Object.keys(edits).length > 0 &&
        (run.status !== "completed" || Object.values(edits).some(({ stepIndex }) => stepIndex < latest)),
    isDeleted: deletedAt !== null,
  };
  expect({ facts, status: statusOf(facts) }).toEqual({ facts, status });
}

async function tell(story: readonly Deed[], openStore: (now: () => number) => Promise<Store>): Promise<void> {
  const life = new Life(openStore);
  await life.open();
  try {
    for (const each of story) await life.live(each);
    Object.assign(life.trouble, { append: "none", command: "none" });
    const changes = await restOf(life);
    while ((await life.readOn(3)) > 0);
    expect(life.seen).toEqual(changes);
    expect(new Set(changes.map(({ cursor }) => cursor)).size).toBe(changes.length);
    const known = new Set(changes.map(({ executionId }) => executionId));
    expect(life.ids.filter((id) => !known.has(id))).toEqual([]);
    for (const id of known) {
      expectLegal(changes.filter(({ executionId }) => executionId === id));
      const execution = await life.engine.store.execution(id);
      expect(execution?.status).toBe(changes.findLast(({ executionId }) => executionId === id)?.status);
      if (execution !== undefined) await expectDerived(life, execution);
    }
  } finally {
    await life.end();
  }
}

const name =
  "no sequence of calls and faults takes an execution a step that the table does not have, nor hides or repeats a change";

/** A story that fails is told with its seed, and made shorter for as long as there is time. */
const bounds = { interruptAfterTimeLimit: 60_000 } as const;
const timeoutMs = 120_000;

test(
  name,
  async () => {
    const property = fc.asyncProperty(story, async (told) => {
      const directory = mkdtempSync(join(tmpdir(), "noukai-stories-"));
      const path = join(directory, "world.db");
      try {
        await tell(told, (now) =>
          Promise.resolve(createSqliteStore(hostHere(createSqliteDatabase(openFile(path))), now)),
        );
      } finally {
        rmSync(directory, { recursive: true, force: true });
      }
    });
    await fc.assert(property, { ...bounds, numRuns: 30 });
  },
  timeoutMs,
);

describePostgres("on PostgreSQL", (postgres) => {
  test(
    name,
    async () => {
      const property = fc.asyncProperty(story, async (told) => {
        const { url, drop } = await postgres.createDatabase();
        try {
          await tell(told, (now) => openPostgresStore({ url, now }));
        } finally {
          await drop();
        }
      });
      await fc.assert(property, { ...bounds, numRuns: 15 });
    },
    timeoutMs,
  );
});
