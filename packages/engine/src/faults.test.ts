import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describePostgres } from "@noukai/postgres-for-tests";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createEngine, type Engine } from "./engine.ts";
import { EngineError, HandedOverError, RetryableError, StoreUnavailableError, TerminalError } from "./errors.ts";
import { isTerminal, type RunEvent, type Segment } from "./events.ts";
import type { JsonObject } from "./flow/definition.ts";
import type { Models } from "./models/model.ts";
import { createModels } from "./models/registry.ts";
import type { RunEnd, RunPause } from "./run-end.ts";
import { type Sandbox, type SandboxCall, startSandbox } from "./sandbox/sandbox.ts";
import { openPostgresStore } from "./store/postgres/postgres-store.ts";
import { createSqliteDatabase, openFile } from "./store/sqlite-database.ts";
import { createSqliteStore, hostHere } from "./store/sqlite-store.ts";
import type { Store } from "./store/store.ts";
import type { AcceptedCall } from "./submission.ts";
import { latestAttempts, type RunTrace, type StepTrace } from "./trace.ts";

/**
 * What happens to one flush of the journal: its request or its answer is lost, or the process dies before or after the commit, or begins to
 * stop with it, in peace or at once.
 */
const faultKinds = [
  "none",
  "none",
  "none",
  "none",
  "lostRequest",
  "lostAnswer",
  "diesBefore",
  "diesAfter",
  "drains",
  "halts",
] as const;
type FaultKind = (typeof faultKinds)[number];

/** A run that loses its worker five times is given up by design; fewer must not matter. */
const maxDeaths = 4;

const never = new AbortController().signal;
const tools = [{ name: "search", parameters: { type: "object", properties: {} } }];
const echo = createModels();
let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());

/** A node of a random tree, before it has an id. */
interface Spec {
  readonly kind: "llm" | "tools" | "keep" | "code" | "parallel" | "loop" | "branch" | "flow";
  /** What the model or the sandbox does at a step's first attempt, or at every one. */
  readonly trouble: "none" | "busy" | "refused";
  readonly inside: readonly (readonly Spec[])[];
  readonly concurrency: number;
  readonly onError: "fail" | "skip" | "null";
  readonly holds: boolean;
}

interface Plan {
  readonly steps: readonly Spec[];
  /** Of the flow that `flow` nodes run. */
  readonly subSteps: readonly Spec[];
  readonly faults: readonly FaultKind[];
  readonly isStepwise: boolean;
}

const { sequence: anySequence } = fc.letrec<{ sequence: readonly Spec[]; node: Spec }>((tie) => ({
  sequence: fc.array(tie("node"), { minLength: 1, maxLength: 3 }),
  node: fc.record({
    kind: fc.oneof(
      { maxDepth: 2, depthIdentifier: "tree" },
      fc.constantFrom("llm" as const, "tools" as const, "keep" as const, "code" as const),
      fc.constantFrom("parallel" as const, "loop" as const, "branch" as const, "flow" as const),
    ),
    trouble: fc.constantFrom("none", "none", "none", "none", "busy", "refused"),
    inside: fc.oneof(
      { maxDepth: 2, depthIdentifier: "tree" },
      fc.constant([]),
      fc.array(tie("sequence"), { minLength: 1, maxLength: 3, depthIdentifier: "tree" }),
    ),
    concurrency: fc.integer({ min: 1, max: 3 }),
    onError: fc.constantFrom("fail", "skip", "null"),
    holds: fc.boolean(),
  }),
}));

const plans: fc.Arbitrary<Plan> = fc.record({
  steps: anySequence,
  subSteps: anySequence,
  faults: fc.array(fc.constantFrom(...faultKinds), { maxLength: 24 }),
  isStepwise: fc.boolean(),
});

const inputSchema = {
  type: "object",
  properties: { message: { type: "string" }, items: { type: "array" } },
  required: ["message"],
};

/** Gives the nodes of a tree their ids. */
class Builder {
  readonly #isSub: boolean;
  #count = 0;

  constructor(isSub: boolean) {
    this.#isSub = isSub;
  }

  /** `hasItems`: is the sequence given a list? */
  sequence(specs: readonly Spec[], at: { readonly hasItems: boolean; readonly isTop: boolean }): readonly JsonObject[] {
    let { hasItems } = at;
    return specs.map((spec) => {
      const node = this.#node(spec, { ...at, hasItems });
      hasItems = node["type"] === "loop" || (isTransparent(node) && hasItems);
      return node;
    });
  }

