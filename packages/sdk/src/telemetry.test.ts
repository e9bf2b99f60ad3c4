import { AsyncLocalStorage } from "node:async_hooks";
import { type Context, context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Tracer } from "@opentelemetry/api";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { afterAll, beforeAll, describe, expect, expectTypeOf, test, vi } from "vitest";
import { z } from "zod";
import {
  clientOf,
  encodeFrame,
  EXECUTION_ID,
  recorded,
  RecordedServer,
  streamOf,
  type WireFrame,
} from "../test/recorded-run.ts";
import type { Fetch, StreamEvent } from "./index.ts";
import { openTelemetry, tracedFetch } from "./telemetry.ts";
import type { TelemetryTracer } from "./telemetry-tracer.ts";

const COMPLETED = {
  status: "completed",
  executionId: EXECUTION_ID,
  flowId: "f",
  blockCount: 1,
  result: { text: "cat" },
};
const FLOW = "acme/spelling/grade-3";

/** What applications register in Node: the active context follows asynchronous calls. */
const storage = new AsyncLocalStorage<Context>();
beforeAll(() => {
  context.setGlobalContextManager({
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (active, fn, thisArg, ...args) => storage.run(active, () => fn.apply(thisArg, args)),
    bind: (active, target) =>
      typeof target === "function"
        ? (((...args: unknown[]) => storage.run(active, () => target(...args))) as typeof target)
        : target, // a bound function has the target's type
    enable() {
      return this;
    },
    disable() {
      return this;
    },
  });
});
afterAll(() => {
  context.disable();
});

interface Traced {
  readonly tracer: Tracer;
  readonly spans: () => readonly ReadableSpan[];
  readonly span: (name: string) => ReadableSpan;
}

/** The real OpenTelemetry, keeping what it would send. */
function traced(): Traced {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const spans = () => exporter.getFinishedSpans();
  const span = (name: string) => {
    const found = spans().find((candidate) => candidate.name === name);
    if (!found)
      throw new Error(
        `No span ${name} among ${spans()
          .map((other) => other.name)
          .join(", ")}.`,
      );
    return found;
  };
  return { tracer: provider.getTracer("test"), spans, span };
}

function clientWith({ tracer }: Traced, fetch: Fetch, captureContent = false) {
  return clientOf(fetch, { middleware: [openTelemetry({ tracer, captureContent })] });
}

function uncut(): Fetch {
  return new RecordedServer({ cuts: [], end: "reset", meanwhile: "waits" }).fetch;
}

async function drain(events: AsyncIterable<StreamEvent>): Promise<void> {
  for await (const _event of events);
}

function parentOf(span: ReadableSpan): string | undefined {
  return span.parentSpanContext?.spanId;
}

function logged(frames: readonly Omit<WireFrame, "seq">[]): Response {
  return streamOf(frames.map((frame, index) => encodeFrame({ seq: index + 1, ...frame })));
}

test("a tracer of the real API will do", () => {
  expectTypeOf<Tracer>().toExtend<TelemetryTracer>();
});

describe("content that JSON cannot hold", () => {
  test("does not fail a call whose schema made it of the output", async () => {
    const told = traced();
    const noukai = clientWith(told, () => Response.json({ ...COMPLETED, result: "12" }), true);
    const flow = noukai.flow("grade-3", { output: z.coerce.bigint() });
    expect(await flow.execute({ message: "a" })).toMatchObject({ result: 12n });
    expect(told.span(`invoke_workflow ${FLOW}`).attributes["gen_ai.output.messages"]).toContain("not JSON");
  });

  test("is told by what checks the options, and not here", async () => {
    const told = traced();
    const flow = clientWith(told, () => Response.json(COMPLETED), true).flow("grade-3");
    await expect(flow.execute({ parameters: { a: 10n } })).rejects.toThrow("`parameters.a`");
    const messages = [null] as never; // as a program without types may do
    await expect(flow.execute({ messages })).rejects.toThrow("`messages[0]`");
  });
});

