import { describe, expect, test } from "vitest";
import { clientOf } from "../test/recorded-run.ts";
import { type Attachment, type ExecuteOptions, type Tool, ValueError } from "./index.ts";

const image: Attachment = { url: "https://example.test/a.png", mimeType: "image/png" };
const weather: Tool = { type: "function", function: { name: "weather" } };
const COMPLETED = { status: "completed", executionId: "run-1", flowId: "flow-1", blockCount: 1, result: null };

const circular: { list: unknown[] } = { list: [] };
circular.list.push(circular);

function flowOf() {
  const requests: Request[] = [];
  const noukai = clientOf((request) => {
    requests.push(request);
    return Response.json(COMPLETED);
  });
  return { requests, noukai, flow: noukai.flow("grade-3") };
}

describe("a value that JSON cannot hold is refused by its path", () => {
  test.each<[name: string, options: object, message: string]>([
    ["NaN", { parameters: { a: [1, { b: NaN }] } }, "`parameters.a[1].b` is NaN. Give a finite number: JSON"],
    ["Infinity", { blockOverrides: { check: { topP: -Infinity } } }, "`blockOverrides.check.topP` is -Infinity. Give"],
    ["a BigInt", { parameters: { a: 10n } }, "`parameters.a` is 10. Give a number, or text: JSON"],
    ["no moment", { parameters: { at: new Date(NaN) } }, "`parameters.at` is a Date that is none. Give a valid one"],
    ["a circle", { parameters: { a: circular } }, "`parameters.a.list[0]` is an object that holds itself. Give a tree"],
    ["in messages", { messages: [{ role: "user", content: NaN }] }, "`messages[0].content` is NaN."],
  ])("%s", async (_, options, message) => {
    const { requests, flow } = flowOf();
    const refused = flow.execute(options);
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toThrow(ValueError);
    expect(requests).toEqual([]);
  });

  test("and what it can hold is sent as JSON has it", async () => {
    const { requests, flow } = flowOf();
    const shared = { a: [1] };
    await flow.execute({ parameters: { at: new Date(0), lone: "\ud800", left: undefined, twice: [shared, shared] } });
    expect(await requests[0]?.text()).toBe(
      String.raw`{"parameters":{"at":"1970-01-01T00:00:00.000Z","lone":"\ud800","twice":[{"a":[1]},{"a":[1]}]}}`,
    );
  });
});

