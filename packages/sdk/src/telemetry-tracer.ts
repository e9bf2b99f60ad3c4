/** What attributes hold. */
export type TelemetryValue = string | number | boolean;

/** A span of OpenTelemetry, as far as it is used here. */
export interface TelemetrySpan {
  spanContext(): TelemetrySpanContext;
  setAttribute(key: string, value: TelemetryValue): unknown;
  setStatus(status: { code: number; message?: string }): unknown;
  updateName(name: string): unknown;
  recordException(exception: Error | string): void;
  isRecording(): boolean;
  end(): void;
}

/** Names a span for those that link to it: hex ids, as W3C Trace Context has them. */
export interface TelemetrySpanContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
}

/** What a span begins with. `kind` is a number of the API's `SpanKind`. */
export interface TelemetrySpanOptions {
  kind?: number;
  attributes?: Record<string, TelemetryValue>;
  links?: { context: TelemetrySpanContext }[];
}

/** Where a span looks for its parent. */
export interface TelemetryContext {
  getValue(key: symbol): unknown;
  setValue(key: symbol, value: unknown): TelemetryContext;
  deleteValue(key: symbol): TelemetryContext;
}

/** A `Tracer` of `@opentelemetry/api`, by its shape: this package depends on none. */
export interface TelemetryTracer {
  startSpan(name: string, options?: TelemetrySpanOptions, context?: TelemetryContext): TelemetrySpan;
  startActiveSpan<Result>(name: string, options: TelemetrySpanOptions, run: (span: TelemetrySpan) => Result): Result;
}

/** `SpanKind` and `SpanStatusCode`, by their numbers. */
export const INTERNAL = 0;
export const CLIENT = 2;
export const ERROR = 2;

/** Under which the API keeps a context's span. It is a registered symbol so that several copies of the API understand each other. */
const SPAN_KEY = Symbol.for("OpenTelemetry Context Key SPAN");

/** A context with this span in it and nothing else: what makes another span its child, without the API's own functions. */
export function contextOf(span: TelemetrySpan): TelemetryContext {
  return contextWith(new Map<symbol, unknown>([[SPAN_KEY, span]]));
}

function contextWith(values: ReadonlyMap<symbol, unknown>): TelemetryContext {
  return {
    getValue: (key) => values.get(key),
    setValue: (key, value) => contextWith(new Map(values).set(key, value)),
    deleteValue: (key) => contextWith(new Map([...values].filter(([kept]) => kept !== key))),
  };
}
