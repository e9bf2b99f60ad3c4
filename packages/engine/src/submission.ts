import { type Allowances, noRoom } from "./allowances.ts";
import type { Catalog, FlowVersionRef, ResolvedFlow } from "./catalog.ts";
import { EngineError, inputInvalid, keyReused, RequestError, shuttingDown } from "./errors.ts";
import type { CallKey, RunEventBody, Segment } from "./events.ts";
import type { CompiledFlow, FlowCache } from "./flow/compile.ts";
import type { CaptureMode, JsonObject } from "./flow/definition.ts";
import { completeInput, resolveInput } from "./flow/input.ts";
import type { ProjectLimits } from "./flow/project.ts";
import { numberEvents } from "./hold.ts";
import { openingEvents } from "./interpreter.ts";
import type { Journal } from "./journal.ts";
import type { Attachment, ChatMessage, Models, ToolChoice, ToolDefinition } from "./models/model.ts";
import type { Projects } from "./projects.ts";
import { readRunOptions, type RunOptions, storeRunOptions } from "./run-options.ts";
import { type Means, refuseUnrunnable } from "./runnable.ts";
import type { NewExecutionRun, NewRun, RunRecord, Store, TriggerType, WebhookTarget } from "./store/store.ts";
import { pinSubflows, type SubflowSource } from "./subflows.ts";
import type { WebhookTargets } from "./webhooks/targets.ts";
import type { Worker } from "./worker.ts";

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
  /** The whole input, in place of both; `INPUT_INVALID` when it does not fit. */
  readonly input?: JsonObject;
  /** Makes the run one of an execution; without an id and a number, the first of a new one. */
  readonly execution?: Omit<NewExecutionRun, "id" | "runNumber"> & Partial<NewExecutionRun>;
  /** Config of single steps for this run: `{stepId: {field: value}}`. */
  readonly blockOverrides?: { readonly [stepId: string]: JsonObject };
  readonly sessionId?: string;
  /** What the caller can be asked to do. */
  readonly tools?: readonly ToolDefinition[];
  readonly toolChoice?: ToolChoice;
  /** Earlier turns of the conversation, before the prompt of the first top-level llm step. */
  readonly history?: readonly ChatMessage[];
  /** Files beside the prompt of that step. */
  readonly attachments?: readonly Attachment[];
  /** The step protocol: stop behind the first step, or go on to the end. Absent: the run is walked as a whole. */
  readonly segment?: Segment;
  /** Higher ones are handed out first. Default 0. */
  readonly priority?: number;
  /** Not before this, in milliseconds since 1970. Default: at once. */
  readonly startAfter?: number;
  /** Leave the run to whatever worker has room, also when there is room here. Default false. */
  readonly isQueued?: boolean;
  /** Captures full snapshots whatever the capture mode. Default false. */
  readonly trace?: boolean;
  readonly idempotency?: CallKey;
  /** Told, signed, when the run is over; see `WebhookTargets`. */
  readonly webhookUrl?: string;
}

/** An accepted call: what it asked for is durable, and goes on whatever becomes of the caller. */
export interface AcceptedCall {
  readonly runId: string;
  readonly flowId: string;
  /** Number of top-level nodes. */
  readonly stepCount: number;
  /** The call's events are those behind this seq, up to the first that ends a call; 0 for the call that made the run. */
  readonly after: number;
  /** True when an equal call came before, and this one joins it. */
  readonly repeated: boolean;
  /** The run of an execution as this call made it; absent for other runs, and when the call made none. */
  readonly made?: NewRun;
}

/** A later run of an execution, on the same definition and the same input. */
export interface RepeatRequest {
  /** The run that it follows. */
  readonly run: RunRecord;
  /** What its log begins with. */
  readonly kept: readonly RunEventBody[];
  readonly execution: NewExecutionRun;
  readonly idempotency?: CallKey;
}

export interface SubmissionOptions {
  readonly store: Store;
  readonly catalog: Catalog;
  readonly projects: Projects;
  readonly journal: Journal;
  readonly worker: Worker;
  readonly allowances: Allowances;
  readonly means: Means;
  readonly webhooks: WebhookTargets;
  readonly flows: FlowCache;
  readonly flowOf: (
    run: Pick<RunRecord, "definitionHash" | "options">,
    segment: Segment | undefined,
  ) => Promise<CompiledFlow>;
  readonly nextRunId: () => string;
  readonly now: () => number;
}

