import { isDeepStrictEqual } from "node:util";
import { type Allowances, noRoom } from "./allowances.ts";
import { EngineError, keyReused, RequestError } from "./errors.ts";
import { type CallKey, endsCall, type RunEvent, type RunEventBody, type Segment } from "./events.ts";
import type { CompiledFlow } from "./flow/compile.ts";
import type { Json, JsonObject } from "./flow/definition.ts";
import { describeKind, isObject } from "./flow/json.ts";
import { createLru } from "./flow/lru.ts";
import { numberEvents } from "./hold.ts";
import { segmentOpening } from "./interpreter.ts";
import type { Journal } from "./journal.ts";
import { foldPast, joinSegments, type RunPast, wholeLog } from "./run-log.ts";
import { readRunOptions } from "./run-options.ts";
import { type Means, refuseUnrunnable } from "./runnable.ts";
import type { RunRecord, Store } from "./store/store.ts";
import { readToolResults } from "./tool-messages.ts";
import { Turns } from "./turns.ts";
import type { Worker } from "./worker.ts";

/** The caller's answers to the tool calls that a run waits for. */
export interface ResumeRequest {
  readonly projectId: string;
  readonly runId: string;
  /** The conversation as it was handed out, with one tool message per call behind it. */
  readonly toolCallMessages: readonly Json[];
  /** Id of the step that waits; checked when given. */
  readonly pausedAtStep?: string;
  /** Its index; checked when given. */
  readonly stepIndex?: number;
  readonly idempotency?: CallKey;
}

/** A later call of the step protocol. */
export interface SegmentRequest {
  readonly projectId: string;
  readonly runId: string;
  readonly stepIndex: number;
  readonly segment: Segment;
  readonly idempotency?: CallKey;
}

/** Where the answer to a call begins in its run's log. */
export interface Continued {
  readonly run: RunRecord;
  /** The call's events are those behind this seq. */
  readonly after: number;
  /** True when an equal call was made before: its events are there already, or under way. */
  readonly repeated: boolean;
}

export interface ContinuationOptions {
  readonly store: Store;
  readonly journal: Journal;
  readonly worker: Worker;
  readonly allowances: Allowances;
  readonly means: Means;
  readonly flowOf: (
    run: Pick<RunRecord, "definitionHash" | "options">,
    segment: Segment | undefined,
  ) => Promise<CompiledFlow>;
  readonly now: () => number;
}

/** Equal repeats of a call that a paused run still waits on. Source: `contract.md` §4. */
const maxIdleRepeats = 25;

/** What calls that go on with a run do to it: answer tool calls, begin the next step. The log decides what a call means. */
export class Continuation {
  readonly #options: ContinuationOptions;
  /** How often the segment that a run is paused in was asked for again. Forgotten with the process: it bounds a loop, not a right. */
  readonly #idleRepeats = createLru<string, number>(10_000);

  /** Equal calls of one moment write equal events: only one after the other can they be told apart. */
  readonly #turns = new Turns();

  constructor(options: ContinuationOptions) {
    this.#options = options;
  }

  /**
   * Hands the run its tool results and begins it here. An equal repeat joins; another answer is `ALREADY_RESUMED`. Throws
   * `EXECUTION_ID_INVALID`, `PAUSED_STEP_INVALID`, `INVALID_STEP_INDEX`, `TOOL_RESULTS_MISMATCH`, `IDEMPOTENCY_KEY_REUSED`, `PAUSE_EXPIRED`,
   * `CANCELLED`; the run stays as it is then.
   */
  resume(request: ResumeRequest): Promise<Continued> {
    return this.#turns.take(request.runId, () => this.#resume(request));
  }