describe("a span of a call", () => {
  test("names the flow, the run and the session, and nothing that users wrote", async () => {
    const told = traced();
    const sessionId = "5b3a1c9e-2f4d-4a86-b0c7-9e1d2f3a4b5c";
    const noukai = clientWith(told, () => Response.json(COMPLETED));
    await noukai.flow("grade-3").execute({ message: "a secret", parameters: { name: "a secret" }, sessionId });
    const span = told.span(`invoke_workflow ${FLOW}`);
    expect(span).toMatchObject({ kind: SpanKind.CLIENT, status: { code: SpanStatusCode.UNSET }, ended: true });
    expect(span.attributes).toEqual({
      "noukai.operation": "execute",
      "noukai.flow": FLOW,
      "noukai.execution_id": EXECUTION_ID,
      "noukai.requires_tool_calls": false,
      "gen_ai.operation.name": "invoke_workflow",
      "gen_ai.workflow.name": FLOW,
      "gen_ai.conversation.id": sessionId,
    });
  });

  test("that fails has its error's code, and the error as an event", async () => {
    const told = traced();
    const refused = { detail: { code: "FLOW_NOT_FOUND", message: "m" } };
    const noukai = clientWith(told, () => Response.json(refused, { status: 404 }));
    await expect(noukai.flow("grade-3").execute()).rejects.toMatchObject({ name: "FlowNotFoundError" });
    const { status, attributes, events } = told.span(`invoke_workflow ${FLOW}`);
    expect(status).toMatchObject({ code: SpanStatusCode.ERROR, message: expect.stringContaining("FLOW_NOT_FOUND") });
    expect(attributes).toMatchObject({ "error.type": "FLOW_NOT_FOUND" });
    expect(events).toMatchObject([{ name: "exception", attributes: { "exception.type": "FLOW_NOT_FOUND" } }]);
  });

  test("carries input and output when that is asked for", async () => {
    const told = traced();
    await clientWith(told, () => Response.json(COMPLETED), true)
      .flow("grade-3")
      .execute({ message: "kat", parameters: { difficulty: "hard" } });
    const { attributes } = told.span(`invoke_workflow ${FLOW}`);
    expect(JSON.parse(String(attributes["gen_ai.input.messages"]))).toEqual([
      { role: "user", parts: [{ type: "text", content: "kat" }] },
    ]);
    expect(attributes["noukai.parameters"]).toBe('{"difficulty":"hard"}');
    expect(JSON.parse(String(attributes["gen_ai.output.messages"]))).toEqual([
      { role: "assistant", parts: [{ type: "text", content: '{"text":"cat"}' }], finish_reason: "stop" },
    ]);
  });

  test("is the parent of what happens inside, and the child of what is active around it", async () => {
    const told = traced();
    const noukai = clientWith(told, () => {
      told.tracer.startSpan("request").end();
      return Response.json(COMPLETED);
    });
    await told.tracer.startActiveSpan("handler", async (handler) => {
      await noukai.flow("grade-3").execute();
      handler.end();
    });
    const call = told.span(`invoke_workflow ${FLOW}`);
    expect(parentOf(call)).toBe(told.span("handler").spanContext().spanId);
    expect(parentOf(told.span("request"))).toBe(call.spanContext().spanId);
  });

  test("links to the span that started the run", async () => {
    const told = traced();
    const layer = openTelemetry({ tracer: told.tracer });
    await clientOf(() => Response.json(COMPLETED), { middleware: [layer] })
      .flow("grade-3")
      .execute();
    const about = { name: "poll", flow: FLOW, executionId: EXECUTION_ID, options: {} } as const;
    await layer.call?.(about, async () => undefined);
    const poll = told.span(`noukai.poll ${FLOW}`);
    expect(poll.links).toMatchObject([
      { context: { spanId: told.span(`invoke_workflow ${FLOW}`).spanContext().spanId } },
    ]);
    expect(poll.attributes).toEqual({
      "noukai.operation": "poll",
      "noukai.flow": FLOW,
      "gen_ai.workflow.name": FLOW,
      "noukai.execution_id": EXECUTION_ID,
    });
  });

  test("remembers a thousand runs and no more", async () => {
    const told = traced();
    const layer = openTelemetry({ tracer: told.tracer });
    const execute = { name: "execute", flow: FLOW, options: {} } as const;
    for (let run = 0; run <= 1_000; run++) await layer.call?.(execute, async () => ({ executionId: `run-${run}` }));
    for (const executionId of ["run-0", "run-1"]) {
      await layer.call?.({ name: "trace", flow: undefined, executionId, options: {} }, async () => undefined);
    }
    expect(
      told
        .spans()
        .slice(-2)
        .map(({ name, links }) => [name, links.length]),
    ).toEqual([
      ["noukai.trace", 0],
      ["noukai.trace", 1],
    ]);
  });
});