/** How calls become runs: everything that could only fail is refused before the run exists. */
export class Submission {
  readonly #options: SubmissionOptions;

  constructor(options: SubmissionOptions) {
    this.#options = options;
  }

  /** See `Engine.submit`. */
  async submit(request: RunRequest): Promise<AcceptedCall> {
    try {
      return await this.#accept(request);
    } catch (error) {
      // What is refused now may have been accepted before the flow was edited: then the same call is the same run.
      const earlier = error instanceof EngineError ? await this.#earlierCall(request) : undefined;
      if (earlier === undefined) throw error;
      return earlier;
    }
  }

  /** Throws `EXECUTION_BUSY` when the execution has another run by now. */
  async repeat({ run: earlier, kept, execution, idempotency }: RepeatRequest): Promise<AcceptedCall> {
    const { worker, allowances, means, flowOf, nextRunId, now } = this.#options;
    const webhook = this.#webhook({ projectId: earlier.projectId, execution, webhookUrl: execution.webhookUrl });
    const flow = await flowOf(earlier, undefined);
    refuseUnrunnable(flow, means);
    await allowances.requireCredits(earlier.projectId);
    const limits = await allowances.limits(earlier.projectId);
    if (worker.stopping.aborted) throw shuttingDown();
    allowances.requireRoom(worker.runsOf(earlier.projectId), limits);
    const run = laterRun(earlier, { id: nextRunId(), createdAt: now(), webhook, idempotency });
    return this.#create(bounded(run, limits), {
      flow,
      kept,
      execution,
    });
  }

  async #accept(request: RunRequest): Promise<AcceptedCall> {
    const { catalog, projects, worker, allowances, means, nextRunId, now } = this.#options;
    if (worker.stopping.aborted) throw shuttingDown();
    const resolved = await catalog.resolve(request.projectId, request.flow, request.version);
    const { blockOverrides, tools = [], toolChoice, history, attachments = [], segment } = request;
    const sent: RunOptions = {
      ...(blockOverrides !== undefined && { blockOverrides }),
      ...(tools.length > 0 && { tools }),
      ...(toolChoice !== undefined && { toolChoice }),
      ...(history !== undefined && { history }),
      ...(attachments.length > 0 && { attachments }),
      ...(segment !== undefined && { segment }),
      ...(request.idempotency !== undefined && { requestHash: request.idempotency.requestHash }),
    };
    const { options, flow } = await this.#pinned(request, resolved, sent);
    const project = await projects.byId(request.projectId);
    const input = acceptedInput(flow, request);
    refuseUnrunnable(flow, means, request.blockOverrides);
    if (tools.length > 0) refuseTools(flow);
    if (attachments.length > 0) refuseAttachments(flow, attachments, means.models);
    const webhook = this.#webhook(request);
    await allowances.requireCredits(request.projectId);
    const limits = await allowances.limits(request.projectId);
    // The store was read meanwhile, and this process may have begun to stop.
    if (worker.stopping.aborted) throw shuttingDown();
    const capture = flow.definition.capture ?? project?.settings.capture ?? "metadata_only";
    if (request.isQueued !== true) allowances.requireRoom(worker.runsOf(request.projectId), limits);
    const about = { id: nextRunId(), resolved, capture, input, options, createdAt: now(), webhook };
    const run = newRun(request, about);
    const execution = request.execution && { id: run.id, runNumber: 1, ...request.execution };
    return this.#create(request.isQueued === true ? run : bounded(run, limits), {
      flow,
      ...(request.isQueued === true && { isQueued: true }),
      ...(execution && { execution }),
    });
  }

  /** Who is told of the run's end. */
  #webhook({
    projectId,
    execution,
    webhookUrl: url = null,
  }: Pick<RunRequest, "projectId" | "execution"> & { readonly webhookUrl?: string | null }): WebhookTarget | undefined {
    const member = execution === undefined ? "webhookUrl" : "webhook_url";
    return url === null ? undefined : this.#options.webhooks.accept({ projectId, url, member });
  }

  /** The run's flow, and its options with what its sub-flows are at this moment: editing them is not to change it. */
  async #pinned(
    { projectId, segment }: RunRequest,
    { definitionHash, flow: { slug } }: ResolvedFlow,
    sent: RunOptions,
  ): Promise<{ readonly options: JsonObject; readonly flow: CompiledFlow }> {
    const { catalog, flows, flowOf } = this.#options;
    const unpinned = storeRunOptions(sent);
    const flow = await flowOf({ definitionHash, options: unpinned }, segment);
    if (!flow.hasSubflows) return { options: unpinned, flow };
    const source: SubflowSource = {
      resolve: (slug, version) => catalog.resolve(projectId, slug, version),
      definition: async (hash) => (await flows.get(hash)).definition,
    };
    const subflows = await pinSubflows(flow.definition, { slug, definitionHash }, source);
    const options = storeRunOptions({ ...sent, subflows });
    return { options, flow: await flowOf({ definitionHash, options }, segment) };
  }

  /** Makes the run durable, and begins it here when there is room; else it waits in the store for whoever has some. */
  async #create(run: NewRun, { flow, isQueued = false, kept = [], execution }: Creation): Promise<AcceptedCall> {
    const { journal, worker } = this.#options;
    const isOurs = !isQueued && worker.reserve(run.projectId);
    const [started, ...firstStep] = openingEvents(flow, run.input, readRunOptions(run.options).segment);
    // An execution is told when its first step begins: its worker opens that, and the store sees it.
    const rest = execution === undefined && isOurs ? firstStep : kept;
    const events = numberEvents(started === undefined ? [] : [started, ...rest], 0, run.createdAt);
    let isBegun = false;
    try {
      const owner = isOurs ? worker.id : null;
      const made: NewRun = { ...run, owner };
      const outcome = await journal.append({ kind: "create", run: made, events, ...(execution && { execution }) });
      if (outcome.outcome === "duplicate") {
        if (outcome.sameRequest) return await this.#earlierRun(outcome.runId);
        throw keyReused();
      }
      if (outcome.outcome === "noRoom") throw noRoom(outcome.runsInWork, run.concurrentRuns ?? 0);
      if (outcome.outcome === "refused" && execution !== undefined && execution.runNumber > 1) throw otherRun();
      if (outcome.outcome !== "written")
        throw new EngineError("INTERNAL_ERROR", `The store refused a new run: ${outcome.outcome}.`);
      isBegun = isOurs;
      if (isOurs) worker.begin({ ...run, epoch: 1, ...(execution && { execution }) }, flow, events);
      return {
        runId: run.id,
        flowId: run.flowId,
        stepCount: flow.stepCount,
        after: 0,
        repeated: false,
        ...(execution && { made }),
      };
    } finally {
      if (isOurs && !isBegun) worker.unreserve(run.projectId);
    }
  }

  /** The run that the same call made before, found by its idempotency key. */
  async #earlierCall({ projectId, idempotency }: RunRequest): Promise<AcceptedCall | undefined> {
    const { store } = this.#options;
    const run = idempotency === undefined ? undefined : await store.runByKey(projectId, idempotency.key);
    if (run === undefined) return undefined;
    if (readRunOptions(run.options).requestHash !== idempotency?.requestHash) throw keyReused();
    return this.#earlierRun(run.id);
  }

  /** The run that an earlier call made; its flow may have been edited since. */
  async #earlierRun(runId: string): Promise<AcceptedCall> {
    const { store, flows } = this.#options;
    const run = await store.run(runId);
    if (run === undefined) throw new EngineError("INTERNAL_ERROR", `Run ${runId} is not in the store.`);
    const { stepCount } = await flows.get(run.definitionHash);
    return { runId, flowId: run.flowId, stepCount, after: 0, repeated: true };
  }
}