  #node(spec: Spec, { hasItems, isTop }: { readonly hasItems: boolean; readonly isTop: boolean }): JsonObject {
    const { kind, trouble, concurrency, onError, holds } = spec;
    this.#count += 1;
    const id = `s${this.#count}`;
    const inside = spec.inside.length === 0 ? [[leaf]] : spec.inside;
    const [first = [], ...others] = inside;
    if (kind === "keep") return { id, type: "passthrough" };
    if (kind === "code") {
      const code =
        trouble === "refused" ? 'throw new Error("refused")' : `return { ...input, ${trouble}: initial.message }`;
      return { id, type: "code", code };
    }
    if (kind === "flow" && !this.#isSub) {
      return { id, type: "flow", flow: "sub", version: "draft", input: { message: "of the flow", items: [1, 2] } };
    }
    if (kind === "loop" && hasItems) {
      const steps = this.sequence(first, { hasItems: false, isTop: false });
      return { id, type: "loop", over: "items", concurrency, onError, steps };
    }
    if (kind === "branch") {
      const when = [{ if: holds ? "1 < 2" : "1 > 2", steps: this.sequence(first, { hasItems, isTop: false }) }];
      const [other] = others;
      return { id, type: "branch", when, ...(other && { else: this.sequence(other, { hasItems, isTop: false }) }) };
    }
    if (kind === "parallel" || kind === "loop" || kind === "flow") {
      const branches = inside.map((steps, index) => [`b${index}`, this.sequence(steps, { hasItems, isTop: false })]);
      return { id, type: "parallel", branches: Object.fromEntries(branches) as JsonObject };
    }
    const prompt = `${trouble} ${id} {{initial.message}}`;
    return { id, type: "llm", model: "noukai/echo", prompt, tools: kind === "tools" && isTop };
  }
}

/** Is what a node is given in what it gives? */
function isTransparent({ type }: JsonObject): boolean {
  return type === "passthrough" || type === "code";
}

const leaf: Spec = { kind: "llm", trouble: "none", inside: [], concurrency: 1, onError: "fail", holds: true };

function definitionOf({ steps }: Plan): JsonObject {
  return { input: inputSchema, steps: new Builder(false).sequence(steps, { hasItems: true, isTop: true }) };
}

function subflowOf({ subSteps }: Plan): JsonObject {
  return { input: inputSchema, steps: new Builder(true).sequence(subSteps, { hasItems: true, isTop: false }) };
}

function hasTools({ steps }: Plan): boolean {
  return steps.some(({ kind }) => kind === "tools");
}

/** A database that outlives the processes on it. */
interface Ground {
  readonly open: () => Promise<Store>;
  readonly drop: () => Promise<void>;
}

/** Processes one after the other on one database, each cut off from it where the plan says that it dies. */
class World {
  readonly #ground: Ground;
  readonly #faults: FaultKind[];
  readonly #completed = new Set<string>();
  /** Code that was made to fail once, by its step and input. */
  readonly #hinderedCode = new Set<string>();
  /** Steps that were asked of a model or the sandbox although an earlier process had their completion in the log. */
  readonly repeated: string[] = [];
  #deaths = 0;
  died = Promise.withResolvers<"died">();
  engine: Engine;
  store: Store;

  static async begin(ground: Ground, faults: readonly FaultKind[]): Promise<World> {
    return new World(ground, faults, await ground.open());
  }

  private constructor(ground: Ground, faults: readonly FaultKind[], store: Store) {
    this.#ground = ground;
    this.#faults = [...faults];
    this.store = store;
    this.engine = this.#boot(store);
  }

  /** The next process, on what the last one left. */
  async restart(runId: string | undefined): Promise<void> {
    this.died = Promise.withResolvers();
    await this.store.close();
    this.store = await this.#ground.open();
    this.engine = this.#boot(this.store);
    if (runId !== undefined) {
      for (const event of await this.store.eventsAfter(runId, 0, 10_000)) {
        const path = completedPath(event);
        if (path !== undefined) this.#completed.add(path);
      }
    }
    await this.engine.start();
  }

  async end(): Promise<void> {
    await this.engine.drain(0);
    await this.store.close();
    await this.#ground.drop();
  }

