import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { clientOf, encodeFrame, EXECUTION_ID, RECORDED, RecordedServer, streamOf } from "../test/recorded-run.ts";
import type { StreamEvent } from "./events.ts";
import { callThrough, type Middleware, type Operation, streamThrough } from "./middleware.ts";
import { currentSessionId, replayScope } from "./session/scope.ts";

const OPERATION = { name: "execute", flow: "acme/spelling/grade-3", options: { message: "kat" } } as const;
const COMPLETED = { status: "completed", executionId: "run-1", flowId: "f", blockCount: 1, result: { text: "cat" } };

/** Notes when it is entered and left, and how. */
function noting(name: string, notes: string[]): Middleware {
  return {
    async call(operation, next) {
      notes.push(`${name} in`);
      try {
        return await next(operation);
      } catch (error) {
        notes.push(`${name} caught ${String(error)}`);
        throw error;
      } finally {
        notes.push(`${name} out`);
      }
    },
    async *stream(operation, next) {
      notes.push(`${name} in`);
      try {
        for await (const event of next(operation)) {
          notes.push(`${name} ${event.seq}`);
          yield event;
        }
        notes.push(`${name} end`);
      } catch (error) {
        notes.push(`${name} caught ${(error as { code?: string }).code}`); // whatever it is, it may have a code
        throw error;
      } finally {
        notes.push(`${name} out`);
      }
    },
  };
}

/** A layer for streams, from a function of what the layer inside gives. */
function mapping(map: (events: AsyncIterable<StreamEvent>) => AsyncIterable<StreamEvent>): Middleware {
  return { stream: (operation, next) => map(next(operation)) };
}

function clientWith(middleware: readonly Middleware[], fetch = uncut().fetch) {
  return clientOf(fetch, { middleware });
}

function uncut(): RecordedServer {
  return new RecordedServer({ cuts: [], end: "reset", meanwhile: "waits" });
}

