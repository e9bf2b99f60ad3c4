import type { AttemptsEnd } from "./attempts.ts";
import {
  type EngineError,
  FatalRunError,
  HandedOverError,
  isCalledOff,
  StoppedAttemptError,
  TerminalError,
  toErrorInfo,
} from "./errors.ts";
import { type AttemptCost, type ErrorInfo, type InnerStep, passKey, type RunEventBody } from "./events.ts";
import { type CompiledStep, type ContainerStep, isContainer, type LeafStep } from "./flow/compile.ts";
import type { JsonObject } from "./flow/definition.ts";
import { logFault, requirePayload } from "./payloads.ts";
import { firstAttempt, type InnerPast, interrupted, type OpenStep, type RunPast } from "./run-log.ts";
import { inLoops, StepAttempts, type StepSurroundings } from "./step-attempts.ts";
import { branch } from "./steps/branch.ts";
import { flow } from "./steps/flow.ts";
import { loop } from "./steps/loop.ts";
import { parallel } from "./steps/parallel.ts";
import type { ContainerContext, ContainerEnd, Place, SequenceEnd, SequenceOptions } from "./steps/step.ts";

/** What the walk through containers depends on. */
export interface ContainerSurroundings extends StepSurroundings {
  readonly past: RunPast;
  readonly now: () => number;
  /** Must the run leave this process before its next step? */
  readonly isStopping: () => boolean;
}

/** How a step that is not at top level is begun. */
interface Opening extends SequenceOptions {
  readonly place: Place;
  readonly signal: AbortSignal;
}

/** Works off what is inside containers. What the log knows as completed or failed is taken from there. */
export class Containers {
  readonly #run: ContainerSurroundings;
  #stepsLeft: number;

  /** `stepsBegun`: those of the run so far that count against its limit. */
  constructor(run: ContainerSurroundings, stepsBegun: number) {
    this.#run = run;
    this.#stepsLeft = run.limits.stepsPerRun - stepsBegun;
  }

  /** Works a container off that is open in the log, or about to be. Throws the signal's reason. */
  async run(
    step: ContainerStep,
    { place, signal, startedAt }: { readonly place: Place; readonly signal: AbortSignal; readonly startedAt: number },
  ): Promise<ContainerEnd> {
    const { limits, now, writer } = this.#run;
    const context: ContainerContext = {
      place,
      limits,
      startedAt,
      now,
      signal,
      sequence: (steps, inside, options) => {
        // It has come to its end before, by a step that failed.
        const error = this.#run.past.failures.get(passKey(step.id, inside.loopPath));
        if (error !== undefined) return Promise.resolve({ kind: "failed", error });
        requirePayload(inside.input, limits, { stepId: step.id, what: "input" });
        return this.#sequence(steps, { signal, ...options, place: inside });
      },
      tell: (fact) => writer.tell(fact),
      flush: () => writer.flush(),
    };
    try {
      const end = await runContainer(step, context);
      if (end.kind === "output") requirePayload(end.output, limits, { stepId: step.id, what: "output" });
      return end;
    } catch (error) {
      if (signal.aborted || !(error instanceof TerminalError)) throw error;
      return { kind: "failed", error: toErrorInfo(error) };
    }
  }

