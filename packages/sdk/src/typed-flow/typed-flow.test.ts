import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { clientOf, encodeFrame, EXECUTION_ID, RECORDED, streamOf } from "../../test/recorded-run.ts";
import { watchedFetch, type WatchedRequest } from "../../test/watched-fetch.ts";
import { type Flow, FlowExecutionError, replayScope, SchemaIssuesError, ValueError } from "../index.ts";

const IDS = { flowId: "f", blockCount: 1, executionId: EXECUTION_ID };

function completed(result: unknown): object {
  return { status: "completed", result, ...IDS };
}

/** The same flow, said in three ways: a text, a level with a default, a number that is sent as one. */
const input = {
  zod: z.object({
    message: z.string().min(1),
    level: z.enum(["easy", "hard"]).default("easy"),
    count: z.coerce.number<string>(),
  }),
  valibot: v.object({
    message: v.pipe(v.string(), v.minLength(1)),
    level: v.optional(v.picklist(["easy", "hard"]), "easy"),
    count: v.pipe(v.string(), v.transform(Number)),
  }),
  arktype: type({ message: "string >= 1", level: "'easy' | 'hard' = 'easy'", count: "string.numeric.parse" }),
};
const output = {
  zod: z.object({ words: z.array(z.object({ text: z.string() })) }),
  valibot: v.object({ words: v.array(v.object({ text: v.string() })) }),
  arktype: type({ words: type({ text: "string" }).array() }),
};

interface Words {
  words: { text: string }[];
}

function flowsOf(answer: (request: WatchedRequest) => Response) {
  const { fetch, requests } = watchedFetch(answer);
  const noukai = clientOf(fetch);
  const flows = {
    zod: noukai.flow("grade-3", { input: input.zod, output: output.zod }),
    valibot: noukai.flow("grade-3", { input: input.valibot, output: output.valibot }),
    arktype: noukai.flow("grade-3", { input: input.arktype, output: output.arktype }),
  };
  return { requests, flows, noukai };
}

const VALIDATORS = ["zod", "valibot", "arktype"] as const;

describe("what untyped code gives to a typed flow", () => {
  test.each<[options: object, message: string]>([
    [{ messages: {} }, "`messages` is an object. Give a list of { role, content }."],
    [{ messages: [null] }, "`messages[0]` is null. Give { role, content }."],
    [{ messages: [{ role: "user", content: {} }] }, "the input does not fit the flow's `input` schema"],
    [{ parameters: "hard" }, '`parameters` is "hard". Give an object.'],
  ])("is refused by its name: %j", async (options, message) => {
    const { requests, flows } = flowsOf(() => Response.json(completed({ words: [] })));
    for (const call of [
      () => flows.zod.execute(options as never),
      () => flows.zod.events(options as never).next(),
      () => flows.zod.executeAsync(options as never),
    ]) {
      const thrown: unknown = await call().catch((error: unknown) => error);
      expect(thrown).toBeInstanceOf(ValueError);
      expect(String(thrown)).toContain(message);
    }
    expect(requests).toEqual([]);
  });
});

describe("a schema that throws by itself", () => {
  const thrower = z.string().transform((text): unknown => JSON.parse(text));

  test("does not hide that the run ran, nor quote what came", async () => {
    const { noukai } = flowsOf(() => Response.json(completed("s3cret")));
    const failure = await noukai
      .flow("grade-3", { output: thrower })
      .execute({ message: "a" })
      .catch((error) => error);
    expect(failure).toMatchObject({
      code: "OUTPUT_SCHEMA_MISMATCH",
      executionId: EXECUTION_ID,
      billed: "yes",
      responseBody: "s3cret",
      cause: { cause: expect.any(SyntaxError) },
    });
    expect(failure.message).not.toContain("s3cret");
  });

  test("is a fault of the caller's where it reads the input", async () => {
    const { noukai, requests } = flowsOf(() => Response.json(completed("a")));
    const call = noukai.flow("grade-3", { input: z.object({ a: thrower }) }).execute({ parameters: { a: "{" } });
    await expect(call).rejects.toMatchObject({ name: "ValueError", billed: "no" });
    expect(requests).toEqual([]);
  });
});

