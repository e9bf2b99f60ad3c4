import { setTimeout as delay } from "node:timers/promises";
import { type Catalog, createCatalog, type FlowVersionRef, type ResolvedFlow } from "./catalog.ts";
import { EngineError, HandedOverError, RequestError, StoreUnavailableError } from "./errors.ts";
import type { StreamItem } from "./events.ts";
import { type CompiledFlow, createFlowCache } from "./flow/compile.ts";
import type { CaptureMode, JsonObject } from "./flow/definition.ts";
import { resolveInput } from "./flow/input.ts";
import { applyBlockOverrides } from "./flow/overrides.ts";
import { numberEvents } from "./hold.ts";
import { openingEvents, unrunnableStep } from "./interpreter.ts";
import { createJournal, type JournalOptions } from "./journal.ts";
import type { Models } from "./models/model.ts";
import { createRunIds } from "./run-id.ts";
import { wholeLog } from "./run-log.ts";
import type { NewRun, RunRecord, Store, TriggerType } from "./store/store.ts";
import { tail } from "./tail.ts";
import { foldTrace, type RunEnd, runEnd, type RunTrace } from "./trace.ts";
import { type Fault, type WorkEnd, Worker } from "./worker.ts";

/** What a caller asks to be run. */
export interface RunRequest {
  readonly projectId: string;
  /** Slug of a flow of that project. */
  readonly flow: string;
  readonly version: FlowVersionRef;
  readonly trigger: TriggerType;
  /** Shorthand for the flow's first declared input. */
  readonly message?: string;
  readonly parameters?: JsonObject;
  /** Config of single steps for this run: `{stepId: {field: value}}`. */
  readonly blockOverrides?: { readonly [stepId: string]: JsonObject };
  readonly sessionId?: string;
  /** Captures full snapshots whatever the capture mode. Default false. */
  readonly trace?: boolean;
  /** The project's capture mode, used when the definition names none. Default `metadata_only`. */
  readonly projectCapture?: CaptureMode;
  /** `requestHash` must be equal for equal calls and for those only. */
  readonly idempotency?: { readonly key: string; readonly requestHash: string };
}

/** An accepted run: it is durable, and goes on whatever becomes of the caller. */
export interface SubmittedRun {
  readonly runId: string;
  readonly flowId: string;
  /** Number of top-level nodes. */
  readonly stepCount: number;
  /** True when an earlier call with the same idempotency key made the run. */
  readonly repeated: boolean;
}

export interface Engine {
  readonly store: Store;
  readonly catalog: Catalog;
  /** Makes runs that a dead process left behind ready again and starts working. Call once. */
  start(): Promise<{ readonly recovered: number }>;
  /**
   * Accepts a run; resolves when it is durable, usually before its first step ends.
   * Throws `FlowNotFound…` codes, `RequestError` with every issue of the input, `IDEMPOTENCY_KEY_REUSED`, `SHUTTING_DOWN`.
   */
  submit(request: RunRequest): Promise<SubmittedRun>;
  /** Waits for the end of the run, wherever it runs. Rejects with `HandedOverError` when this process stops first, and with the signal's reason. */
  outcome(runId: string, signal: AbortSignal): Promise<RunEnd>;
  /**
   * Every logged event after `after`, each once, in order, then what comes, partial output between; ends after the terminal event.
   * On joining, each step in flight gives its text so far as one `step_output` at offset 0.
   * Throws `HandedOverError` when this process stops before the run does, and the signal's reason.
   */
  events(runId: string, options: { readonly after: number; readonly signal: AbortSignal }): AsyncIterable<StreamItem>;
  run(runId: string): Promise<RunRecord | undefined>;
  /** The log read as a trace, every attempt of every step; contexts obey the run's capture mode. */
  trace(run: RunRecord): Promise<RunTrace>;
  /** What this process did since it began. */
  stats(): EngineStats;
  /** Steps in flight may end within `timeoutMs`, no further one starts; then runs are handed over and waiting callers told. Idempotent. */
  drain(timeoutMs: number): Promise<void>;
}

/** Counters of one process, for its metrics. */
export interface EngineStats {
  /** Durable transactions of the journal. */
  readonly journalCommits: number;
  /** Runs' shares of those transactions. */
  readonly journalEntries: number;
  /** Runs held now. */
  readonly runsInWork: number;
}

