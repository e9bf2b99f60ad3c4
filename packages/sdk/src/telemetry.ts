import { type Fetch, NoukaiError } from "@noukai/core";
import type { Middleware, Operation } from "./middleware.ts";
import { describeInput, describeOutput } from "./telemetry-content.ts";
import { ContextPuller } from "./telemetry-puller.ts";
import { RunSpans } from "./telemetry-run-spans.ts";
import {
  CLIENT,
  ERROR,
  type TelemetrySpan,
  type TelemetrySpanContext,
  type TelemetrySpanOptions,
  type TelemetryTracer,
} from "./telemetry-tracer.ts";

/** How spans are made. */
export interface OpenTelemetryOptions {
  /** From `trace.getTracer("my-app")` of `@opentelemetry/api`. */
  readonly tracer: TelemetryTracer;
  /** Writes inputs and outputs into attributes. They hold what your users wrote. Default `false`. */
  readonly captureContent?: boolean | undefined;
}

/** Operations that run a flow; the others look after runs that exist. */
const RUNNING: ReadonlySet<Operation["name"]> = new Set(["execute", "events", "steps", "resume", "executeAsync"]);

/** Runs whose first span is remembered, for those who come back to them. */
const MAX_REMEMBERED = 1_000;

/**
 * A layer that makes a span of each operation and, of streams, a child span of each step. Names follow OpenTelemetry's conventions for
 * generative AI (as of 1.41): `invoke_workflow` for runs, `chat` for steps that called a model; what they do not name is `noukai.*`. An
 * operation on a run that was started here links to the span that started it. Put it first, so that it sees what the other layers do.
 *
 * ```ts
 * import { context, propagation, trace } from "@opentelemetry/api";
 *
 * const noukai = new Noukai({
 *   middleware: [openTelemetry({ tracer: trace.getTracer("my-app") })],
 *   fetch: tracedFetch((carrier) => propagation.inject(context.active(), carrier)),
 * });
 * ```
 */
export function openTelemetry(options: OpenTelemetryOptions): Middleware {
  const { tracer, captureContent = false } = options;
  const starters = new Map<string, TelemetrySpanContext>();

  const begin = (operation: Operation): readonly [string, TelemetrySpanOptions] => {
    const started = operation.executionId === undefined ? undefined : starters.get(operation.executionId);
    return [
      spanName(operation),
      {
        kind: CLIENT,
        attributes: { ...attributesOf(operation), ...(captureContent && describeInput(operation.options)) },
        ...(started && { links: [{ context: started }] }),
      },
    ];
  };

  const nameRun = (span: TelemetrySpan, operation: Operation, executionId: string): void => {
    span.setAttribute("noukai.execution_id", executionId);
    if (!RUNNING.has(operation.name) || starters.has(executionId)) return;
    starters.set(executionId, span.spanContext());
    for (const [oldest] of starters) {
      if (starters.size <= MAX_REMEMBERED) break;
      starters.delete(oldest);
    }
  };

  return {
    call: (operation, next) =>
      tracer.startActiveSpan(...begin(operation), async (span) => {
        try {
          const result = await next(operation);
          const { executionId, requiresToolCalls, result: output } = asAnswer(result);
          if (executionId !== undefined) nameRun(span, operation, executionId);
          if (requiresToolCalls !== undefined) span.setAttribute("noukai.requires_tool_calls", requiresToolCalls);
          if (captureContent && output !== undefined) setAll(span, describeOutput(output));
          return result;
        } catch (error) {
          fail(span, error);
          throw error;
        } finally {
          span.end();
        }
      }),

    async *stream(operation, next) {
      const { span, events } = tracer.startActiveSpan(...begin(operation), (span) => ({
        span,
        events: new ContextPuller(() => next(operation)),
      }));
      const steps = new RunSpans({ tracer, span, captureContent, overrides: operation.options["blockOverrides"] });
      try {
        for await (const event of events) {
          if (event.type === "run_started") nameRun(span, operation, event.executionId);
          steps.take(event);
          yield event;
        }
      } catch (error) {
        fail(span, error);
        throw error;
      } finally {
        steps.end();
        span.end();
      }
    },
  };
}

/**
 * A `fetch` that tells the server which trace its requests belong to: `propagate` writes `traceparent` and what else it wants into the
 * carrier, which become headers.
 */
export function tracedFetch(
  propagate: (carrier: Record<string, string>) => void,
  fetch: Fetch = (request) => globalThis.fetch(request),
): Fetch {
  return (request) => {
    const carrier: Record<string, string> = {};
    propagate(carrier);
    for (const [name, value] of Object.entries(carrier)) request.headers.set(name, value);
    return fetch(request);
  };
}

/** Marks the span as failed. A reader who left is no failure. */
function fail(span: TelemetrySpan, error: unknown): void {
  const code = error instanceof NoukaiError ? (error.code ?? error.name) : undefined;
  if (code === "READER_LEFT") return;
  const cause = error instanceof Error ? error : new Error(String(error));
  span.setAttribute("error.type", code ?? cause.name);
  if (error instanceof NoukaiError && error.executionId !== undefined) {
    span.setAttribute("noukai.execution_id", error.executionId);
  }
  span.recordException(cause);
  span.setStatus({ code: ERROR, message: cause.message });
}

function spanName({ name, flow }: Operation): string {
  const what = RUNNING.has(name) ? "invoke_workflow" : `noukai.${name}`;
  return flow === undefined ? what : `${what} ${flow}`;
}

function attributesOf({ name, flow, executionId, options }: Operation): Record<string, string> {
  const { sessionId } = options;
  return {
    "noukai.operation": name,
    ...(RUNNING.has(name) && { "gen_ai.operation.name": "invoke_workflow" }),
    ...(flow !== undefined && { "gen_ai.workflow.name": flow, "noukai.flow": flow }),
    ...(executionId !== undefined && { "noukai.execution_id": executionId }),
    ...(typeof sessionId === "string" && { "gen_ai.conversation.id": sessionId }),
  };
}

function setAll(span: TelemetrySpan, attributes: Readonly<Record<string, string>>): void {
  for (const [key, value] of Object.entries(attributes)) span.setAttribute(key, value);
}

/** What operations answer has these members in common, where it has them. */
function asAnswer(answer: unknown): {
  readonly executionId?: string;
  readonly requiresToolCalls?: boolean;
  readonly result?: unknown;
} {
  return typeof answer === "object" && answer !== null ? answer : {};
}
