import { HonoRequest } from "hono/request";
import { expect, test } from "vitest";
import { z } from "zod";
import { type BodySchema, type BodySource, parseBody, readBody } from "./body.ts";
import { zExecuteRequest, zJobRequest, zKeyCreateRequest, zSlug } from "./generated/zod.gen.ts";
import { defaultLimits } from "./limits.ts";

const schema = z.object({
  message: z.string().optional(),
  blockOverrides: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
  mode: z.enum(["auto", "none"]).optional(),
  list: z.array(z.object({ url: z.string().max(3) })).optional(),
});
const json = { "content-type": "application/json" };

const bodyLimitBytes = defaultLimits.bodyBytes;

function from(request: Request): BodySource {
  return { req: new HonoRequest(request), get: () => ({ bodyLimitBytes }) };
}

function post(body: string | ReadableStream, headers: Record<string, string> = json): BodySource {
  return from(new Request("http://server/", { method: "POST", body, headers, duplex: "half" } as RequestInit)); // as: the type lacks `duplex`
}

const createBody = z.object({ slug: zSlug });
const image = { url: "https://a.test/", mimeType: "image/png" };

function toolOf(name: string): object {
  return { type: "function", function: { name } };
}

function refusalOf(text: string, expected: BodySchema<unknown> = schema): unknown {
  try {
    return parseBody(text, expected);
  } catch (error) {
    return error;
  }
}

test("at the top level null, empty and absent members are the same", () => {
  expect(parseBody('{"message": "", "blockOverrides": {}, "list": [], "mode": null}', schema)).toEqual({});
  expect(parseBody("", schema)).toEqual({});
});

test("below the top level nothing is taken for absent", () => {
  expect(parseBody('{"blockOverrides": {"a": {"prompt": ""}}}', schema)).toEqual({
    blockOverrides: { a: { prompt: "" } },
  });
});

test("reads snake_case names, and camelCase ones before them", () => {
  expect(parseBody('{"block_overrides": {"a": {}}}', schema)).toEqual({ blockOverrides: { a: {} } });
  expect(parseBody('{"block_overrides": {"a": {}}, "blockOverrides": {"b": {}}}', schema)).toEqual({
    blockOverrides: { b: {} },
  });
});

test("a member called __proto__ changes nothing but is ignored", () => {
  const body = parseBody('{"__proto__": {"message": "x"}}', schema);
  expect(body).toEqual({});
  expect(body.message).toBeUndefined();
});

test("names every fault with its place and its way out", () => {
  expect(refusalOf('{"message": 7, "mode": "loud", "list": [{"url": "abcd"}, {}]}')).toMatchObject({
    code: "INVALID_REQUEST",
    details: {
      issues: [
        { path: "message", message: "must be a string" },
        { path: "mode", message: 'must be "auto" or "none"' },
        { path: "list[0].url", message: "must be at most 3 characters long" },
        { path: "list[1].url", message: "is missing; must be a string" },
      ],
    },
  });
});

test.each<[string, object, BodySchema<unknown>, string]>([
  ["slug", { slug: "Grade_3" }, createBody, "must be lowercase letters, digits and hyphens, with no"],
  [
    "attachments[0].url",
    { attachments: [{ ...image, url: "http://a.test/" }] },
    zExecuteRequest,
    "must begin with https://",
  ],
  ["attachments[0].url", { attachments: [{ ...image, url: "a b" }] }, zExecuteRequest, "must be a web address"],
  [
    "attachments[0].filename",
    { attachments: [{ ...image, filename: "../a" }] },
    zExecuteRequest,
    "must be a file's name",
  ],
  [
    "tools[0].function.name",
    { tools: [toolOf("a b")] },
    zExecuteRequest,
    "must be letters, digits, hyphens and underscores",
  ],
  ["startAfter", { startAfter: "tomorrow" }, zJobRequest, "must be a date and time such as 2026-11-20T09:30:00Z"],
  ["webhookUrl", { webhookUrl: "ftp://a.test/" }, zJobRequest, "must begin with https://"],
  [
    "expiresAt",
    { name: "a", expiresAt: "20.11.2026" },
    zKeyCreateRequest,
    "must be a date and time such as 2026-11-20T",
  ],
  [
    "toolChoice",
    { toolChoice: "maybe" },
    zExecuteRequest,
    "must have one of the forms that /openapi.json gives for it",
  ],
  [
    "free",
    { free: "y" },
    z.object({ free: z.string().regex(/^x$/) }),
    "must have the form that /openapi.json gives for it",
  ],
])("%s of the wrong form is told in words, not as a pattern", (path, body, schema, expected) => {
  expect(refusalOf(JSON.stringify(body), schema)).toMatchObject({
    details: { issues: expect.arrayContaining([{ path, message: expect.stringContaining(expected) }]) },
    message: expect.not.stringMatching(/pattern|\^|Invalid/),
  });
});

