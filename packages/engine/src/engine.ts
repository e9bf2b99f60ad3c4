import { setTimeout as delay } from "node:timers/promises";
import { Allowances } from "./allowances.ts";
import { Answers } from "./answers.ts";
import { type Catalog, createCatalog } from "./catalog.ts";
import { Continuation, type Continued, type ResumeRequest, type SegmentRequest } from "./continuation.ts";
import { Credits } from "./credits.ts";
import { Executions } from "./executions/executions.ts";
import { EngineError, HandedOverError, shuttingDown, StoreUnavailableError } from "./errors.ts";
import type { Segment, StreamItem } from "./events.ts";
import { type CompiledFlow, createFlowCache } from "./flow/compile.ts";
import type { DefinitionLimits } from "./flow/definition-limits.ts";
import { applyBlockOverrides } from "./flow/overrides.ts";
import type { ProjectLimits } from "./flow/project.ts";
import { keepCancelling, keepHouse, keepRecovering } from "./housekeeping.ts";
import { createJournal, type JournalOptions } from "./journal.ts";
import { defaultRunLimits, type RunLimits } from "./limits.ts";
import { Measures } from "./measures.ts";
import type { Models } from "./models/model.ts";
import { PartialWriter } from "./partial-writer.ts";
import { type RunEnd, type RunPause, standingOf } from "./run-end.ts";
import { RunEnding } from "./run-ending.ts";
import { createProjects, type Projects } from "./projects.ts";
import { keepRetention } from "./retention.ts";
import { createRunIds } from "./run-id.ts";
import { readRunOptions } from "./run-options.ts";
import type { Means } from "./runnable.ts";
import type { Sandbox } from "./sandbox/sandbox.ts";
import type { RunRecord, Store } from "./store/store.ts";
import { type AcceptedCall, type RunRequest, Submission } from "./submission.ts";
import { tail, type TailSource } from "./tail.ts";
import { createTraceReader } from "./trace-reader.ts";
import type { RunTrace } from "./trace.ts";
import type { DeliveryCounts } from "./webhooks/deliverer.ts";
import { createWebhooks, type WebhookOptions } from "./webhooks/webhooks.ts";
import { type Fault, type WorkEnd, Worker } from "./worker.ts";

export interface Engine {
  readonly store: Store;
  readonly catalog: Catalog;
  readonly projects: Projects;
  readonly credits: Credits;
  readonly allowances: Allowances;
  /** Runs under ids that outlive each of them. */
  readonly executions: Executions;
  /** Makes runs that a dead process left behind ready again and starts working. Call once. */
  start(): Promise<{ readonly recovered: number }>;
  /**
   * Accepts a run; resolves when it is durable, usually before its first step ends.
   * Throws `FlowNotFound…` codes, `RequestError` with every issue of the input, `IDEMPOTENCY_KEY_REUSED`, `SHUTTING_DOWN`.
   */
  submit(request: RunRequest): Promise<AcceptedCall>;
  /** Hands a paused run the answers to its tool calls; see `Continuation.resume`. */
  resume(request: ResumeRequest): Promise<AcceptedCall>;
  /** Begins the next segment of the step protocol; see `Continuation.nextSegment`. */
  nextSegment(request: SegmentRequest): Promise<AcceptedCall>;
  /** Ends the run as cancelled; one that is over stays as it is. Undefined when the project has no such run. */
  cancel(target: { readonly projectId: string; readonly runId: string }): Promise<RunRecord | undefined>;
  /** Waits for what the call comes to, wherever its run is. Rejects with `HandedOverError` when this process stops first, and with the signal's reason. */
  outcome(call: Pick<AcceptedCall, "runId" | "after" | "repeated">, signal: AbortSignal): Promise<RunEnd | RunPause>;
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
  /** Steps in flight may end within `timeoutMs`, no further one starts, and callers may hear what their runs come to elsewhere; then runs are handed over and waiting callers told. Idempotent. */
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
  /** Attempts to deliver webhooks. */
  readonly webhooks: DeliveryCounts;
  readonly measures: Measures;
}

/** What a process does of the work that all on one store share: take calls, work runs off, or both. */
export const roles = ["all", "api", "worker"] as const;
export type Role = (typeof roles)[number];