  /** Lets the process end by itself, whatever it was about to do. */
  #stop(timeoutMs: number): void {
    const { died } = this;
    void this.engine.drain(timeoutMs).then(() => died.resolve("died"));
  }

  #boot(store: Store): Engine {
    const models: Models = {
      ...echo,
      costUsd: () => "0.001",
      generate: async (request) => {
        const [, path = "", attempt] = request.idempotencyKey.split(":");
        if (this.#completed.has(path)) this.repeated.push(path);
        const prompt = request.messages.find(({ role }) => role === "user")?.content ?? "";
        const cost = { tokens: { prompt: 1, completion: 0, total: 1 }, costUsd: "0.0003" };
        if (prompt.startsWith("refused")) throw new TerminalError("MODEL_PROVIDER_ERROR", "refused", { cost });
        if (prompt.startsWith("busy") && attempt === "1")
          throw new RetryableError("MODEL_PROVIDER_ERROR", "busy", { cost });
        return echo.generate(request);
      },
    };
    const noSleep = (): Promise<void> => Promise.resolve();
    const hindered = { check: (code: string) => sandbox.check(code), run: (call: SandboxCall) => this.#runCode(call) };
    const journal = { sleep: noSleep };
    return createEngine({ store: this.#cutOff(store), models, sandbox: hindered, sleep: noSleep, journal });
  }

  /** A call does not say in which pass it is made, so that a repetition is seen outside of loops alone. */
  async #runCode(call: SandboxCall): Promise<JsonObject> {
    const { stepId, code, bindings } = call;
    if (this.#completed.has(stepId)) this.repeated.push(stepId);
    const key = JSON.stringify([stepId, bindings.input]);
    if (code.includes("busy") && !this.#hinderedCode.has(key)) {
      this.#hinderedCode.add(key);
      throw new RetryableError("STEP_FAILED", "busy");
    }
    return sandbox.run(call);
  }

  /** The store as its process sees it: after a death, no call is ever answered. */
  #cutOff(store: Store): Store {
    let isDead = false;
    const guard =
      <Args extends readonly unknown[], Result>(work: (...args: Args) => Promise<Result>) =>
      async (...args: Args): Promise<Result> => {
        if (isDead) return new Promise(() => undefined);
        const result = await work(...args);
        return isDead ? new Promise(() => undefined) : result;
      };
    const die = (): Promise<never> => {
      isDead = true;
      this.#deaths += 1;
      this.died.resolve("died");
      return new Promise(() => undefined);
    };
    const append: Store["append"] = async (entries) => {
      const fault = this.#faults.shift() ?? "none";
      const isDeath = fault === "diesBefore" || fault === "diesAfter";
      if (isDeath && this.#deaths === maxDeaths) return store.append(entries);
      if (fault === "diesBefore") return die();
      if (fault === "drains" || fault === "halts") this.#stop(fault === "drains" ? 10_000 : 0);
      if (fault === "lostRequest") throw new StoreUnavailableError("The request was lost.");
      const outcomes = await store.append(entries);
      if (fault === "diesAfter") return die();
      if (fault === "lostAnswer") throw new StoreUnavailableError("The answer was lost.");
      return outcomes;
    };
    const { partials, nodes } = store;
    return {
      ...store,
      ...(partials !== undefined && {
        partials: {
          append: guard(partials.append),
          read: guard(partials.read),
          drop: guard(partials.drop),
          changed: guard(partials.changed),
        },
      }),
      ...(nodes !== undefined && { nodes: { ...nodes, held: guard(nodes.held) } }),
      append: guard(append),
      eventsAfter: guard(store.eventsAfter),
      run: guard(store.run),
      claim: guard(store.claim),
      recover: guard(store.recover),
      definition: guard(store.definition),
      nextReadyAt: guard(store.nextReadyAt),
      runByKey: guard(store.runByKey),
      flow: guard(store.flow),
    };
  }
}

/** The step, in its pass, that an event completes. */
function completedPath(event: RunEvent): string | undefined {
  if (event.type === "step_completed") return event.stepId;
  if (event.type !== "step_progress" || event.phase !== "completed") return undefined;
  return [event.stepId, ...event.loopPath].join(".");
}

const idempotency = { key: "the-call", requestHash: "h" };
const oneStep: Segment = { runRemaining: false };

/** What came of a run. */
interface Driven {
  readonly log: readonly RunEvent[];
  readonly seen: readonly RunEvent[];
  readonly end: RunEnd;
  readonly repeated: readonly string[];
  readonly trace: RunTrace;
  /** What its project was charged. */
  readonly spentUsd: string;
}

/** Drives a run to its end as a patient client does: it makes each call again when the process dies under it. */
async function drive(plan: Plan, ground: Ground): Promise<Driven> {
  const world = await World.begin(ground, plan.faults);
  const { id: projectId } = await world.store.ensureProject("acme", "demo");
  await world.engine.credits.set(projectId, "1000");
  await world.engine.catalog.saveDraft(projectId, "sub", subflowOf(plan));
  await world.engine.catalog.saveDraft(projectId, "flow", definitionOf(plan));
  await world.engine.start();
  const request = {
    projectId,
    flow: "flow",
    version: "draft",
    trigger: "execute",
    parameters: { message: "hello", items: ["a", "b", "c"] },
    tools: hasTools(plan) ? tools : [],
  } as const;
  let runId: string | undefined;
  const seen: RunEvent[] = [];

  const patiently = async (call: (engine: Engine) => Promise<AcceptedCall>): Promise<RunEnd | RunPause> => {
    for (;;) {
      const { engine, died } = world;
      const answer = async (): Promise<RunEnd | RunPause> => {
        const accepted = await call(engine);
        runId = accepted.runId;
        const watching = watch(engine, accepted.runId, seen);
        const outcome = await engine.outcome(accepted, never);
        await watching.stop(outcome.status !== "paused");
        return outcome;
      };
      const standing = await Promise.race([answer().catch((error) => orStopped(error, died.promise)), died.promise]);
      if (standing !== "died") return standing;
      await world.restart(runId);
    }
  };

  const segment = plan.isStepwise ? { segment: oneStep } : {};
  let standing = await patiently((engine) => engine.submit({ ...request, ...segment, idempotency }));
  while (standing.status === "paused") {
    const id = runId ?? "";
    if (standing.reason === "toolCalls") {
      const answers = standing.toolCalls.map((call) => ({ role: "tool", tool_call_id: call.id, content: "found" }));
      const toolCallMessages = [...standing.toolCallMessages, ...answers];
      const pausedAtStep = standing.stepId;
      standing = await patiently((engine) => engine.resume({ projectId, runId: id, toolCallMessages, pausedAtStep }));
    } else {
      const stepIndex = standing.nextStepIndex;
      standing = await patiently((engine) => engine.nextSegment({ projectId, runId: id, stepIndex, segment: oneStep }));
    }
  }
  const log = await world.store.eventsAfter(runId ?? "", 0, 10_000);
  // A process that stopped in peace with the run's end told its readers to ask another one.
  seen.push(...log.slice(seen.length));
  const run = await world.engine.run(runId ?? "");
  if (run === undefined) throw new Error("The run is gone.");
  const trace = await world.engine.trace(run);
  const { spentUsd } = await world.store.credits(projectId);
  await world.end();
  return { spentUsd, log, seen, end: standing, repeated: world.repeated, trace };
}

/** Waits for the end of a process that said it stops; any other error is one. */
function orStopped<Died>(error: unknown, died: Promise<Died>): Promise<Died> {
  if (error instanceof EngineError && error.code === "SHUTTING_DOWN") return died;
  throw error;
}

/** Follows the run from the last event that was seen, into `seen`; `stop` waits for its end when it is over. */
function watch(engine: Engine, runId: string, seen: RunEvent[]): { readonly stop: (isOver: boolean) => Promise<void> } {
  const reading = new AbortController();
  const done = (async () => {
    if (seen.some(isTerminal)) return;
    for await (const item of engine.events(runId, { after: seen.at(-1)?.seq ?? 0, signal: reading.signal })) {
      if (item.type !== "step_output") seen.push(item);
    }
  })().catch((error: unknown) => {
    // Its process stopped, or was stopped with its store.
    const isOver = error instanceof HandedOverError || error instanceof StoreUnavailableError;
    if (!reading.signal.aborted && !isOver) throw error;
  });
  return {
    async stop(isOver) {
      if (!isOver) reading.abort();
      await done;
    },
  };
}

function sqliteGround(): Ground {
  const dir = mkdtempSync(join(tmpdir(), "noukai-faults-"));
  const open = (): Store => createSqliteStore(hostHere(createSqliteDatabase(openFile(join(dir, "world.db")))));
  return {
    open: () => Promise.resolve(open()),
    drop: () => Promise.resolve(rmSync(dir, { recursive: true })),
  };
}

/** What the log says of the run's top-level steps: each begun once, and completed once unless the run failed. */
function checkTopLevel(plan: Plan, { log, end }: Pick<Driven, "log" | "end">): void {
  const ids = (type: string): readonly string[] =>
    log.flatMap((event) => (event.type === type && "stepId" in event ? [event.stepId] : []));
  const started = ids("step_started");
  expect(new Set(started).size).toBe(started.length);
  expect(ids("step_input")).toEqual(started);
  expect(ids("step_completed")).toEqual(end.status === "failed" ? started.slice(0, -1) : started);
  if (end.status !== "failed") expect(started).toHaveLength(plan.steps.length);
}

/** Decimal strings with four places and less, in ten-thousandths. */
function units(costUsd: string | null | undefined): number {
  return Math.round(Number(costUsd ?? "0") * 10_000);
}

function checkCosts({ log, end, trace, spentUsd }: Driven): void {
  expect(spentUsd).toBe(trace.totalCostUsd);
  const costOf = (rows: readonly StepTrace[]): number => rows.reduce((sum, row) => sum + units(row.costUsd), 0);
  expect(units(trace.totalCostUsd)).toBe(costOf(trace.attempts));
  if (end.status === "completed") expect(units(end.summary.costUsd)).toBe(units(trace.totalCostUsd));
  for (const event of log) {
    if (event.type !== "step_completed" || event.inside === undefined) continue;
    const rows = trace.attempts.filter(({ stepIndex }) => stepIndex === event.stepIndex);
    expect(rows[0]).toMatchObject({ tokens: null, costUsd: null });
    expect(units(event.inside.costUsd)).toBe(costOf(rows));
  }
}

/** How every step in every pass ended; what a failure stopped may differ from run to run. */
function endings(trace: RunTrace): readonly string[] {
  return latestAttempts(trace)
    .map(({ stepId, parentStepId, loopPath, status }) => [parentStepId, stepId, ...loopPath, status].join(" "))
    .toSorted();
}

async function check(plan: Plan, ground: Ground): Promise<void> {
  const driven = await drive(plan, ground);
  const undisturbed = await drive({ ...plan, faults: [] }, sqliteGround());
  const { log, seen, end, repeated, trace } = driven;
  expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1));
  expect(log.map(isTerminal)).toEqual(log.map((_, index) => index === log.length - 1));
  checkTopLevel(plan, driven);
  const completed = log.flatMap((event) => completedPath(event) ?? []);
  expect(completed).toEqual([...new Set(completed)]);
  expect(repeated).toEqual([]);
  expect(seen).toEqual(log);
  checkCosts(driven);
  expect(end.status).toBe(undisturbed.end.status);
  expect(trace.attempts.filter(({ status }) => status === "running")).toEqual([]);
  if (end.status === "failed" || undisturbed.end.status === "failed") {
    expect(["MODEL_PROVIDER_ERROR refused", expect.stringMatching(/^CODE_ERROR .*: Error: refused$/u)]).toContainEqual(
      end.status === "failed" ? `${end.error.code} ${end.error.message}` : end.status,
    );
    return;
  }
  expect(end.result).toEqual(undisturbed.end.result);
  if (!isForgiving(plan)) expect(endings(trace)).toEqual(endings(undisturbed.trace));
}

/** May a failure stop steps beside it without ending the run? */
function isForgiving({ steps, subSteps }: Plan): boolean {
  const forgives = ({ kind, onError, inside }: Spec): boolean =>
    (kind === "loop" && onError !== "fail") || inside.some((sequence) => sequence.some(forgives));
  return [...steps, ...subSteps].some(forgives);
}

const promise =
  "one gapless log, no completed step asked again, each event read once, the same result and trace, costs that add up";

test(`whatever is lost and whoever dies: ${promise}`, { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(plans, (plan) => check(plan, sqliteGround())),
    { numRuns: 100 },
  );
});

describePostgres("on PostgreSQL, whatever is lost and whoever dies", (postgres) => {
  test(promise, { timeout: 120_000 }, async () => {
    const ground = async (): Promise<Ground> => {
      const { url, drop } = await postgres.createDatabase();
      return { open: () => openPostgresStore({ url }), drop };
    };
    await fc.assert(
      fc.asyncProperty(plans, async (plan) => check(plan, await ground())),
      { numRuns: 30 },
    );
  });
});
