import { deferredSource } from "./deferred-source.ts";
import type { StreamEvent } from "./events.ts";
import { loaded } from "./loaded.ts";
import type { EventSource } from "./stream-source.ts";

/** What a caller asked of the client. */
export interface Operation {
  readonly name:
    | "execute"
    | "events"
    | "steps"
    | "resume"
    | "executeAsync"
    | "poll"
    | "wait"
    | "cancel"
    | "summary"
    | "pause"
    | "trace"
    | "stepTrace"
    | "liveTrace"
    | "listRuns"
    | "createExecution"
    | "listExecutions"
    | "getExecution"
    | "waitForExecution"
    | "cancelExecution"
    | "reexecute"
    | "deleteExecution"
    | "listTasks"
    | "getTask"
    | "editOutput";
  /** As `acme/spelling/grade-3`; `undefined` for runs that are addressed by their id alone. */
  readonly flow: string | undefined;
  /** The run, execution or task, where the operation is about one that exists. */
  readonly executionId?: string | undefined;
  /** The caller's options. */
  readonly options: Readonly<Record<string, unknown>>;
}

/**
 * One layer around everything that a client does; the first of `middleware` is the outermost. A layer may look, wait, change the options it
 * hands on, call `next` again, or answer without it. What it throws, the caller gets.
 *
 * ```ts
 * const metrics: Middleware = {
 *   async call(operation, next) {
 *     const startedAt = performance.now();
 *     try {
 *       return await next(operation);
 *     } finally {
 *       record(operation.name, operation.flow, performance.now() - startedAt);
 *     }
 *   },
 *   async *stream(operation, next) {
 *     for await (const event of next(operation)) {
 *       if (event.type === "flow_completed") record(operation.name, operation.flow, event.summary.durationMs);
 *       yield event;
 *     }
 *   },
 * };
 * const noukai = new Noukai({ middleware: [metrics] });
 * ```
 */
export interface Middleware {
  /** Around an operation that gives one answer. Some operations call others: `wait` makes requests of its own, without passing here again. The changes of executions pass no layer. */
  call?<Result>(operation: Operation, next: (operation: Operation) => Promise<Result>): Promise<Result>;
  /**
   * Around an operation that gives events; called when the first one is asked for. It may leave events out, add some, change them, or open
   * the stream again: each call of `next` sends a request of its own, when its first event is asked for. When the reader leaves, what `next`
   * gave is closed at once: a layer at a `yield` is returned from, and one that waits for an event is thrown an `AbortError` with the code
   * `READER_LEFT`.
   */
  stream?(operation: Operation, next: (operation: Operation) => AsyncIterable<StreamEvent>): AsyncIterable<StreamEvent>;
}

/** Runs an operation inside all layers. What a layer throws at once is a rejection too. */
export async function callThrough<Options extends object, Result>(
  layers: readonly Middleware[],
  operation: Operation & { readonly options: Options },
  run: (options: Options) => Promise<Result>,
): Promise<Result> {
  const innermost = ({ options }: Operation): Promise<Result> => run(options as Options); // layers hand on what they were given, changed or not
  return layers.reduceRight<(operation: Operation) => Promise<Result>>(
    (next, layer) => (current) => (layer.call ? layer.call(current, next) : next(current)),
    innermost,
  )(operation);
}

/** Opens a stream inside all layers that care for events; without one the source itself is given, at no cost per event. */
export function streamThrough<Options extends object>(
  layers: readonly Middleware[],
  operation: Operation & { readonly options: Options },
  open: (options: Options) => EventSource,
): EventSource {
  const listening = layers.filter((layer) => layer.stream);
  if (listening.length === 0) return open(operation.options);
  return deferredSource(async () => {
    const { openLayered } = await loaded(import("./layered-source.ts"));
    return openLayered(listening, operation, (options) => open(options as Options)); // layers hand on what they were given, changed or not
  }, operation.executionId);
}