  async #resume(request: ResumeRequest): Promise<Continued> {
    for (;;) {
      const run = await this.#runOf(request);
      const log = await wholeLog(this.#options.store, run.id);
      await this.#refuseReusedKey(request, log);
      const last = log.at(-1);
      const meant = pauseMeant(request, log);
      if (meant?.answers !== undefined)
        return joinAnswered(run, meant.pause, { given: meant.answers, sent: request.toolCallMessages });
      if (last?.type !== "step_paused_for_tool_calls") throw notWaiting(run, log);
      checkPlace(request, last);
      const { seq, stepId, toolCalls, iterationsUsed } = last;
      const toolCallMessages = readToolResults(request.toolCallMessages, toolCalls);
      const past = foldPast(log);
      const { idempotency: call } = request;
      const resumed: RunEventBody = {
        type: "step_resumed",
        stepId,
        iterationsUsed,
        toolCallMessages,
        ...(call !== undefined && { call }),
      };
      if (await this.#seize(run, log, { bodies: [resumed], past })) return { run, after: seq, repeated: false };
    }
  }

  /**
   * Begins the run's next segment here, or finds an equal call's: a completed step never runs again. Throws `STALE_CURSOR` when the step was
   * begun by another call, `INVALID_STEP_INDEX` when it is not next, `TOOL_ITERATION_LIMIT` when a pause is asked for again and again.
   */
  nextSegment(request: SegmentRequest): Promise<Continued> {
    return this.#turns.take(request.runId, () => this.#nextSegment(request));
  }

  async #nextSegment({ stepIndex, segment, ...request }: SegmentRequest): Promise<Continued> {
    for (;;) {
      const run = await this.#runOf(request);
      const log = await wholeLog(this.#options.store, run.id);
      await this.#refuseReusedKey(request, log);
      const begun = log.find((event) => event.type === "step_started" && event.stepIndex === stepIndex);
      if (begun?.type === "step_started") return this.#join(run, begun, { segment, log });
      const last = log.at(-1);
      if (last?.type !== "step_paused" || last.nextStepIndex !== stepIndex) throw notNext(run, stepIndex, last);
      const earlier = foldPast(log);
      checkOverrides(segment, earlier);
      const past = { ...earlier, segment: joined(run, earlier, segment) };
      const flow = await this.#options.flowOf(run, past.segment);
      const step = flow.steps[stepIndex];
      if (step === undefined) throw notNext(run, stepIndex, last);
      refuseUnrunnable(flow, this.#options.means, segment.blockOverrides);
      const opening = segmentOpening(step, { flow, input: run.input, past, segment: past.segment }, segment);
      const { idempotency: call } = request;
      const bodies = opening.map((body) =>
        body.type === "step_started" && call !== undefined ? { ...body, call } : body,
      );
      if (await this.#seize(run, log, { bodies, past })) return { run, after: last.seq, repeated: false };
    }
  }

  /** Takes the run and begins it here, or leaves it to whatever worker has room where there is none here. False when somebody else was first. */
  async #seize(
    run: RunRecord,
    log: readonly RunEvent[],
    { bodies, past }: { readonly bodies: readonly RunEventBody[]; readonly past: RunPast },
  ): Promise<boolean> {
    const { journal, worker, allowances, flowOf, now } = this.#options;
    const flow = await flowOf(run, past.segment);
    await allowances.requireCredits(run.projectId);
    const limits = await allowances.limits(run.projectId);
    const isOurs = worker.reserve(run.projectId);
    if (!isOurs) worker.stopping.throwIfAborted();
    let isBegun = false;
    try {
      // This run has its place by now.
      if (isOurs) allowances.requireRoom(worker.runsOf(run.projectId) - 1, limits);
      const epoch = run.epoch + 1;
      const events = numberEvents(isOurs ? bodies : leftUnder(epoch, bodies), past.lastSeq, now());
      const entry = {
        kind: "seize",
        runId: run.id,
        epoch: run.epoch,
        events,
        status: isOurs ? "running" : "pending",
        owner: isOurs ? worker.id : null,
        ...(limits.concurrentRuns !== undefined && { concurrentRuns: limits.concurrentRuns }),
        ...(run.execution !== undefined && { isOfExecution: true }),
      } as const;
      const outcome = await journal.append(entry);
      if (outcome.outcome === "staleEpoch") return false;
      if (outcome.outcome === "noRoom") throw noRoom(outcome.runsInWork, limits.concurrentRuns ?? 0);
      if (outcome.outcome !== "written") {
        const reason = outcome.outcome === "refused" ? outcome.reason : outcome.outcome;
        throw new EngineError("INTERNAL_ERROR", `The store refused to hand run ${run.id} over: ${reason}.`);
      }
      isBegun = isOurs;
      if (isOurs) worker.begin({ ...run, epoch }, flow, [...log, ...events]);
      return true;
    } finally {
      if (isOurs && !isBegun) worker.unreserve(run.projectId);
    }
  }

  #join(
    run: RunRecord,
    begun: RunEvent & { readonly type: "step_started" },
    { segment, log }: { readonly segment: Segment; readonly log: readonly RunEvent[] },
  ): Continued {
    if (begun.segment !== undefined && !isDeepStrictEqual(told(begun.segment), told(segment))) {
      throw new EngineError(
        "STALE_CURSOR",
        `Step ${begun.stepIndex} was begun by a call that asked for something else. Read the run's trace, and go on behind it.`,
      );
    }
    const ending = log.find((event) => event.seq > begun.seq && endsCall(event));
    if (ending?.type === "step_paused_for_tool_calls") {
      // Asked again for a pause that a cancel or its age has ended: said at once, or a client that never answers asks for ever.
      const last = log.at(-1);
      if (last?.type === "step_error" && endsByItself(last)) throw new EngineError(last.error.code, last.error.message);
      this.#countRepeat(run.id, ending.seq);
    }
    return { run, after: begun.stepIndex === 0 ? 0 : begun.seq - 1, repeated: true };
  }

  /** A key names one call: what a run's log says of it, and whether the key made a run, is known for as long as the key counts. */
  async #refuseReusedKey(
    { projectId, idempotency: call }: Pick<ResumeRequest, "projectId" | "idempotency">,
    log: readonly RunEvent[],
  ): Promise<void> {
    if (call === undefined) return;
    const earlier = log.flatMap((event) => ("call" in event && event.call?.key === call.key ? [event.call] : []));
    if (earlier.some(({ requestHash }) => requestHash !== call.requestHash)) throw keyReused();
    if (earlier.length === 0 && (await this.#options.store.runByKey(projectId, call.key)) !== undefined)
      throw keyReused();
  }

  #countRepeat(runId: string, pauseSeq: number): void {
    const key = `${runId}/${pauseSeq}`;
    const repeats = (this.#idleRepeats.get(key) ?? 0) + 1;
    this.#idleRepeats.set(key, repeats);
    if (repeats <= maxIdleRepeats) return;
    throw new EngineError(
      "TOOL_ITERATION_LIMIT",
      `The run waits for the answers to its tool calls, and was asked for them ${repeats} times. Send toolCallMessages.`,
    );
  }

  async #runOf({ projectId, runId }: { readonly projectId: string; readonly runId: string }): Promise<RunRecord> {
    const run = await this.#options.store.run(runId);
    if (run?.projectId === projectId) return run;
    throw new RequestError(
      "EXECUTION_ID_INVALID",
      `There is no run ${runId} in this project. Is executionId the one that was answered?`,
    );
  }
}
/** Does the caller answer where the run asked? */
function checkPlace(
  { pausedAtStep, stepIndex }: ResumeRequest,
  at: { readonly stepId: string; readonly stepIndex: number },
): void {
  if (pausedAtStep !== undefined && pausedAtStep !== at.stepId) {
    throw new RequestError("PAUSED_STEP_INVALID", `The run asked at step "${at.stepId}", not at "${pausedAtStep}".`, [
      { path: "pausedAtStep", message: `must be "${at.stepId}"` },
    ]);
  }
  if (stepIndex !== undefined && stepIndex !== at.stepIndex) {
    throw new RequestError("INVALID_STEP_INDEX", `The run asked at stepIndex ${at.stepIndex}, not at ${stepIndex}.`, [
      { path: "stepIndex", message: `must be ${at.stepIndex}` },
    ]);
  }
}

/** Says in what opens a step that no worker began it under that epoch. */
function leftUnder(epoch: number, bodies: readonly RunEventBody[]): readonly RunEventBody[] {
  return bodies.map((body) =>
    body.type === "step_started" || body.type === "step_resumed" ? { ...body, leftUnder: epoch } : body,
  );
}

type ToolPauseEvent = RunEvent & { readonly type: "step_paused_for_tool_calls" };

/**
 * The pause that a call answers, with the answers that it was given before. Models may use one call id again and again, so that the ids alone
 * do not tell: the place that the call names comes first, then the conversation that it echoes, then the latest pause.
 */
function pauseMeant(
  { toolCallMessages: sent, pausedAtStep, stepIndex }: ResumeRequest,
  log: readonly RunEvent[],
): { readonly pause: ToolPauseEvent; readonly answers: readonly JsonObject[] | undefined } | undefined {
  const candidates = log.flatMap((event, index) => {
    if (event.type !== "step_paused_for_tool_calls" || !fits(sent, event)) return [];
    if ((pausedAtStep ?? event.stepId) !== event.stepId || (stepIndex ?? event.stepIndex) !== event.stepIndex)
      return [];
    const next = log[index + 1];
    return [{ pause: event, answers: next?.type === "step_resumed" ? next.toolCallMessages : undefined }];
  });
  return candidates.findLast(({ pause }) => isEcho(sent, pause)) ?? candidates.at(-1);
}

function fits(sent: readonly Json[], { toolCalls }: ToolPauseEvent): boolean {
  try {
    return readToolResults(sent, toolCalls).length > 0;
  } catch (error) {
    if (error instanceof RequestError) return false;
    throw error;
  }
}

function isEcho(sent: readonly Json[], { toolCalls, toolCallMessages }: ToolPauseEvent): boolean {
  return isDeepStrictEqual(sent.slice(0, -toolCalls.length), toolCallMessages);
}

function joinAnswered(
  run: RunRecord,
  { seq, toolCalls }: ToolPauseEvent,
  { given, sent }: { readonly given: readonly JsonObject[]; readonly sent: readonly Json[] },
): Continued {
  if (isDeepStrictEqual(readToolResults(sent, toolCalls), given)) return { run, after: seq, repeated: true };
  throw new EngineError("ALREADY_RESUMED", "These tool calls were answered by another call, with other results.");
}

/** Did the run end without a step's fault? */
function endsByItself({ error }: RunEvent & { readonly type: "step_error" }): boolean {
  return error.code === "CANCELLED" || error.code === "PAUSE_EXPIRED";
}

function notWaiting(run: RunRecord, log: readonly RunEvent[]): EngineError {
  const last = log.at(-1);
  if (last?.type === "step_error" && endsByItself(last)) {
    return new EngineError(last.error.code, last.error.message);
  }
  return new RequestError("PAUSED_STEP_INVALID", `Run ${run.id} is ${run.status}, and waits for no tool results.`);
}

function notNext(run: RunRecord, stepIndex: number, last: RunEvent | undefined): EngineError {
  if (last?.type === "step_error" && last.error.code === "CANCELLED")
    return new EngineError("CANCELLED", last.error.message);
  const fix = last?.type === "step_paused" ? `The next one is ${last.nextStepIndex}.` : `The run is ${run.status}.`;
  return new RequestError("INVALID_STEP_INDEX", `stepIndex ${stepIndex} is not next. ${fix}`, [
    { path: "stepIndex", message: fix },
  ]);
}

/** Overrides replace outputs that are there, by outputs as steps have them. */
function checkOverrides({ inputOverrides = {} }: Segment, { outputs }: RunPast): void {
  const issues = Object.entries(inputOverrides).flatMap(([stepId, output]) => {
    const path = `inputOverrides.${stepId}`;
    if (!outputs.has(stepId)) {
      return [{ path, message: `names no completed step. These are: ${[...outputs.keys()].join(", ")}.` }];
    }
    return isObject(output)
      ? []
      : [{ path, message: `must be an object, as outputs are; this is ${describeKind(output)}.` }];
  });
  if (issues.length === 0) return;
  const text = issues.map(({ path, message }) => `${path} ${message}`).join(" ");
  throw new RequestError("INVALID_REQUEST", `inputOverrides cannot be applied: ${text}`, issues);
}

function joined(run: RunRecord, past: RunPast, segment: Segment): Segment {
  return joinSegments(joinSegments(readRunOptions(run.options).segment, past.segment ?? segment), segment);
}

/** What tells two calls for the same step apart. */
function told({ runRemaining, inputOverrides = {}, blockOverrides = {} }: Segment): Segment {
  return { runRemaining, inputOverrides, blockOverrides };
}
