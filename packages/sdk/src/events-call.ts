import { type CallScope, type StreamAnswer, ValueError } from "@noukai/core";
import { type CancelTarget, cancelOnAbort, cancelRun } from "./cancel.ts";
import type { ClientContext } from "./context.ts";
import { Cursor } from "./cursor.ts";
import { deferredSource } from "./deferred-source.ts";
import { type RunStarted, setHidden, type StreamEvent, type ToolCallsRequired } from "./events.ts";
import type { FlowTarget } from "./flow-target.ts";
import { loaded } from "./loaded.ts";
import { type FlowCall, prepareCall } from "./options.ts";
import { isPlain } from "./plain-options.ts";
import { flowOperation, postStep, type VersionAddress } from "./routes.ts";
import { isTerminal, type PauseEvent, RunWatch, type RunWatchOptions, type Segments } from "./run-watch.ts";
import { ambientSession } from "./session/ambient.ts";
import type { EventsOptions } from "./stream-options.ts";
import type { CallSegments } from "./stream-segments.ts";
import type { EventSource } from "./stream-source.ts";
import type { EventStream } from "./event-stream.ts";
import type { ToolAnswers } from "./tools/tool-handler.ts";
import type { FlowSchemas } from "./typed-flow/flow-schemas.ts";
import { isExecutable } from "./tools/executable-tool.ts";

/** Runs a flow as a stream of what happens. Nothing is sent before the first event is asked for. */
export function openFlowEvents(
  context: ClientContext,
  { address, schemas }: FlowTarget,
  options: EventsOptions,
): EventSource {
  const begin = (): EventSource => {
    const call = prepareCall(options, context);
    const target = { flow: address, version: call.version };
    return new EventsCall({ context, options, call, target, isStepwise: isStepwise(options), schemas }).begin();
  };
  if (isPlain(options) && !ambientSession()?._inTurn) return begin();
  return deferredSource(async () => {
    const { prepareEvents } = await loaded(import("./events-preparation.ts"));
    await prepareEvents(options);
    return begin();
  });
}

/** Does the call drive its run step by step? */
export function isStepwise({ stepwise, runRemaining, inputOverrides }: EventsOptions): boolean {
  return stepwise ?? (runRemaining === undefined ? inputOverrides !== undefined : !runRemaining);
}

export interface EventsCallOptions {
  readonly context: ClientContext;
  readonly options: EventsOptions;
  readonly call: FlowCall;
  readonly target: VersionAddress;
  /** One step at a time, or all that are left. */
  readonly isStepwise: boolean;
  readonly schemas: FlowSchemas;
}

/** A call of the step protocol. What goes on behind the pauses of its run is loaded when it comes to one: most never do. */
export class EventsCall implements Segments {
  readonly given: EventsCallOptions;
  readonly cursor: Cursor;
  /** Step id → output of the steps that are done, in a stepwise call. */
  readonly outputs: Record<string, unknown> = {};
  /** Who reads the run: the answer to a pause is theirs while they wait behind it. */
  reader: RunWatch | undefined;
  /** What the run's first event said; in a run that is gone on with, what its pause did. */
  started: Pick<RunStarted, "flowId" | "stepCount"> | undefined;
  #segments: Promise<CallSegments> | undefined;

  constructor(given: EventsCallOptions, cursor = new Cursor({ isStarter: true })) {
    this.given = given;
    this.cursor = cursor;
  }

  /** The run's events from its first. Sends nothing yet. */
  begin(): RunWatch {
    const { context, call, target, isStepwise } = this.given;
    const { headers, fetch, body } = call;
    const route = postStep(target, { ...body, runRemaining: !isStepwise });
    return this.watch({
      openScope: () => this.openScope(),
      open: (scope) => context.transport.stream({ scope, headers, fetch }, route),
    });
  }

  /** A reader that goes on where the last one got to. */
  watch(from: Pick<RunWatchOptions, "openScope" | "open">): RunWatch {
    const { context, target, options } = this.given;
    this.reader = new RunWatch({
      ...from,
      context,
      flow: target.flow,
      cursor: this.cursor,
      isLast: endsSegment,
      segments: this,
      onConnection: options.onConnection,
      cancel: () => cancelRun(context, this.#cancelTarget),
    });
    return this.reader;
  }

  openScope(): CallScope {
    const { context, target, options } = this.given;
    const { signal, timeout } = options;
    const scope = context.openScope({ operation: flowOperation(target, "step"), signal, timeout, billed: "possibly" });
    cancelOnAbort(context, scope, this.#cancelTarget);
    return scope;
  }

  note(events: readonly StreamEvent[]): Promise<void> | undefined {
    const { isStepwise, options } = this.given;
    for (const event of events) {
      if (event.type === "run_started") this.started ??= event;
      if (event.type === "step_completed" && isStepwise) this.outputs[event.stepId] = event.output;
    }
    const last = events.at(-1);
    if (last?.type === "tool_calls_required") {
      setHidden(last, { resume: (answers) => this.resume(last, answers) });
      // Who asks for what follows is told what goes wrong.
      if (options.tools)
        return this.#load()
          .then((segments) => segments.ask(last))
          .catch(() => {});
    }
    return undefined;
  }

  async resume(pause: ToolCallsRequired, answers: ToolAnswers): Promise<EventStream | undefined> {
    return (await this.#load()).resume(pause, answers);
  }

  async goOn(pause: PauseEvent, scope: CallScope, signal: AbortSignal): Promise<StreamAnswer | undefined> {
    return (await this.#load()).goOn(pause, scope, signal);
  }

  get #cancelTarget(): CancelTarget {
    const { target, call } = this.given;
    const { idempotencyKey, fetch } = call;
    return { flow: target.flow, idempotencyKey, executionId: () => this.cursor.executionId, fetch };
  }

  #load(): Promise<CallSegments> {
    return (this.#segments ??= this.#loadOnce());
  }

  async #loadOnce(): Promise<CallSegments> {
    try {
      const { executionId } = this.cursor;
      const { CallSegments } = await loaded(import("./stream-segments.ts"), { executionId, billed: "possibly" });
      return new CallSegments(this);
    } catch (error) {
      this.#segments = undefined; // a page whose network fails may try again
      throw error;
    }
  }
}

function endsSegment(event: StreamEvent): boolean {
  return isTerminal(event) || event.type === "tool_calls_required" || event.type === "step_paused";
}

/** Throws `ValueError` for tools whose calls would come back to the reader of `steps()`, who does not get to see them. */
export function requireAnswerable({ tools, toolHandler }: Pick<EventsOptions, "tools" | "toolHandler">): void {
  if (toolHandler || !tools || (tools.length > 0 && tools.every(isExecutable))) return;
  throw new ValueError("`steps()` cannot answer tool calls. Give `toolHandler`, or tools made with `tool()`.");
}
