import { expect, test } from "vitest";
import { refusal, seq, startTestServer, type TestServer } from "../harness.ts";

const flowsPath = "/api/v1/projects/acme/spelling/flows";

function inputOf(text: object): object {
  return { type: "object", properties: { text }, required: ["text"] };
}

function create(server: TestServer, input: object): Promise<Response> {
  const definition = { input, steps: [{ id: "keep", type: "passthrough" }] };
  return server.call("POST", flowsPath, { body: { slug: "hostile", definition } });
}

/** Patterns that take the language's own engine longer than this test may take, with a text that does so. */
const slowPatterns: readonly (readonly [pattern: string, text: string])[] = [
  ["^(a+)+$", `${"a".repeat(50_000)}!`],
  ["^(a|a)*$", `${"a".repeat(50_000)}!`],
  ["^(.*a){20}$", "a".repeat(5_000)],
  ["(x+x+)+y", "x".repeat(50_000)],
  ["^(([a-z])+.)+[A-Z]([a-z])+$", "a".repeat(50_000)],
  ["^\\s+|\\s+$", `${" ".repeat(100_000)}x${" ".repeat(100_000)}x`],
];

test.each(slowPatterns)("the pattern %s costs time in proportion to the text, and no more", async (pattern, text) => {
  const server = await startTestServer();
  expect((await create(server, inputOf({ type: "string", pattern }))).status).toBe(201);
  const run = await server.call("POST", `${seq}/hostile/execute`, { body: { parameters: { text } } });
  expect([200, 400]).toContain(run.status);
});

test.each([
  ["look-ahead", { type: "string", pattern: "^(?=a)b" }],
  ["a back reference", { type: "string", pattern: "^(a)\\1$" }],
  ["a pattern that is none", { type: "string", pattern: "(" }],
  ["repeats of repeats", { type: "string", pattern: "((a{1000}){1000}){1000}" }],
  ["a pattern of property names", { type: "object", patternProperties: { "(a{1000}){1000}": {} } }],
  ["a schema elsewhere", { $ref: "http://169.254.169.254/latest/meta-data" }],
  ["a file", { $ref: "file:///etc/passwd" }],
  ["a type that is none", { type: "constructor" }],
  [
    "a schema that is larger than all of them may be",
    { enum: Array.from({ length: 20_000 }, (_, index) => `value ${index}`) },
  ],
])("%s is refused when it is saved, with its place", async (_, text) => {
  const server = await startTestServer();
  const response = await create(server, inputOf(text));
  const { detail } = (await response.clone().json()) as { detail: { issues?: readonly unknown[] } }; // as: the contract's
  expect(detail.issues?.length).toBeGreaterThan(0);
  expect(await refusal(response)).toBe("422 INVALID_TREE");
});

test("members called like the language's own change nothing but what they name", async () => {
  const server = await startTestServer();
  const input =
    '{"type":"object","properties":{"__proto__":{"type":"object","default":{"polluted":true}},"constructor":{"type":"string"}}}';
  const definition = `{"input":${input},"steps":[{"id":"keep","type":"passthrough"}]}`;
  await server.call("POST", flowsPath, { body: `{"slug":"hostile","definition":${definition}}` });
  const body = '{"parameters":{"__proto__":{"polluted":true},"constructor":"x"}}';
  await server.call("POST", `${seq}/hostile/execute`, { body });
  expect(Reflect.get({}, "polluted")).toBeUndefined();
  expect((await server.call("POST", `${seq}/grade-3/execute`, { body: { message: "a" } })).status).toBe(200);
});

test("a schema that refers to itself follows the value, and ends with it", async () => {
  const server = await startTestServer();
  const node = { type: "object", properties: { next: { $ref: "#/$defs/node" } } };
  const input = { ...inputOf({ $ref: "#/$defs/node" }), $defs: { node } };
  expect((await create(server, input)).status).toBe(201);
  const runWith = async (levels: number): Promise<number> => {
    const text = `${'{"next":'.repeat(levels)}{}${"}".repeat(levels)}`;
    return (await server.call("POST", `${seq}/hostile/execute`, { body: `{"parameters":{"text":${text}}}` })).status;
  };
  expect([await runWith(90), await runWith(100), await runWith(10_000)]).toEqual([200, 400, 400]);
});
