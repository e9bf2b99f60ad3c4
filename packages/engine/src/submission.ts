import type { Catalog, FlowVersionRef, ResolvedFlow } from "./catalog.ts";
import { EngineError, keyReused, RequestError, shuttingDown } from "./errors.ts";
import type { CallKey, Segment } from "./events.ts";
import type { CompiledFlow, FlowCache } from "./flow/compile.ts";
import type { CaptureMode, JsonObject } from "./flow/definition.ts";
import { resolveInput } from "./flow/input.ts";
import { numberEvents } from "./hold.ts";
import { openingEvents } from "./interpreter.ts";
import type { Journal } from "./journal.ts";
import type { Attachment, ChatMessage, Models, ToolChoice, ToolDefinition } from "./models/model.ts";
import { readRunOptions, storeRunOptions } from "./run-options.ts";
import { refuseUnrunnable } from "./runnable.ts";
import type { NewRun, RunRecord, Store, TriggerType } from "./store/store.ts";
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
  /** The project's capture mode, used when the definition names none. Default `metadata_only`. */
  readonly projectCapture?: CaptureMode;
  readonly idempotency?: CallKey;
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
}

export interface SubmissionOptions {
  readonly store: Store;
  readonly catalog: Catalog;
  readonly journal: Journal;
  readonly worker: Worker;
  readonly models: Models;
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

  async #accept(request: RunRequest): Promise<AcceptedCall> {
    const { catalog, worker, models, flowOf, nextRunId, now } = this.#options;
    if (worker.stopping.aborted) throw shuttingDown();
    const resolved = await catalog.resolve(request.projectId, request.flow, request.version);
    const { blockOverrides, tools = [], toolChoice, history, attachments = [], segment } = request;
    const runOptions = storeRunOptions({
      ...(blockOverrides !== undefined && { blockOverrides }),
      ...(tools.length > 0 && { tools }),
      ...(toolChoice !== undefined && { toolChoice }),
      ...(history !== undefined && { history }),
      ...(attachments.length > 0 && { attachments }),
      ...(segment !== undefined && { segment }),
      ...(request.idempotency !== undefined && { requestHash: request.idempotency.requestHash }),
    });
    const flow = await flowOf({ definitionHash: resolved.definitionHash, options: runOptions }, segment);
    const input = acceptedInput(flow, request);
    refuseUnrunnable(flow, models, request.blockOverrides);
    if (tools.length > 0) refuseTools(flow);
    if (attachments.length > 0) refuseAttachments(flow);
    // The store was read meanwhile, and this process may have begun to stop.
    if (worker.stopping.aborted) throw shuttingDown();
    const about = { id: nextRunId(), resolved, flow, input, options: runOptions, createdAt: now() };
    return this.#create(newRun(request, about), flow, request.isQueued ?? false);
  }

  /** Makes the run durable, and begins it here when there is room; else it waits in the store for whoever has some. */
  async #create(run: NewRun, flow: CompiledFlow, isQueued: boolean): Promise<AcceptedCall> {
    const { journal, worker } = this.#options;
    const isOurs = !isQueued && worker.reserve();
    const opening = openingEvents(flow, run.input, readRunOptions(run.options).segment);
    const events = numberEvents(isOurs ? opening : opening.slice(0, 1), 0, run.createdAt);
    let isBegun = false;
    try {
      const owner = isOurs ? worker.id : null;
      const outcome = await journal.append({ kind: "create", run: { ...run, owner }, events });
      if (outcome.outcome === "duplicate") {
        if (outcome.sameRequest) return await this.#earlierRun(outcome.runId);
        throw keyReused();
      }
      if (outcome.outcome !== "written")
        throw new EngineError("INTERNAL_ERROR", `The store refused a new run: ${outcome.outcome}.`);
      isBegun = isOurs;
      if (isOurs) worker.begin({ ...run, epoch: 1 }, flow, events);
      return { runId: run.id, flowId: run.flowId, stepCount: flow.stepCount, after: 0, repeated: false };
    } finally {
      if (isOurs && !isBegun) worker.unreserve();
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

/** The flow's input, completed with its defaults. Throws `RequestError` with every fault. */
function acceptedInput(flow: CompiledFlow, { message, parameters }: RunRequest): JsonObject {
  const resolved = resolveInput(flow, { message, parameters });
  if (resolved.ok) return resolved.input;
  throw new RequestError(resolved.code, resolved.message, resolved.issues);
}

/** Attachments go to the first top-level llm step. Whether its model reads them is for its provider to say. */
function refuseAttachments(flow: CompiledFlow): void {
  if (flow.steps.some(({ kind }) => kind === "llm")) return;
  const message = "no top-level step of this flow is an llm step, which could read them. Send none.";
  throw new RequestError("MODEL_MIME_INCOMPATIBLE", `attachments: ${message}`, [{ path: "attachments", message }]);
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
    priority: request.priority ?? 0,
    readyAt: request.startAfter ?? createdAt,
    createdAt,
    idempotency: request.idempotency ?? null,
  };
}