export interface EngineOptions {
  readonly store: Store;
  /** `api` works off no run: those that it is asked for wait for a process that does. Default `all`. */
  readonly role?: Role;
  readonly models: Models;
  /** Runs the code of `code` steps. Default: none, and flows with such steps are refused. */
  readonly sandbox?: Pick<Sandbox, "run" | "check">;
  /** Default: webhooks are not sent, and calls that ask for one are refused. */
  readonly webhooks?: WebhookOptions;
  /** Of projects that set none of their own. Default: none. */
  readonly projectLimits?: ProjectLimits;
  /** Default: the contract's. */
  readonly definitionLimits?: DefinitionLimits;
  /** Default: `defaultRunLimits`. */
  readonly limits?: RunLimits;
  /** Names this process in the store. Default: a fresh name. */
  readonly workerId?: string;
  /** Runs in work at once; more wait in the store. Default 1 000. */
  readonly maxRuns?: number;
  /** Bound of one attempt of a step that sets none, in milliseconds. Default 300 000. */
  readonly stepTimeoutMs?: number;
  /** Milliseconds since 1970. Default: the system's clock. */
  readonly now?: () => number;
  readonly random?: () => number;
  /** The backoff between attempts. Default: that long, in milliseconds. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** A pause that nobody answers for this long fails its run, in milliseconds. Default 30 days. */
  readonly pauseExpiryMs?: number;
  /** How the journal meets a store that does not answer. */
  readonly journal?: JournalOptions;
  /** Told the causes that callers are not told. Default: nobody. */
  readonly onFault?: (fault: Fault) => void;
}

/** Lets time pass without keeping the process alive for it. */
function rest(ms: number, signal: AbortSignal): Promise<void> {
  return delay(ms, undefined, { signal, ref: false });
}

/** Source: `contract.md` §5. */
const defaultPauseExpiryMs = 30 * 24 * 60 * 60 * 1000;