export interface EngineOptions {
  readonly store: Store;
  readonly models: Models;
  /** Names this process in the store. Default: a fresh name. */
  readonly workerId?: string;
  /** Runs in work at once; more wait in the store. Default 1 000. */
  readonly maxRuns?: number;
  /** Bound of one attempt of a step that sets none, in milliseconds. Default 300 000. */
  readonly stepTimeoutMs?: number;
  /** Milliseconds since 1970. Default: the system's clock. */
  readonly now?: () => number;
  readonly random?: () => number;
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** How the journal meets a store that does not answer. */
  readonly journal?: JournalOptions;
  /** Told the causes that callers are not told. Default: nobody. */
  readonly onFault?: (fault: Fault) => void;
}

const keyReused =
  "This Idempotency-Key was used for another request within the last 24 hours. Send a fresh key for a new call.";

export function createEngine(options: EngineOptions): Engine {
  const { store, models, now = Date.now, random = Math.random, onFault = () => undefined } = options;
  const sleep = options.sleep ?? ((ms: number, signal: AbortSignal) => delay(ms, undefined, { signal }));
  const catalog = createCatalog(store, now);
  const journalCounts = { journalCommits: 0, journalEntries: 0 };
  const journal = createJournal(
    {
      append: (entries) => {
        journalCounts.journalCommits += 1;
        journalCounts.journalEntries += entries.length;
        return store.append(entries);
      },
    },
    options.journal,
  );
  const flows = createFlowCache((hash) => store.definition(hash));
  const nextRunId = createRunIds({ now });
  const worker = new Worker({
    id: options.workerId ?? `worker-${nextRunId()}`,
    store,
    journal,
    models,
    flowOf: (run) => flowOf(run.definitionHash, run.options),
    maxRuns: options.maxRuns ?? 1_000,
    stepTimeoutMs: options.stepTimeoutMs ?? 300_000,
    now,
    random,
    sleep,
    onFault,
  });

  async function flowOf(definitionHash: string, { blockOverrides }: JsonObject): Promise<CompiledFlow> {
    const flow = await flows.get(definitionHash);
    return blockOverrides === undefined ? flow : applyBlockOverrides(flow, blockOverrides);
  }

  async function accept(request: RunRequest): Promise<SubmittedRun> {
    if (worker.stopping.aborted) throw shuttingDown();
    const resolved = await catalog.resolve(request.projectId, request.flow, request.version);
    const runOptions: JsonObject =
      request.blockOverrides === undefined ? {} : { blockOverrides: request.blockOverrides };
    const flow = await flowOf(resolved.definitionHash, runOptions);
    const input = acceptedInput(flow, request);
    refuseUnrunnable(flow, request, models);
    // The store was read meanwhile, and this process may have begun to stop.
    if (worker.stopping.aborted) throw shuttingDown();
    const about = { id: nextRunId(), resolved, flow, input, options: runOptions, createdAt: now() };
    return create(newRun(request, about), flow);
  }

  /** Makes the run durable, and begins it here when there is room; else it waits in the store for whoever has some. */
  async function create(run: NewRun, flow: CompiledFlow): Promise<SubmittedRun> {
    const isOurs = worker.reserve();
    const bodies = isOurs ? openingEvents(flow, run.input) : openingEvents(flow, run.input).slice(0, 1);
    const events = numberEvents(bodies, 0, run.createdAt);
    let isBegun = false;
    try {
      const outcome = await journal.append({
        kind: "create",
        run: { ...run, owner: isOurs ? worker.id : null },
        events,
      });
      if (outcome.outcome === "duplicate") {
        if (outcome.sameRequest) return await earlierRun(outcome.runId);
        throw new EngineError("IDEMPOTENCY_KEY_REUSED", keyReused);
      }
      if (outcome.outcome !== "written")
        throw new EngineError("INTERNAL_ERROR", `The store refused a new run: ${outcome.outcome}.`);
      isBegun = isOurs;
      if (isOurs) worker.begin({ id: run.id, epoch: 1, lastSeq: events.length, input: run.input }, flow, events);
      return { runId: run.id, flowId: run.flowId, stepCount: flow.stepCount, repeated: false };
    } finally {
      if (isOurs && !isBegun) worker.unreserve();
    }
  }

  /** The run that an earlier call made; its flow may have been edited since. */
  async function earlierRun(runId: string): Promise<SubmittedRun> {
    const run = await store.run(runId);
    if (run === undefined) throw new EngineError("INTERNAL_ERROR", `Run ${runId} is not in the store.`);
    const { stepCount } = await flows.get(run.definitionHash);
    return { runId, flowId: run.flowId, stepCount, repeated: true };
  }

  function events(
    runId: string,
    { after, signal }: { readonly after: number; readonly signal: AbortSignal },
  ): AsyncIterable<StreamItem> {
    return tail({ store, live: (id) => worker.live(id), draining: worker.stopping }, runId, { after, signal });
  }

  return {
    store,
    catalog,
    events,
    run: (runId) => store.run(runId),

    async start() {
      const recovered = await store.recover();
      worker.start();
      return { recovered };
    },

    async submit(request) {
      try {
        return await accept(request);
      } catch (error) {
        // A store that is closed while this process stops is not a fault of the store.
        throw error instanceof StoreUnavailableError && worker.stopping.aborted ? shuttingDown() : error;
      }
    },

    async outcome(runId, signal) {
      const end = await endHere(worker.end(runId), signal);
      if (end?.status === "completed" || end?.status === "failed") return end;
      if (end?.status === "released" && worker.stopping.aborted) throw new HandedOverError();
      const run = await store.run(runId);
      // A run that is over tells how in its last event.
      const after = run === undefined ? 0 : run.completedAt === null ? run.lastSeq : run.lastSeq - 1;
      for await (const item of events(runId, { after, signal })) {
        if (item.type === "flow_completed" || item.type === "step_error") return runEnd(item);
      }
      throw new EngineError("INTERNAL_ERROR", `The log of run ${runId} ended without a terminal event.`);
    },

    async trace(run) {
      const [log, flow] = await Promise.all([wholeLog(store, run.id), flows.get(run.definitionHash)]);
      return foldTrace(run, log, (stepId) => flow.stepsById.get(stepId)?.kind ?? "passthrough");
    },

    stats: () => ({ ...journalCounts, runsInWork: worker.runsInWork }),

    async drain(timeoutMs) {
      await worker.drain(timeoutMs);
      await journal.idle();
    },
  };
}