describe("an option is refused before any request", () => {
  test.each<[options: object, message: string]>([
    [{ message: 7 }, "`message` is 7. Give text."],
    [{ message: "a", messages: [{ role: "user", content: "b" }] }, "`message` and `messages` are given both."],
    [{ messages: "hello" }, '`messages` is "hello". Give a list of { role, content }.'],
    [{ messages: ["hello"] }, '`messages[0]` is "hello". Give { role, content }.'],
    [
      { messages: [{ role: "system", content: "a" }] },
      '`messages[0].role` is "system". Give "user", "assistant" or "tool"',
    ],
    [{ parameters: ["hard"] }, "`parameters` is a list. Give an object."],
    [{ parameters: "x".repeat(100_000) }, `\`parameters\` is "${"x".repeat(100)}…". Give an object.`],
    [{ parameters: { attachments: [] } }, "`parameters.attachments` is a reserved name."],
    [{ blockOverrides: "check" }, '`blockOverrides` is "check". Give an object.'],
    [{ blockOverrides: { check: 0.5 } }, "`blockOverrides.check` is 0.5. Give an object of the members to replace."],
    [{ attachments: image }, "`attachments` is an object. Give a list of { url, mimeType }."],
    [{ attachments: Array.from({ length: 11 }, () => image) }, "`attachments` has 11 entries. Give at most 10."],
    [{ attachments: ["a.png"] }, '`attachments[0]` is "a.png". Give { url, mimeType }.'],
    [
      { attachments: [image, { ...image, url: "http://example.test/a.png" }] },
      '`attachments[1].url` is "http://example.test/a.png". Give an address that begins with https://.',
    ],
    [
      { attachments: [{ ...image, url: `https://${"a".repeat(2_041)}` }] },
      "`attachments[0].url` is 2049 characters long. Give at most 2048.",
    ],
    [
      { attachments: [{ ...image, mimeType: "image/svg+xml" }] },
      '`attachments[0].mimeType` is "image/svg+xml". Give one of image/jpeg,',
    ],
    [
      { attachments: [{ ...image, filename: "../a.png" }] },
      '`attachments[0].filename` is "../a.png". Give a bare name',
    ],
    [
      { attachments: [{ ...image, kind: "base64" }] },
      '`attachments[0].kind` is "base64". Give "url", or leave it out.',
    ],
    [{ tools: weather }, "`tools` is an object. Give a list of tools."],
    [{ tools: Array.from({ length: 65 }, () => weather) }, "`tools` has 65 entries. Give at most 64."],
    [{ tools: [null] }, "`tools[0]` is no tool. Make it with tool()"],
    [{ tools: [{ name: "weather" }] }, "`tools[0]` is no tool."],
    [{ tools: [{ ...weather, execute: String }] }, "`tools[0]` is no tool. Make it with tool()"],
    [
      { tools: [{ type: "function", function: { name: "get weather" } }] },
      '`tools[0].function.name` is "get weather". It takes 1 to 64',
    ],
    [{ tools: [weather, weather] }, '`tools[1]` has the name of another tool, "weather". Rename one of them.'],
    [{ tools: [weather], toolChoice: "maybe" }, '`toolChoice` is "maybe". It is "auto", "none", "required"'],
    [{ tools: [weather], toolChoice: named("time") }, '`toolChoice` names "time", which is none of `tools`: weather.'],
    [{ toolChoice: "required" }, "`toolChoice` asks for a tool call, and `tools` has none."],
    [{ toolHandler: "get" }, '`toolHandler` is "get". Give a function that takes the calls.'],
    [{ maxToolRounds: 0 }, "`maxToolRounds` is 0. Give a whole number from 1."],
    [{ maxToolRounds: 1.5 }, "`maxToolRounds` is 1.5."],
    [{ maxToolRounds: "3" }, '`maxToolRounds` is "3".'],
    [{ toolConcurrency: 0 }, "`toolConcurrency` is 0. Give a whole number from 1."],
    [{ trace: "yes" }, '`trace` is "yes". Give true or false.'],
    [{ timeout: "1s" }, '`timeout` is "1s". Give milliseconds.'],
    [{ timeout: -1 }, "`timeout` is -1."],
    [{ version: "main" }, '`version` is "main".'],
    [{ signal: new AbortController() }, "`signal` is an object. Give an AbortSignal, such as `controller.signal`."],
    [{ sessionId: 7 }, "`sessionId` is 7. Give a UUID."],
    [{ idempotencyKey: "" }, '`idempotencyKey` is "". Give 1 to 255 characters'],
    [{ idempotencyKey: "a\nb" }, '`idempotencyKey` is "a\\nb".'],
  ])("%j", async (options, message) => {
    const { requests, flow } = flowOf();
    const thrown = await flow.execute(options as ExecuteOptions).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(ValueError);
    expect(String(thrown)).toContain(message);
    expect(requests).toHaveLength(0);
  });
});

test("tools may be a plain literal, and what is no tool is refused all the same", async () => {
  const { requests, flow } = flowOf();
  const tools = [{ type: "function", function: { name: "get_time", parameters: { type: "object" } } }];
  await flow.execute({ tools });
  expect(await requests[0]?.json()).toEqual({ tools });
  const others = [{ type: "web_search", function: { name: "get_time" } }];
  await expect(flow.execute({ tools: others })).rejects.toThrow("`tools[0]` is no tool.");
  // @ts-expect-error: nothing describes it
  await expect(flow.execute({ tools: [{ type: "function" }] })).rejects.toThrow("`tools[0]` is no tool.");
});