async function collect(events: AsyncIterable<StreamEvent>): Promise<StreamEvent[]> {
  const seen: StreamEvent[] = [];
  for await (const event of events) seen.push(event);
  return seen;
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** A server that sends the run's first frames and then nothing more. */
function hanging(frames = 1): { readonly fetch: () => Response; readonly closed: () => boolean } {
  let isClosed = false;
  const bytes = RECORDED.slice(0, frames).map(encodeFrame);
  const body = () =>
    new ReadableStream<Uint8Array>({
      start: (controller) => bytes.forEach((chunk) => controller.enqueue(chunk)),
      cancel: () => {
        isClosed = true;
      },
    });
  const headers = { "content-type": "text/event-stream", "x-noukai-execution-id": EXECUTION_ID };
  return { fetch: () => new Response(body(), { headers }), closed: () => isClosed };
}

describe("layers around a call", () => {
  test("are entered from the first to the last and left the other way", async () => {
    const notes: string[] = [];
    await callThrough([noting("a", notes), {}, noting("b", notes)], OPERATION, async () => notes.push("call"));
    expect(notes).toEqual(["a in", "b in", "call", "b out", "a out"]);
  });

  test("see the operation's name, flow and options, and may change what they hand on", async () => {
    const seen: Operation[] = [];
    const bodies: unknown[] = [];
    const louder: Middleware = {
      call(operation, next) {
        seen.push(operation);
        return next({ ...operation, options: { ...operation.options, message: "KAT" } });
      },
    };
    const noukai = clientWith([louder], async (request) => {
      bodies.push(await request.json());
      return Response.json(COMPLETED);
    });
    await noukai.flow("grade-3").execute({ message: "kat", trace: true });
    expect(seen).toMatchObject([{ ...OPERATION, options: { message: "kat", trace: true } }]);
    expect(bodies).toEqual([{ message: "KAT", trace: true }]);
  });

  test("are told of a fault on its way out, and the caller gets what the outermost throws", async () => {
    const notes: string[] = [];
    const translating: Middleware = {
      call: (operation, next) =>
        next(operation).catch((cause: unknown) => {
          throw new Error("translated", { cause });
        }),
    };
    const fault = new Error("broken");
    const call = callThrough([translating, noting("b", notes)], OPERATION, () => Promise.reject(fault));
    await expect(call).rejects.toMatchObject({ message: "translated", cause: fault });
    expect(notes).toEqual(["b in", "b caught Error: broken", "b out"]);
  });

  test("may throw at once, which the caller gets as a rejection", async () => {
    const throwing: Middleware = {
      call: () => {
        throw new Error("no");
      },
    };
    await expect(clientWith([throwing]).flow("grade-3").execute()).rejects.toThrow("no");
  });

  test("may call again: one that refreshes a token and tries once more", async () => {
    const tokens: unknown[] = [];
    const refreshing: Middleware = {
      async call(operation, next) {
        const withToken = (token: string) =>
          next({ ...operation, options: { ...operation.options, parameters: { token } } });
        try {
          return await withToken("stale");
        } catch (error) {
          if ((error as { statusCode?: number }).statusCode !== 401) throw error; // only a typed error has a status
          return withToken("fresh");
        }
      },
    };
    const noukai = clientWith([refreshing], async (request) => {
      const { parameters } = (await request.json()) as { parameters: { token: string } }; // what the layer wrote
      tokens.push(parameters.token);
      return parameters.token === "fresh" ? Response.json(COMPLETED) : new Response(null, { status: 401 });
    });
    expect(await noukai.flow("grade-3").execute()).toMatchObject({ result: { text: "cat" } });
    expect(tokens).toEqual(["stale", "fresh"]);
  });

  test("may answer themselves: one that remembers", async () => {
    const answers = new Map<string, unknown>();
    const remembering: Middleware = {
      async call<Result>(operation: Operation, next: (operation: Operation) => Promise<Result>) {
        const key = JSON.stringify(operation.options);
        if (!answers.has(key)) answers.set(key, await next(operation));
        return answers.get(key) as Result; // equal calls have equal results
      },
    };
    let requests = 0;
    const noukai = clientWith([remembering], () => {
      requests++;
      return Response.json(COMPLETED);
    });
    const first = await noukai.flow("grade-3").execute({ message: "a" });
    expect(await noukai.flow("grade-3").execute({ message: "a" })).toBe(first);
    await noukai.flow("grade-3").execute({ message: "b" });
    expect(requests).toBe(2);
  });
});

describe("layers around a stream", () => {
  test("cost nothing when none of them cares for events", () => {
    const source = { signal: undefined, executionId: undefined, next: async () => undefined, close: () => {} };
    expect(streamThrough([{ call: (operation, next) => next(operation) }], OPERATION, () => source)).toBe(source);
  });

  test("see each event in turn, the innermost first, and the stream's own end", async () => {
    const notes: string[] = [];
    await collect(
      clientWith([noting("a", notes), noting("b", notes)])
        .flow("grade-3")
        .events(),
    );
    expect(notes.slice(0, 4)).toEqual(["a in", "b in", "b 1", "a 1"]);
    expect(notes.filter((note) => /^a \d/.test(note))).toHaveLength(8);
    expect(notes.slice(-4)).toEqual(["b end", "b out", "a end", "a out"]);
  });

  test("are not entered, and nothing is sent, before the first event is asked for", async () => {
    const notes: string[] = [];
    const server = uncut();
    const events = clientWith([noting("a", notes)], server.fetch)
      .flow("grade-3")
      .events();
    expect(notes).toEqual([]);
    await events.next();
    expect(notes).toEqual(["a in", "a 1"]);
    await events.return();
  });

  test("leave the events as they are, and the run's name too", async () => {
    const plain = await collect(clientOf(uncut().fetch).flow("grade-3").events());
    const stream = clientWith([mapping((events) => events)])
      .flow("grade-3")
      .events();
    expect(await collect(stream)).toEqual(plain);
    expect(stream.executionId).toBe(EXECUTION_ID);
    expect(stream.connection).toEqual({ status: "closed", reason: "ended" });
  });

  test("leave the stream in the session it was asked for in, wherever it is read", async () => {
    const server = uncut();
    const flow = clientWith([mapping((events) => events)], server.fetch).flow("grade-3");
    const outside = flow.events();
    const { inside, sessionId } = await replayScope(async () => {
      await collect(outside);
      return { inside: flow.events(), sessionId: currentSessionId() };
    });
    await collect(inside);
    expect(sessionId).not.toBeNull();
    expect(server.requests.map(({ headers }) => headers.get("x-session-id"))).toEqual([null, sessionId]);
  });

  test("let the run be cancelled through them", async () => {
    const server = hanging();
    const paths: string[] = [];
    const noukai = clientWith([mapping((events) => events)], (request) => {
      paths.push(new URL(request.url).pathname);
      return request.url.endsWith("cancel")
        ? Response.json({ executionId: EXECUTION_ID, status: "cancelled" }, { status: 202 })
        : server.fetch();
    });
    const stream = noukai.flow("grade-3").events();
    await stream.next();
    await stream.cancel();
    expect(paths.at(-1)).toMatch(`runs/${EXECUTION_ID}/cancel`);
    await stream.return();
  });

  test("may leave out, change and add events", async () => {
    const shaping = mapping(async function* (events) {
      for await (const event of events) {
        if (event.type === "step_output") continue;
        yield event.type === "step_started" ? { ...event, name: event.name.toUpperCase() } : event;
        if (event.type === "step_completed") yield { type: "unknown", name: "noted", data: event.stepId };
      }
    });
    const seen = await collect(clientWith([shaping]).flow("grade-3").events());
    expect(seen.map((event) => (event.type === "unknown" ? event.data : event.type))).toEqual([
      "run_started",
      "step_started",
      "step_input",
      "step_retrying",
      "step_completed",
      "a",
      "step_started",
      "step_completed",
      "b",
      "flow_completed",
    ]);
    expect(seen[1]).toMatchObject({ name: "A" });
  });

  test("may answer without asking: nothing is sent, and the run is named by what they say", async () => {
    const server = uncut();
    const recorded = await collect(clientOf(uncut().fetch).flow("grade-3").events());
    const answering: Middleware = {
      async *stream() {
        yield* recorded;
      },
    };
    const stream = clientWith([answering], server.fetch).flow("grade-3").events();
    expect(await collect(stream)).toEqual(recorded);
    expect(stream.executionId).toBe(EXECUTION_ID);
    expect(server.requests).toHaveLength(0);
  });

  test("may open the stream again: one that begins anew after a fault", async () => {
    let requests = 0;
    const retrying: Middleware = {
      async *stream(operation, next) {
        try {
          yield* next(operation);
        } catch {
          yield* next({ ...operation, options: { ...operation.options, version: 2 } });
        }
      },
    };
    const noukai = clientWith([retrying], (request) => {
      requests++;
      return request.url.includes("/v2/") ? streamOf(RECORDED.map(encodeFrame)) : new Response(null, { status: 404 });
    });
    expect((await collect(noukai.flow("grade-3").events())).at(-1)).toMatchObject({ type: "flow_completed" });
    expect(requests).toBe(2);
  });

  test("are told of a fault of the stream, and what they throw the caller gets", async () => {
    const notes: string[] = [];
    const noukai = clientWith([noting("a", notes)], () => new Response(null, { status: 404 }));
    await expect(collect(noukai.flow("grade-3").events())).rejects.toMatchObject({ name: "FlowNotFoundError" });
    expect(notes).toEqual(["a in", "a caught undefined", "a out"]);
    const throwing = mapping(async function* (events) {
      for await (const event of events) {
        if (event.seq === 2) throw new Error("enough");
        yield event;
      }
    });
    const server = hanging(2);
    await expect(collect(clientWith([throwing], server.fetch).flow("grade-3").events())).rejects.toThrow("enough");
    expect(server.closed()).toBe(true);
  });

  test("stand around `steps()` as well", async () => {
    const notes: string[] = [];
    const stepIds: string[] = [];
    for await (const { stepId } of clientWith([noting("a", notes)])
      .flow("grade-3")
      .steps())
      stepIds.push(stepId);
    expect(stepIds).toEqual(["a", "b"]);
    expect(notes).toContain("a 8");
  });
});

describe("a reader who leaves a layered stream", () => {
  test("closes the connection at once, and the layers return", async () => {
    const notes: string[] = [];
    const server = hanging();
    const stream = clientWith([noting("a", notes), noting("b", notes)], server.fetch)
      .flow("grade-3")
      .events();
    for await (const _event of stream) break;
    expect(server.closed()).toBe(true);
    await after(0);
    expect(notes).toEqual(["a in", "b in", "b 1", "a 1", "b out", "a out"]);
  });

  test("while an event is waited for is told of its end at once, and the layers know that it was not the run's", async () => {
    const notes: string[] = [];
    const server = hanging();
    const stream = clientWith([noting("a", notes)], server.fetch)
      .flow("grade-3")
      .events();
    await stream.next();
    const waiting = stream.next();
    await stream.return();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(server.closed()).toBe(true);
    await after(0);
    expect(notes).toEqual(["a in", "a 1", "a caught READER_LEFT", "a out"]);
  });

  test("does not wait for a layer that waits", async () => {
    const slow = mapping(async function* (events) {
      for await (const event of events) {
        yield event;
        await new Promise(() => {});
      }
    });
    const stream = clientWith([slow], hanging().fetch).flow("grade-3").events();
    await stream.next();
    const waiting = stream.next();
    await stream.return();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });

  test("is not brought back by a layer that opens the stream again", async () => {
    let requests = 0;
    const stubborn: Middleware = {
      async *stream(operation, next) {
        try {
          yield* next(operation);
        } catch {
          yield* next(operation);
        }
      },
    };
    const server = hanging();
    const noukai = clientWith([stubborn], () => {
      requests++;
      return server.fetch();
    });
    const stream = noukai.flow("grade-3").events();
    await stream.next();
    const waiting = stream.next();
    await stream.return();
    await waiting;
    await after(0);
    expect(requests).toBe(1);
  });
});

describe("a caller who aborts a layered stream", () => {
  test("is thrown the reason at once, the layers before, and the listener is gone", async () => {
    const notes: string[] = [];
    const server = hanging();
    const controller = new AbortController();
    const noukai = clientWith([noting("a", notes)], (request) =>
      request.url.endsWith("cancel")
        ? Response.json({ executionId: EXECUTION_ID, status: "cancelled" }, { status: 202 })
        : server.fetch(),
    );
    const stream = noukai.flow("grade-3").events({ signal: controller.signal });
    await stream.next();
    const waiting = stream.next();
    const reason = new Error("the user left");
    controller.abort(reason);
    await expect(waiting).rejects.toMatchObject({ name: "AbortError", code: "ABORTED", cause: reason });
    expect(server.closed()).toBe(true);
    await noukai.close();
    expect(notes).toEqual(["a in", "a 1", "a caught ABORTED", "a out"]);
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
  });

  test("does not wait for a layer that waits", async () => {
    const asleep = mapping(async function* (events) {
      await new Promise(() => {});
      yield* events;
    });
    const controller = new AbortController();
    const waiting = clientWith([asleep]).flow("grade-3").events({ signal: controller.signal }).next();
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ name: "AbortError", code: "ABORTED" });
  });

  test("before it began makes no request and enters no layer", async () => {
    const notes: string[] = [];
    const server = uncut();
    const stream = clientWith([noting("a", notes)], server.fetch)
      .flow("grade-3")
      .events({ signal: AbortSignal.abort() });
    await expect(stream.next()).rejects.toMatchObject({ name: "AbortError", billed: "no" });
    expect(notes).toEqual([]);
    expect(server.requests).toHaveLength(0);
  });

  test("a thousand times leaves no listener behind", async () => {
    const { signal } = new AbortController();
    const noukai = clientWith([mapping((events) => events)]);
    for (let call = 0; call < 1_000; call++) {
      for await (const _event of noukai.flow("grade-3").events({ signal })) break;
    }
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });
});