/** How a run is made. */
interface Creation {
  readonly flow: CompiledFlow;
  /** Default false. */
  readonly isQueued?: boolean;
  /** What the log of a run of an execution begins with. */
  readonly kept?: readonly RunEventBody[];
  readonly execution?: NewExecutionRun;
}

function otherRun(): EngineError {
  return new EngineError("EXECUTION_BUSY", "Another call has run this execution again. Read how it stands.");
}

/** The flow's input, completed with its defaults. Throws `RequestError` with every fault. */
function acceptedInput(flow: CompiledFlow, { message, parameters, input: whole }: RunRequest): JsonObject {
  if (whole !== undefined) return acceptedWhole(flow, whole);
  const resolved = resolveInput(flow, { message, parameters });
  if (resolved.ok) return resolved.input;
  throw new RequestError(resolved.code, resolved.message, resolved.issues);
}

function acceptedWhole({ definition }: CompiledFlow, whole: JsonObject): JsonObject {
  const completed = completeInput(definition, whole);
  if (completed.ok) return completed.input;
  const issues = completed.issues.map(({ path, message }) => ({
    path: path === "" || path.startsWith("[") ? `input${path}` : `input.${path}`,
    message: path === "" || !message.startsWith(`${path}: `) ? message : message.slice(path.length + 2),
  }));
  throw inputInvalid(issues);
}