describe("an option that nobody knows", () => {
  test.each<[options: object, message: string]>([
    [{ timout: 5 }, "There is no option `timout`. Did you mean `timeout`?"],
    [{ tool: [] }, "Did you mean `tools`?"],
    [{ singal: null }, "Did you mean `signal`?"],
    [{ block_overrides: {} }, "There is no option `block_overrides`. Did you mean `blockOverrides`?"],
    [{ SessionID: "a" }, "Did you mean `sessionId`?"],
    [{ maxToolRound: 3 }, "Did you mean `maxToolRounds`?"],
  ])("is refused when it is another one misspelt: %j", async (options, message) => {
    const { requests, flow } = flowOf();
    for (const call of [() => flow.execute(options), () => flow.events(options).next()]) {
      const thrown: unknown = await call().catch((error: unknown) => error);
      expect(thrown).toBeInstanceOf(ValueError);
      expect(String(thrown)).toContain(message);
    }
    expect(requests).toEqual([]);
  });

  test("is refused by the names of its own call", async () => {
    const { flow, noukai } = flowOf();
    await expect(flow.events({ stepwize: true } as object).next()).rejects.toThrow("Did you mean `stepwise`?");
    await expect(flow.executeAsync({ prioritty: 1 } as object)).rejects.toThrow("Did you mean `priority`?");
    const asking = {
      ...COMPLETED,
      status: "tool_calls_required",
      toolCalls: [],
      toolCallMessages: [],
      pausedAtStep: "a",
    };
    const paused = await clientOf(() => Response.json(asking))
      .flow("grade-3")
      .execute();
    if (!paused.requiresToolCalls) throw new Error("It is no pause.");
    await expect(paused.resume({ toolResult: [] } as object)).rejects.toThrow("Did you mean `toolResults`?");
    const stored = noukai.resume(JSON.stringify(paused), { toolhandler: () => [] } as object);
    await expect(stored).rejects.toThrow("Did you mean `toolHandler`?");
  });

  test("passes when it is like no other, or has no value: types let objects have more than they name", async () => {
    const { requests, flow } = flowOf();
    const given = { message: "a", id: 7, createdBy: "me", timout: undefined };
    await flow.execute(given);
    expect(await requests[0]?.json()).toEqual({ message: "a" });
  });

  test.each([["hello"], [["hello"]]])("is told from text and lists where options belong: %j", async (given) => {
    const { requests, flow } = flowOf();
    const message = 'The options are text or a list. Give an object, such as { message: "…" }.';
    await expect(flow.execute(given as never)).rejects.toThrow(message);
    await expect(flow.events(given as never).next()).rejects.toThrow(message);
    await expect(flow.executeAsync(given as never)).rejects.toThrow(message);
    expect(requests).toEqual([]);
  });
});

test.each<[options: object]>([
  [
    {
      message: null,
      messages: null,
      parameters: null,
      blockOverrides: null,
      attachments: null,
      tools: null,
      toolChoice: null,
      trace: null,
    },
  ],
  [{ message: "", messages: [{ role: "user", content: "a" }] }],
  [{ message: "a", messages: [] }],
  [
    {
      messages: [
        { role: "user", content: [{ type: "text", text: "a" }] },
        { role: "tool", tool_call_id: "c1", content: null },
      ],
    },
  ],
  [{ attachments: [{ url: image.url, mime_type: "image/png", filename: null, kind: "url" }] }],
  [
    {
      tools: [{ ...weather, function: { name: "weather", parameters: null, strict: true } }],
      toolChoice: named("weather"),
    },
  ],
  [{ toolChoice: "none", timeout: Infinity, maxToolRounds: 1 }],
])("%j is sent, as the server takes it", async (options) => {
  const { requests, flow } = flowOf();
  await flow.execute(options);
  expect(requests).toHaveLength(1);
});

function named(name: string): object {
  return { type: "function", function: { name } };
}
