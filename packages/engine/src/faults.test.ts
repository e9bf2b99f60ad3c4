import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describePostgres } from "@noukai/postgres-for-tests";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createEngine, type Engine } from "./engine.ts";
import { StoreUnavailableError } from "./errors.ts";
import { isTerminal, type RunEvent, type Segment } from "./events.ts";
import type { JsonObject } from "./flow/definition.ts";
import type { Models } from "./models/model.ts";
import { createModels } from "./models/registry.ts";
import type { RunEnd, RunPause } from "./run-end.ts";
import { openPostgresStore } from "./store/postgres/postgres-store.ts";
import { createSqliteDatabase, openFile } from "./store/sqlite-database.ts";
import { createSqliteStore, hostHere } from "./store/sqlite-store.ts";
import type { Store } from "./store/store.ts";
import type { AcceptedCall } from "./submission.ts";

/** What happens to one flush of the journal: its request or its answer is lost, or the process dies before or after the commit. */
const faultKinds = ["none", "none", "none", "lostRequest", "lostAnswer", "diesBefore", "diesAfter"] as const;
type FaultKind = (typeof faultKinds)[number];

/** A run that loses its worker five times is given up by design; fewer must not matter. */
const maxDeaths = 4;

const never = new AbortController().signal;
const tools = [{ name: "search", parameters: { type: "object", properties: {} } }];
const echo = createModels();

interface Plan {
  readonly kinds: readonly ("llm" | "tools" | "keep")[];
  readonly faults: readonly FaultKind[];
  readonly isStepwise: boolean;
}

const plans: fc.Arbitrary<Plan> = fc.record({
  kinds: fc.array(fc.constantFrom("llm", "tools", "keep"), { minLength: 1, maxLength: 5 }),
  faults: fc.array(fc.constantFrom(...faultKinds), { maxLength: 24 }),
  isStepwise: fc.boolean(),
});

function definitionOf({ kinds }: Plan): JsonObject {
  const steps = kinds.map((kind, index): JsonObject => {
    if (kind === "keep") return { id: `s${index}`, type: "passthrough" };
    const prompt = index === 0 ? `s${index} {{message}}` : `s${index} {{initial.message}}`;
    return { id: `s${index}`, type: "llm", model: "noukai/echo", prompt, tools: kind === "tools" };
  });
  return { input: { type: "object", properties: { message: { type: "string" } }, required: ["message"] }, steps };
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
  /** Steps that were asked of a model although an earlier process had their completion in the log. */
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
        if (event.type === "step_completed") this.#completed.add(event.stepId);
      }
    }
    await this.engine.start();
  }

  async end(): Promise<void> {
    await this.engine.drain(0);
    await this.store.close();
    await this.#ground.drop();
  }

  #boot(store: Store): Engine {
    const models: Models = {
      unavailable: (model) => echo.unavailable(model),
      costUsd: (response) => echo.costUsd(response),
      generate: (request) => {
        const stepId = request.idempotencyKey.split(":")[1] ?? "";
        if (this.#completed.has(stepId)) this.repeated.push(stepId);
        return echo.generate(request);
      },
    };
    const noSleep = (): Promise<void> => Promise.resolve();
    return createEngine({ store: this.#cutOff(store), models, sleep: noSleep, journal: { sleep: noSleep } });
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
      if (fault === "lostRequest") throw new StoreUnavailableError("The request was lost.");
      const outcomes = await store.append(entries);
      if (fault === "diesAfter") return die();
      if (fault === "lostAnswer") throw new StoreUnavailableError("The answer was lost.");
      return outcomes;
    };
    return {
      ...store,
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

const idempotency = { key: "the-call", requestHash: "h" };
const oneStep: Segment = { runRemaining: false };

/** Drives a run to its end as a patient client does: it makes each call again when the process dies under it. */
async function drive(
  plan: Plan,
  ground: Ground,
): Promise<{
  readonly log: readonly RunEvent[];
  readonly seen: readonly RunEvent[];
  readonly end: RunEnd;
  readonly repeated: readonly string[];
}> {
  const world = await World.begin(ground, plan.faults);
  const { id: projectId } = await world.store.ensureProject("acme", "demo");
  await world.engine.catalog.saveDraft(projectId, "flow", definitionOf(plan));
  await world.engine.start();
  const request = {
    projectId,
    flow: "flow",
    version: "draft",
    trigger: "execute",
    message: "hello",
    tools: plan.kinds.includes("tools") ? tools : [],
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
      const standing = await Promise.race([answer(), died.promise]);
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
  await world.end();
  return { log, seen, end: standing, repeated: world.repeated };
}

/** Follows the run from the last event that was seen, into `seen`; `stop` waits for its end when it is over. */
function watch(engine: Engine, runId: string, seen: RunEvent[]): { readonly stop: (isOver: boolean) => Promise<void> } {
  const reading = new AbortController();
  const done = (async () => {
    for await (const item of engine.events(runId, { after: seen.at(-1)?.seq ?? 0, signal: reading.signal })) {
      if (item.type !== "step_output") seen.push(item);
    }
  })().catch((error: unknown) => {
    if (!reading.signal.aborted) throw error;
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

async function check(plan: Plan, ground: Ground): Promise<void> {
  const { log, seen, end, repeated } = await drive(plan, ground);
  const { end: undisturbed } = await drive({ ...plan, faults: [] }, sqliteGround());
  expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1));
  expect(log.map(isTerminal)).toEqual(log.map((_, index) => index === log.length - 1));
  const completed = log.flatMap((event) => (event.type === "step_completed" ? [event.stepId] : []));
  expect(completed).toEqual(plan.kinds.map((_, index) => `s${index}`));
  expect(repeated).toEqual([]);
  expect(seen).toEqual(log);
  expect(end.status).toBe("completed");
  expect(end.status === "completed" && end.result).toEqual(undisturbed.status === "completed" && undisturbed.result);
}

const promise = "one gapless log, no completed step asked again, each event read once, the same result";

test(`whatever is lost and whoever dies: ${promise}`, { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(plans, (plan) => check(plan, sqliteGround())),
    { numRuns: 150 },
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