describe.each(VALIDATORS)("a flow typed with %s", (validator) => {
  test("is sent what its schema makes of the inputs, and gives what it makes of the output", async () => {
    const { requests, flows } = flowsOf(() => Response.json(completed({ words: [{ text: "a", extra: 1 }] })));
    const answer = await flows[validator].execute({ parameters: { message: "a", count: "3" } });
    expect(requests[0]?.body).toEqual({ parameters: { message: "a", level: "easy", count: 3 } });
    if (answer.requiresToolCalls) throw new Error("It asks for no tools.");
    expectTypeOf(answer.result).toEqualTypeOf<Words>();
    expect(answer.output.words.map(({ text }) => text)).toEqual(["a"]);
  });

  test("takes its message apart from the other inputs, or as the end of a conversation", async () => {
    const { requests, flows } = flowsOf(() => Response.json(completed({ words: [] })));
    const messages = [
      { role: "user", content: "b" },
      { role: "assistant", content: "c" },
    ] as const;
    await flows[validator].execute({ message: "a", parameters: { count: "3", level: "hard" } });
    await flows[validator].execute({ messages, parameters: { count: "3" } });
    expect(requests.map(({ body }) => body)).toEqual([
      { parameters: { message: "a", count: 3, level: "hard" } },
      { messages, parameters: { count: 3, level: "easy" } },
    ]);
  });

  test("refuses inputs that do not fit, naming the path, before any request", async () => {
    const { requests, flows } = flowsOf(() => Response.json(completed({ words: [] })));
    const flow = flows[validator];
    const level = "odd" as "easy"; // as a program without types may do
    const failure = await flow
      .execute({ message: "a", parameters: { count: "3", level } })
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ValueError);
    expect(failure).toMatchObject({ message: expect.stringContaining("acme/spelling/grade-3"), billed: "no" });
    expect((failure as ValueError).message).toContain("`level`");
    expect((failure as ValueError).cause).toBeInstanceOf(SchemaIssuesError);
    expect(((failure as ValueError).cause as SchemaIssuesError).issues).toHaveLength(1);
    await expect(flow.executeAsync({ message: "", parameters: { count: "3" } })).rejects.toThrow("`message`");
    await expect(flow.events({ message: "", parameters: { count: "3" } }).next()).rejects.toThrow("`message`");
    await expect(flow.steps({ message: "", parameters: { count: "3" } }).next()).rejects.toThrow(ValueError);
    expect(requests).toEqual([]);
  });

  test("tells an output that does not fit by code and path, with what came and that it is billed", async () => {
    const result = { words: [{ text: "a" }, { text: 7 }] };
    const { flows } = flowsOf(() => Response.json(completed(result)));
    const failure = await flows[validator]
      .execute({ message: "a", parameters: { count: "3" } })
      .catch((error) => error);
    expect(failure).toBeInstanceOf(FlowExecutionError);
    expect(failure).toMatchObject({
      code: "OUTPUT_SCHEMA_MISMATCH",
      message: expect.stringContaining("`words[1].text`"),
      executionId: EXECUTION_ID,
      billed: "yes",
      responseBody: result,
      cause: { issues: [expect.anything()] },
    });
  });

  test("names the first faults and counts the others", async () => {
    const { flows } = flowsOf(() => Response.json(completed({ words: [{}, {}, {}, {}, {}] })));
    const failure = await flows[validator]
      .execute({ message: "a", parameters: { count: "3" } })
      .catch((error) => error);
    expect(failure.message).toContain("`words[2].text`");
    expect(failure.message).toMatch(/; and 2 more$/);
    expect(failure.cause.issues).toHaveLength(5);
  });

  test("checks a job's result", async () => {
    const results = [{ words: [] }, { words: "none" }];
    const { flows } = flowsOf(({ line }) =>
      line.startsWith("POST")
        ? Response.json({ ...IDS, status: "started" }, { status: 202 })
        : line.endsWith("/stream")
          ? new Response(null, { status: 404 })
          : Response.json({ executionId: EXECUTION_ID, status: "completed", result: results.shift() }),
    );
    const job = await flows[validator].executeAsync({ message: "a", parameters: { count: "3" } });
    const { result } = await job.wait();
    expectTypeOf(result).toEqualTypeOf<Words | undefined>();
    expect(result?.words).toEqual([]);
    await expect(job.poll()).rejects.toMatchObject({ code: "OUTPUT_SCHEMA_MISMATCH", billed: "yes" });
  });
});