  async #sequence(steps: readonly CompiledStep[], opening: Opening): Promise<SequenceEnd> {
    const outputs: Record<string, JsonObject> = Object.assign(Object.create(null), opening.place.steps);
    let { input } = opening.place;
    let { skipped } = opening;
    for (const step of steps) {
      const place = { ...opening.place, input, steps: outputs };
      const known = this.#run.past.inner.get(passKey(step.id, place.loopPath));
      let output = known?.output;
      if (output === undefined) {
        const end = await this.#step(step, { ...opening, place, ...(skipped && { skipped }) }, known);
        if (end.kind !== "output") return end;
        ({ output } = end);
      }
      skipped = undefined;
      outputs[step.node.id] = output;
      input = output;
    }
    return { kind: "output", output: input };
  }

  #step(step: CompiledStep, opening: Opening, known: InnerPast | undefined): Promise<SequenceEnd> | SequenceEnd {
    opening.signal.throwIfAborted();
    const fault = logFault(this.#run.writer.logged, this.#run.limits);
    if (fault !== undefined) throw fault;
    if (this.#run.isStopping()) return { kind: "stopped" };
    return isContainer(step) ? this.#container(step, opening, known) : this.#leaf(step, opening, known);
  }

  async #container(step: ContainerStep, opening: Opening, known: InnerPast | undefined): Promise<SequenceEnd> {
    const { writer, now } = this.#run;
    const { place, signal } = opening;
    const startedAt = known?.startedAt ?? now();
    if (known === undefined) writer.tell(started(step, opening));
    const reported = (): Reported => ({ ...this.#reported(step, place, startedAt), attempt: 1 });
    try {
      const end = await this.run(step, { place, signal, startedAt });
      if (end.kind === "output") {
        const { output, skipped } = end;
        writer.tell({ ...reported(), phase: "completed", output, ...(skipped && { skipped }) });
      } else if (end.kind === "failed") {
        writer.tell({ ...reported(), phase: "failed", error: end.error });
      }
      return end;
    } catch (error) {
      if (isCalledOff(error)) writer.tell({ ...reported(), phase: "failed", error: calledOff(error) });
      throw error;
    }
  }

  async #leaf(step: LeafStep, opening: Opening, known: InnerPast | undefined): Promise<SequenceEnd> {
    const { writer, now } = this.#run;
    if (known === undefined) {
      this.#count();
      await writer.append(started(step, opening));
      return this.#attempt(step, opening, { from: firstAttempt(step.id), startedAt: now() });
    }
    // An open step that is met here was begun by a worker that is gone.
    const from = { ...known.at, attempt: known.at.attempt + 1 };
    const retrying = { ...from, ...inLoops(opening.place), error: interrupted, delayMs: 0 };
    await writer.append({ type: "step_retrying", ...retrying });
    return this.#attempt(step, opening, { from, startedAt: known.startedAt });
  }

  async #attempt(
    step: LeafStep,
    { place, signal }: Opening,
    { from, startedAt }: { readonly from: OpenStep; readonly startedAt: number },
  ): Promise<SequenceEnd> {
    const { writer, spending } = this.#run;
    const attempts = new StepAttempts(this.#run, { step, place, signal });
    const report = (cost: AttemptCost): Reported & AttemptCost => {
      const whole = attempts.carry(cost);
      spending.add(whole);
      return { ...this.#reported(step, place, startedAt), attempt: attempts.attempt, ...whole };
    };
    try {
      const { end, cost } = withoutTools(step, await attempts.run(from));
      if (end.kind === "output") writer.tell({ ...report(cost), phase: "completed", output: end.output });
      else writer.tell({ ...report(cost), phase: "failed", error: end.error });
      return end;
    } catch (error) {
      // A backoff that a stopping process cut short: the next one makes the attempt.
      if (error instanceof HandedOverError && !signal.aborted) return { kind: "stopped" };
      if (!signal.aborted) throw error;
      const { reason } = signal;
      const cost = error instanceof StoppedAttemptError ? error.cost : {};
      if (isCalledOff(reason)) writer.tell({ ...report(cost), phase: "failed", error: calledOff(reason) });
      throw reason;
    }
  }

  /** Throws when the run has begun as many steps as it may. */
  #count(): void {
    if (this.#stepsLeft <= 0) {
      throw new FatalRunError(
        "STEP_FAILED",
        `The run has begun ${this.#run.limits.stepsPerRun} steps, each pass of a loop counted; more are not allowed. Split the work into several runs.`,
      );
    }
    this.#stepsLeft -= 1;
  }

  #reported(step: CompiledStep, place: Place, startedAt: number): Omit<Reported, "attempt"> {
    const durationMs = Math.max(0, this.#run.now() - startedAt);
    return { type: "step_progress", ...innerStep(step, place), durationMs };
  }
}

/** What reports of a step's end have in common. */
interface Reported extends InnerStep {
  readonly type: "step_progress";
  readonly attempt: number;
  readonly durationMs: number;
}

function innerStep({ id, parentId = "", name, kind }: CompiledStep, { loopPath }: Place): InnerStep {
  return { stepId: id, parentStepId: parentId, name, kind, loopPath };
}

function started(step: CompiledStep, { place, skipped }: Opening): RunEventBody {
  const about = innerStep(step, place);
  return { type: "step_progress", phase: "started", ...about, inputData: place.input, ...(skipped && { skipped }) };
}

function calledOff({ code, message }: EngineError): ErrorInfo {
  return { code: "CANCELLED", message: code === "CANCELLED" ? message : `Stopped with its run: ${message}` };
}

interface LeafEnd {
  readonly end: Exclude<SequenceEnd, { readonly kind: "stopped" }>;
  readonly cost: AttemptCost;
}

/** The end of a step that has nobody to ask. */
function withoutTools({ id }: LeafStep, ended: AttemptsEnd): LeafEnd {
  if (ended.outcome === "failed") return { end: { kind: "failed", error: ended.error }, cost: ended.cost };
  const { result } = ended;
  if (result.kind === "output") {
    const { kind, output, ...cost } = result;
    return { end: { kind, output }, cost };
  }
  const { kind: _, text: __, toolCalls: ___, ...cost } = result;
  const message = `Step "${id}" asked for tools, but lies inside a container. Move it to the top level.`;
  return { end: { kind: "failed", error: { code: "TOOLS_IN_NON_SEQUENTIAL_STEP", message } }, cost };
}

function runContainer(step: ContainerStep, context: ContainerContext): Promise<ContainerEnd> {
  switch (step.kind) {
    case "parallel":
      return parallel.run(step, context);
    case "loop":
      return loop.run(step, context);
    case "branch":
      return branch.run(step, context);
    case "flow":
      return flow.run(step, context);
  }
}