describe("spans of a stream", () => {
  test("are one for the run with its figures, and a child for each step", async () => {
    const told = traced();
    await drain(clientWith(told, uncut()).flow("grade-3").events({ message: "a secret" }));
    const run = told.span(`invoke_workflow ${FLOW}`);
    expect(told.spans().map(({ name }) => name)).toEqual(["step a", "step b", `invoke_workflow ${FLOW}`]);
    expect(run.attributes).toMatchObject({
      "noukai.execution_id": EXECUTION_ID,
      "gen_ai.usage.input_tokens": 9,
      "gen_ai.usage.output_tokens": 4,
      "noukai.cost_usd": "0.100412",
    });
    expect(told.span("step a")).toMatchObject({
      parentSpanContext: { spanId: run.spanContext().spanId },
      attributes: {
        "noukai.step_id": "a",
        "noukai.step.name": "a",
        "noukai.step.attempt": 2,
        "gen_ai.usage.input_tokens": 9,
        "noukai.cost_usd": "0.000412",
      },
    });
    expect(JSON.stringify(told.spans().map(({ attributes }) => attributes))).not.toMatch(/secret|Kätzchen|漢字/);
  });

  test("name the model of a step that called one, and the one that was asked for", async () => {
    const told = traced();
    const answering = () => {
      const done = recorded(5).data as object; // frames carry objects
      const frames = [
        recorded(1),
        recorded(2),
        { ...recorded(5), data: { ...done, modelUsed: "google/gemini-3/pro" } },
      ];
      return logged([...frames, recorded(8)].map(({ name, data }) => ({ name, data })));
    };
    const flow = clientWith(told, answering).flow("grade-3");
    await drain(flow.events());
    expect(told.span("chat gemini-3/pro").attributes).toMatchObject({
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "gcp.gemini",
      "gen_ai.request.model": "gemini-3/pro",
      "gen_ai.response.model": "gemini-3/pro",
    });
    await drain(flow.events({ blockOverrides: { a: { model: "openai/gpt-5-mini" } } }));
    expect(told.span("chat gpt-5-mini").attributes["gen_ai.response.model"]).toBe("gemini-3/pro");
  });

  test("of steps inside a loop stand below their pass, and fail by themselves", async () => {
    const told = traced();
    const inner = { stepId: "explain", parentStepId: "each", attempt: 1 };
    const deeper = { stepId: "word", parentStepId: "explain", attempt: 1 };
    const error = { code: "STEP_FAILED", message: "m" };
    const frames: Omit<WireFrame, "seq">[] = [
      { name: "run_started", data: { executionId: EXECUTION_ID } },
      { name: "step_started", data: { stepId: "each", name: "Each", stepIndex: 0 } },
      ...[0, 1].map((loopIndex) => ({
        name: "step_progress",
        data: { ...inner, loopIndex, loopPath: [loopIndex], phase: "started" },
      })),
      { name: "step_progress", data: { ...deeper, loopIndex: 1, loopPath: [1], phase: "started" } },
      { name: "step_progress", data: { ...deeper, loopIndex: 1, loopPath: [1], phase: "completed", output: {} } },
      {
        name: "step_progress",
        data: {
          ...inner,
          loopIndex: 0,
          loopPath: [0],
          phase: "completed",
          output: {},
          tokens: { prompt: 1, completion: 2, total: 3 },
          costUsd: "0.1",
        },
      },
      { name: "step_progress", data: { ...inner, loopIndex: 1, loopPath: [1], phase: "failed", error } },
      {
        name: "step_completed",
        data: { stepId: "each", output: {}, tokens: { prompt: 0, completion: 0, total: 0 }, costUsd: "0" },
      },
      { name: "flow_completed", data: { summary: {} } },
    ];
    await drain(
      clientWith(told, () => logged(frames))
        .flow("grade-3")
        .events(),
    );
    const [first, second] = ["0", "1"].map((pass) =>
      told
        .spans()
        .find(
          ({ name, attributes }) => name === "step explain" && String(attributes["noukai.step.loop_index"]) === pass,
        ),
    );
    const each = told.span("step each");
    expect([first, second].map((span) => span && parentOf(span))).toEqual(
      Array.from({ length: 2 }, () => each.spanContext().spanId),
    );
    expect(parentOf(told.span("step word"))).toBe(second?.spanContext().spanId);
    expect(first?.attributes).toMatchObject({ "gen_ai.usage.output_tokens": 2, "noukai.cost_usd": "0.1" });
    expect(second).toMatchObject({
      status: { code: SpanStatusCode.ERROR },
      attributes: { "error.type": "STEP_FAILED" },
    });
    expect(each.attributes).not.toHaveProperty("gen_ai.usage.input_tokens");
    expect(told.span(`invoke_workflow ${FLOW}`).status.code).toBe(SpanStatusCode.UNSET);
  });

  test("are in error when the run ends by a step's fault", async () => {
    const told = traced();
    const error = { code: "MODEL_PROVIDER_ERROR", message: "m" };
    const frames = [recorded(1), recorded(2), { name: "step_error", data: { stepId: "a", name: "a", error } }];
    await drain(
      clientWith(told, () => logged(frames.map(({ name, data }) => ({ name, data }))))
        .flow("grade-3")
        .events(),
    );
    for (const name of ["step a", `invoke_workflow ${FLOW}`]) {
      expect(told.span(name)).toMatchObject({
        status: { code: SpanStatusCode.ERROR, message: "m" },
        attributes: { "error.type": "MODEL_PROVIDER_ERROR" },
      });
    }
  });

  test("are in error when the stream breaks, with the exception", async () => {
    const told = traced();
    const noukai = clientWith(told, () => new Response(null, { status: 404 }));
    await expect(drain(noukai.flow("grade-3").events())).rejects.toMatchObject({ name: "FlowNotFoundError" });
    expect(told.span(`invoke_workflow ${FLOW}`)).toMatchObject({
      status: { code: SpanStatusCode.ERROR },
      attributes: { "error.type": "FlowNotFoundError" },
    });
  });

  test("end without error when the reader leaves, those of open steps too", async () => {
    const told = traced();
    for await (const event of clientWith(told, uncut()).flow("grade-3").events()) {
      if (event.type === "step_input") break;
    }
    await vi.waitFor(() => expect(told.spans()).toHaveLength(2));
    expect(told.spans().map(({ name, status }) => [name, status.code])).toEqual([
      ["step a", SpanStatusCode.UNSET],
      [`invoke_workflow ${FLOW}`, SpanStatusCode.UNSET],
    ]);
  });

  test("are not made when the run's own is not recorded", async () => {
    const started: string[] = [];
    const noop = trace.getTracer("without a provider");
    const tracer: TelemetryTracer = {
      startActiveSpan: (name, options, run) => noop.startActiveSpan(name, options, run),
      startSpan: (name, options) => {
        started.push(name);
        return noop.startSpan(name, options);
      },
    };
    await drain(
      clientOf(uncut(), { middleware: [openTelemetry({ tracer })] })
        .flow("grade-3")
        .events(),
    );
    expect(started).toEqual([]);
  });

  test("carry outputs when that is asked for", async () => {
    const told = traced();
    await drain(
      clientWith(told, uncut(), true)
        .flow("grade-3")
        .events({ messages: [{ role: "user", content: "kät" }] }),
    );
    expect(told.span("step a").attributes["gen_ai.output.messages"]).toContain("Kätzchen");
    const run = told.span(`invoke_workflow ${FLOW}`).attributes;
    expect(run["gen_ai.output.messages"]).toContain("漢字");
    expect(run["gen_ai.input.messages"]).toContain("kät");
  });
});