describe("a typed flow's stream", () => {
  const titled = z.object({ title: z.string().transform((title) => title.length) });

  test("ends with the output as its schema makes it", async () => {
    const { fetch } = watchedFetch(() => streamOf(RECORDED.map(encodeFrame)));
    const flow = clientOf(fetch).flow("grade-3", { output: titled });
    const last = (await Array.fromAsync(flow.events())).at(-1);
    if (last?.type !== "flow_completed") throw new Error("It completes.");
    expectTypeOf(last.result).toEqualTypeOf<{ title: number }>();
    expect(last.result).toEqual({ title: 2 });
    expect(await flow.events().result()).toEqual({ title: 2 });
  });

  test("gives every event before an output that does not fit, then the error", async () => {
    const { fetch } = watchedFetch(() => streamOf(RECORDED.map(encodeFrame)));
    const seen: (number | undefined)[] = [];
    const reading = async (): Promise<void> => {
      const flow = clientOf(fetch).flow("grade-3", { output: z.object({ title: z.number() }) });
      for await (const { seq } of flow.events()) if (seq !== undefined) seen.push(seq);
    };
    await expect(reading()).rejects.toMatchObject({ code: "OUTPUT_SCHEMA_MISMATCH", executionId: EXECUTION_ID });
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  test("of a run that is watched is read in the same way, and throws the same error", async () => {
    const text = '{"message": "The cat sat on the mat."}';
    const { noukai } = flowsOf(() => streamOf(RECORDED.map(encodeFrame)));
    const watch = (output: z.ZodType) => noukai.flow("grade-3", { output }).run(EXECUTION_ID).liveTrace();
    const events = await Array.fromAsync(watch(z.unknown().transform(() => text)));
    expect(events.at(-1)).toMatchObject({ type: "flow_completed", result: text });
    await expect(Array.fromAsync(watch(z.never()))).rejects.toMatchObject({
      name: "FlowExecutionError",
      code: "OUTPUT_SCHEMA_MISMATCH",
      executionId: EXECUTION_ID,
      billed: "yes",
    });
  });

  test("that is left while its input is checked sends nothing", async () => {
    const { fetch, requests } = watchedFetch(() => streamOf(RECORDED.map(encodeFrame)));
    const slow = z
      .object({ message: z.string() })
      .refine(async () => new Promise((resolve) => setTimeout(resolve, 5, true)));
    const stream = clientOf(fetch).flow("grade-3", { input: slow }).events({ message: "a" });
    const first = stream.next();
    await stream.return();
    expect(await first).toEqual({ done: true, value: undefined });
    expect(requests).toEqual([]);
  });

  test("belongs to the session it was asked for in", async () => {
    const { fetch, requests } = watchedFetch(() => streamOf(RECORDED.map(encodeFrame)));
    const flow = clientOf(fetch).flow("grade-3", { input: z.object({ message: z.string() }) });
    const stream = await replayScope(async () => ({ events: flow.events({ message: "a" }) }));
    await Array.fromAsync(stream.events);
    expect(requests[0]?.headers.get("x-session-id")).toEqual(expect.any(String));
  });
});

describe("the types of a flow's options", () => {
  const { flows, noukai } = flowsOf(() => Response.json(completed({ words: [] })));
  // Only the types count: nothing here is run.
  const never = async (calls: () => unknown): Promise<void> => expect(calls).toBeTypeOf("function");

  test("ask for every input that has no default", () =>
    never(() => [
      flows.zod.execute({ message: "a", parameters: { count: "1" } }),
      // @ts-expect-error `count` is missing
      flows.zod.execute({ message: "a" }),
      // @ts-expect-error `message` is missing
      flows.zod.execute({ parameters: { count: "1" } }),
      // @ts-expect-error everything is missing
      flows.zod.execute(),
      // @ts-expect-error not before it is transformed
      flows.zod.executeAsync({ message: "a", parameters: { count: 1 } }),
      // @ts-expect-error no such level
      flows.zod.events({ message: "a", parameters: { count: "1", level: "odd" } }),
      // @ts-expect-error no such input
      flows.zod.steps({ message: "a", parameters: { count: "1", colour: "red" } }),
      // @ts-expect-error one message, in one way
      flows.zod.execute({ message: "a", messages: [], parameters: { count: "1" } }),
    ]));

  test("leave everything out that may be, and keep the other options", () =>
    never(() => {
      const lenient = noukai.flow("grade-3", { input: z.object({ message: z.string().optional() }) });
      return [
        lenient.execute(),
        lenient.execute({ timeout: 1 }),
        lenient.execute({ message: "a", version: 3, signal: new AbortController().signal }),
        // @ts-expect-error no version
        lenient.execute({ version: "newest" }),
      ];
    }));

  test("take anything where nothing is said", () =>
    never(() => {
      const plain = noukai.flow("grade-3");
      expectTypeOf(plain).toEqualTypeOf<Flow>();
      const message = "a" as string | undefined;
      return [
        plain.execute(),
        plain.execute({ message, parameters: { anything: [1] } }),
        plain.events(),
        plain.steps(),
      ];
    }));

  test("are known for the input alone, or the output alone", () =>
    never(async () => {
      const onlyInput = await noukai
        .flow("grade-3", { input: input.zod })
        .execute({ message: "a", parameters: { count: "1" } });
      if (!onlyInput.requiresToolCalls) expectTypeOf(onlyInput.result).toEqualTypeOf<unknown>();
      const onlyOutput = await noukai.flow("grade-3", { output: output.zod }).execute({ parameters: { anything: 1 } });
      if (!onlyOutput.requiresToolCalls) expectTypeOf(onlyOutput.result).toEqualTypeOf<Words>();
      return onlyInput;
    }));
});