/** How the run left this process, if it was here; the signal's reason when that comes first. */
async function endHere(end: Promise<WorkEnd> | undefined, signal: AbortSignal): Promise<WorkEnd | undefined> {
  signal.throwIfAborted();
  if (end === undefined) return undefined;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([end, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** The flow's input, completed with its defaults. Throws `RequestError` with every fault. */
function acceptedInput(flow: CompiledFlow, { message, parameters }: RunRequest): JsonObject {
  const resolved = resolveInput(flow, { message, parameters });
  if (resolved.ok) return resolved.input;
  throw new RequestError(resolved.code, resolved.message, resolved.issues);
}

/** Refuses, before the run exists, what could only fail. */
function refuseUnrunnable(flow: CompiledFlow, { blockOverrides = {} }: RunRequest, models: Models): void {
  const step = unrunnableStep(flow);
  if (step !== undefined) {
    throw new EngineError(
      "NOT_IMPLEMENTED",
      `Step "${step.id}" is of type ${step.kind}, which this version does not run yet.`,
    );
  }
  for (const { id, kind, node } of flow.stepsById.values()) {
    const reason = kind === "llm" ? models.unavailable(node.model) : undefined;
    if (reason === undefined) continue;
    if (blockOverrides[id]?.["model"] === undefined) throw new EngineError("INVALID_TREE", `Step "${id}": ${reason}`);
    const issue = { path: `blockOverrides.${id}.model`, message: reason };
    throw new RequestError("INVALID_REQUEST", `${issue.path}: ${reason}`, [issue]);
  }
}

function shuttingDown(): EngineError {
  return new EngineError("SHUTTING_DOWN", "The server is stopping; try again in a moment.");
}

function newRun(
  request: RunRequest,
  about: {
    readonly id: string;
    readonly resolved: ResolvedFlow;
    readonly flow: CompiledFlow;
    readonly input: JsonObject;
    readonly options: JsonObject;
    readonly createdAt: number;
  },
): NewRun {
  const { id, resolved, flow, input, options, createdAt } = about;
  return {
    id,
    projectId: request.projectId,
    flowId: resolved.flow.id,
    flowVersion: resolved.flowVersion,
    definitionHash: resolved.definitionHash,
    trigger: request.trigger,
    sessionId: request.sessionId ?? null,
    capture: flow.definition.capture ?? request.projectCapture ?? "metadata_only",
    traced: request.trace ?? false,
    input,
    options,
    owner: null,
    createdAt,
    idempotency: request.idempotency ?? null,
  };
}