export function createEngine(options: EngineOptions): Engine {
  const { store, models, now = Date.now, random = Math.random, onFault = () => undefined } = options;
  const { sleep = rest, role = "all" } = options;
  const catalog = createCatalog(store, now, { sandbox: options.sandbox, limits: options.definitionLimits });
  const projects = createProjects(store, now);
  const measures = new Measures();
  const journalCounts = { journalCommits: 0, journalEntries: 0 };
  const journal = createJournal(
    {
      append: async (entries) => {
        journalCounts.journalCommits += 1;
        journalCounts.journalEntries += entries.length;
        const startedAt = performance.now();
        const outcomes = await store.append(entries);
        measures.committed(entries, outcomes, performance.now() - startedAt);
        return outcomes;
      },
    },
    options.journal,
  );
  const flows = createFlowCache((hash) => store.definition(hash));
  const traces = createTraceReader({ store, flows, projects });
  const nextRunId = createRunIds({ now });
  const partials =
    store.partials === undefined ? undefined : new PartialWriter({ store: store.partials, rest, onFault });
  const credits = new Credits(store, now);
  const allowances = new Allowances({ credits, projects, limits: options.projectLimits ?? {} });
  const worker = new Worker({
    id: options.workerId ?? `worker-${nextRunId()}`,
    store,
    journal,
    measures,
    partials,
    models,
    sandbox: options.sandbox,
    limits: options.limits ?? defaultRunLimits,
    allowances,
    flowOf,
    maxRuns: role === "api" ? 0 : (options.maxRuns ?? 1_000),
    stepTimeoutMs: options.stepTimeoutMs ?? 300_000,
    now,
    random,
    sleep,
    rest,
    onFault,
  });

  const means: Means = { models, runsCode: options.sandbox !== undefined };
  const continuation = new Continuation({ store, journal, worker, allowances, means, flowOf, now });
  const ending = new RunEnding({ store, journal, worker, flowOf, now, rest });
  const webhooks = createWebhooks(options.webhooks, { store, projects, now, random, rest, onFault });
  const submission = new Submission({
    store,
    catalog,
    projects,
    journal,
    worker,
    allowances,
    means,
    webhooks,
    flows,
    flowOf,
    nextRunId,
    now,
  });

  const executions = new Executions({
    store,
    submission,
    ending,
    worker,
    traces,
    flowOf,
    rest,
    draining: worker.stopping,
  });

  async function flowOf(
    { definitionHash, options }: Pick<RunRecord, "definitionHash" | "options">,
    segment?: Segment,
  ): Promise<CompiledFlow> {
    const { blockOverrides, subflows } = readRunOptions(options);
    const flow = await flows.get(definitionHash, subflows);
    if (blockOverrides === undefined && segment?.blockOverrides === undefined) return flow;
    const overrides = { ...blockOverrides, ...segment?.blockOverrides };
    return Object.keys(overrides).length === 0 ? flow : applyBlockOverrides(flow, overrides);
  }

  async function accepted({ run, after, repeated }: Continued): Promise<AcceptedCall> {
    const { stepCount } = await flows.get(run.definitionHash);
    return { runId: run.id, flowId: run.flowId, stepCount, after, repeated };
  }

  async function outcome(
    { runId, after, repeated }: Pick<AcceptedCall, "runId" | "after" | "repeated">,
    signal: AbortSignal,
  ): Promise<RunEnd | RunPause> {
    // What a call that joins an earlier one comes to is in the log; the run here may be far behind it.
    const end = repeated ? undefined : await endHere(worker.end(runId), signal);
    if (end?.status === "released" && worker.stopping.aborted) throw new HandedOverError();
    if (end !== undefined && end.status !== "left" && end.status !== "released") return end;
    for await (const item of tail(awaited, runId, { after, signal })) {
      const standing = item.type === "step_output" ? undefined : standingOf(item);
      if (standing !== undefined) return standing;
    }
    throw new EngineError("INTERNAL_ERROR", `The log of run ${runId} ended without a terminal event.`);
  }

  async function recover(): Promise<number> {
    const recovered = await store.recover();
    measures.runsRecovered += recovered;
    return recovered;
  }

  function refuseWhenStopping(): void {
    if (worker.stopping.aborted) throw shuttingDown();
  }

  const logged: TailSource = {
    store,
    live: (id) => worker.live(id),
    begun: (id, signal) => worker.begun(id, signal),
    draining: worker.stopping,
  };
  const answers = new Answers();
  // Where nobody else works there is nothing to wait for.
  const awaited: TailSource = store.nodes === undefined ? logged : { ...logged, draining: answers.late };
  const streamed: TailSource = store.partials === undefined ? logged : { ...logged, partials: store.partials };

  return {
    store,
    catalog,
    projects,
    credits,
    allowances,
    executions,
    events: (runId, { after, signal }) => tail(streamed, runId, { after, signal }),
    run: (runId) => store.run(runId),

    async start() {
      const recovered = await recover();
      if (role !== "api") worker.start();
      const { pauseExpiryMs = defaultPauseExpiryMs } = options;
      const expire = (run: RunRecord): Promise<void> => ending.expire(run);
      const { nodes } = store;
      void keepRecovering({ store: { recover, ...(nodes && { nodes }) }, rest, onFault }, worker.stopping);
      const honour = (target: { readonly projectId: string; readonly runId: string }): Promise<void> =>
        executions.honourCancel(target);
      void keepCancelling({ store, rest, onFault, honour }, worker.stopping);
      void keepHouse(
        { store, now, rest, pauseExpiryMs, redactorOf: traces.redactorOf, expire, onFault },
        worker.stopping,
      );
      void keepRetention({ store, now, rest, onFault }, worker.stopping);
      webhooks.start(worker.stopping);
      return { recovered };
    },

    async submit(request) {
      try {
        return await answers.wait(() => submission.submit(request));
      } catch (error) {
        // A store that is closed while this process stops is not a fault of the store.
        throw error instanceof StoreUnavailableError && worker.stopping.aborted ? shuttingDown() : error;
      }
    },

    async resume(request) {
      refuseWhenStopping();
      return answers.wait(async () => accepted(await continuation.resume(request)));
    },

    async nextSegment(request) {
      refuseWhenStopping();
      return answers.wait(async () => accepted(await continuation.nextSegment(request)));
    },

    cancel: (target) => ending.cancel(target),

    outcome: (call, signal) => answers.wait(() => outcome(call, signal)),

    trace: traces.trace,

    stats: () => ({ ...journalCounts, runsInWork: worker.runsInWork, webhooks: webhooks.counts(), measures }),

    async drain(timeoutMs) {
      await Promise.all([worker.drain(timeoutMs), webhooks.drain(timeoutMs), answers.drain(timeoutMs)]);
      await journal.idle();
      await partials?.close();
    },
  };
}

/** How the run left this process, if it was here; the signal's reason when that comes first. */
async function endHere(end: Promise<WorkEnd> | undefined, signal: AbortSignal): Promise<WorkEnd | undefined> {
  signal.throwIfAborted();
  if (end === undefined) return undefined;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener("abort", onAbort);
    void end.then((how) => {
      signal.removeEventListener("abort", onAbort);
      resolve(how);
    });
  });
}