describe("a traced fetch", () => {
  function propagate(carrier: Record<string, string>): void {
    const active = trace.getSpanContext(context.active());
    if (active) carrier["traceparent"] = `00-${active.traceId}-${active.spanId}-01`;
  }

  test("tells the server the trace of each request of a stream, reconnects included, whoever asks for the event", async () => {
    const told = traced();
    const server = new RecordedServer({ cuts: [700], end: "reset", meanwhile: "waits" });
    const noukai = clientWith(told, tracedFetch(propagate, server.fetch));
    await told.tracer.startActiveSpan("reader", async (reader) => {
      await drain(noukai.flow("grade-3").events());
      reader.end();
    });
    const { traceId, spanId } = told.span(`invoke_workflow ${FLOW}`).spanContext();
    expect(server.requests).toHaveLength(2);
    for (const { headers } of server.requests) expect(headers.get("traceparent")).toBe(`00-${traceId}-${spanId}-01`);
  });

  test("adds nothing outside of a trace, and uses the global fetch by default", async () => {
    const requests: Request[] = [];
    const original = globalThis.fetch;
    globalThis.fetch = async (request) => {
      requests.push(request as Request); // the SDK gives one
      return Response.json(COMPLETED);
    };
    try {
      await clientOf(tracedFetch(propagate)).flow("grade-3").execute();
    } finally {
      globalThis.fetch = original;
    }
    expect(requests.map(({ headers }) => headers.get("traceparent"))).toEqual([null]);
  });
});