test("broken JSON is refused with its position and without its text", () => {
  const refusal = refusalOf('{"message": hunter2}');
  expect(refusal).toMatchObject({ code: "INVALID_REQUEST", message: expect.stringContaining("line 1, column 13") });
  expect(String(refusal)).not.toContain("hunter2");
});

test.each(["[]", "7", "null", '"text"'])("%s is not a body", (text) => {
  expect(refusalOf(text)).toMatchObject({
    code: "INVALID_REQUEST",
    message: expect.stringContaining("must be a JSON object"),
  });
});

test("a body nested past every use is refused before something overflows on it", () => {
  expect(refusalOf(`{"blockOverrides": {"a": {"b": ${"[".repeat(50_000)}${"]".repeat(50_000)}}}}`)).toMatchObject({
    code: "INVALID_REQUEST",
  });
});

test("a body at the limit is read, one byte more is not", async () => {
  const fits = `"${"x".repeat(bodyLimitBytes - 2)}"`;
  expect(await readBody(post(fits))).toBe(fits);
  await expect(readBody(post(`${fits} `))).rejects.toMatchObject({ code: "BODY_TOO_LARGE", status: 413 });
});

test("the limit counts bytes, not characters", async () => {
  const headers = { ...json, "content-length": "10" };
  await expect(readBody(post(`"${"€".repeat(bodyLimitBytes / 3)}"`, headers))).rejects.toMatchObject({
    code: "BODY_TOO_LARGE",
  });
});

test("a stream without a declared length is cut off at the limit, not read to its end", async () => {
  let sent = 0;
  const endless = new ReadableStream({
    pull(controller) {
      sent += 1;
      controller.enqueue(new Uint8Array(64 * 1024));
    },
  });
  await expect(readBody(post(endless))).rejects.toMatchObject({ code: "BODY_TOO_LARGE" });
  expect(sent).toBeLessThan(20);
});

test("a byte order mark is not part of the text, however the body comes", async () => {
  const bytes = new TextEncoder().encode("\uFEFF{}");
  const streamed = new ReadableStream({
    start(controller) {
      controller.enqueue(bytes);
      controller.close();
    },
  });
  expect(await readBody(post(streamed))).toBe("{}");
  expect(await readBody(post("\uFEFF{}", { ...json, "content-length": String(bytes.length) }))).toBe("{}");
});

test("a declared length above the limit is refused unread", async () => {
  await expect(readBody(post("{}", { ...json, "content-length": String(bodyLimitBytes + 1) }))).rejects.toMatchObject({
    code: "BODY_TOO_LARGE",
  });
});

test.each([
  {},
  { "content-type": "text/plain" },
  { "content-type": "application/json-seq" },
  { "content-type": "application/x-www-form-urlencoded" },
  { "content-type": "application/json", "content-encoding": "gzip" },
])("%j is refused as 415", async (headers) => {
  const request = post("{}", headers as Record<string, string>); // the table's type is a union
  if (!("content-type" in headers)) request.req.raw.headers.delete("content-type");
  await expect(readBody(request)).rejects.toMatchObject({ code: "UNSUPPORTED_MEDIA_TYPE", status: 415 });
});

test.each(["application/json; charset=utf-8", "Application/JSON", "application/json ;charset=UTF-8"])(
  "%s is JSON",
  async (type) => {
    expect(await readBody(post("{}", { "content-type": type }))).toBe("{}");
  },
);

test("an empty body needs no content type", async () => {
  expect(await readBody(from(new Request("http://server/", { method: "POST" })))).toBe("");
});