/** Attachments go to the first top-level llm step; each of its models, its fallbacks too, must read them as far as is known. */
function refuseAttachments({ steps }: CompiledFlow, attachments: readonly Attachment[], models: Models): void {
  const reader = steps.find((step) => step.kind === "llm");
  if (reader === undefined) {
    const message = "no top-level step of this flow is an llm step, which could read them. Send none.";
    throw unreadable([{ path: "attachments", message }]);
  }
  const { id, model, fallback = [] } = reader.node;
  const issues = [model, ...fallback].flatMap((name) =>
    attachments.flatMap(({ mimeType }, index) => {
      const reason = models.unreadable(name, mimeType);
      return reason === undefined ? [] : [{ path: `attachments[${index}]`, message: `step "${id}": ${reason}` }];
    }),
  );
  if (issues.length > 0) throw unreadable(issues);
}

function unreadable(issues: RequestError["issues"]): RequestError {
  const text = issues.map(({ path, message }) => `${path}: ${message}`).join(" ");
  return new RequestError("MODEL_MIME_INCOMPATIBLE", text, issues);
}

/** Tools are for steps that may ask: sequential llm steps with `tools: true`. */
function refuseTools(flow: CompiledFlow): void {
  const asking = [...flow.stepsById.values()].filter((step) => step.kind === "llm" && step.node.tools === true);
  if (asking.some(({ parentId }) => parentId === undefined)) return;
  const [inner] = asking;
  if (inner !== undefined) {
    throw new RequestError(
      "TOOLS_IN_NON_SEQUENTIAL_STEP",
      `Step "${inner.id}" may ask for tools, but lies inside a container. Move it to the top level.`,
    );
  }
  throw new RequestError(
    "TOOLS_NOT_ENABLED",
    "No step of this flow may ask for tools. Set `tools: true` on an llm step, or send none.",
  );
}

function newRun(
  request: RunRequest,
  about: {
    readonly id: string;
    readonly resolved: ResolvedFlow;
    readonly capture: CaptureMode;
    readonly input: JsonObject;
    readonly options: JsonObject;
    readonly createdAt: number;
    readonly webhook: WebhookTarget | undefined;
  },
): NewRun {
  const { id, resolved, capture, input, options, createdAt, webhook } = about;
  return {
    id,
    projectId: request.projectId,
    flowId: resolved.flow.id,
    flowVersion: resolved.flowVersion,
    definitionHash: resolved.definitionHash,
    trigger: request.trigger,
    sessionId: request.sessionId ?? null,
    capture,
    traced: request.trace ?? false,
    input,
    options,
    owner: null,
    priority: request.priority ?? 0,
    readyAt: request.startAfter ?? createdAt,
    createdAt,
    idempotency: request.idempotency ?? null,
    ...(webhook !== undefined && { webhook }),
  };
}

/** The run, if its project has room for it, whichever processes its others are in. */
function bounded(run: NewRun, { concurrentRuns }: ProjectLimits): NewRun {
  return concurrentRuns === undefined ? run : { ...run, concurrentRuns };
}

/** A run of what another one ran, with what that was called with. */
function laterRun(
  earlier: RunRecord,
  about: {
    readonly id: string;
    readonly createdAt: number;
    readonly webhook: WebhookTarget | undefined;
    readonly idempotency: CallKey | undefined;
  },
): NewRun {
  const { projectId, flowId, flowVersion, definitionHash, sessionId, capture, traced, input, priority } = earlier;
  const { id, createdAt, webhook, idempotency } = about;
  const { requestHash: _, ...kept } = readRunOptions(earlier.options);
  const options: RunOptions = { ...kept, ...(idempotency && { requestHash: idempotency.requestHash }) };
  return {
    id,
    projectId,
    flowId,
    flowVersion,
    definitionHash,
    trigger: "api",
    sessionId,
    capture,
    traced,
    input,
    options: storeRunOptions(options),
    owner: null,
    priority,
    readyAt: createdAt,
    createdAt,
    idempotency: idempotency ?? null,
    ...(webhook !== undefined && { webhook }),
  };
}
