import { expect, test } from "vitest";
import { zErrorResponse } from "../src/generated/zod.gen.ts";
import { seq, startTestServer, type TestServer } from "./harness.ts";

const image = { url: "https://images.example.org/a.png", mimeType: "image/png" };

/** What the run keeps for its models. */
async function keptBy(server: TestServer, path: string, members: object): Promise<unknown> {
  const response = await server.call("POST", `${seq}/${path}`, { body: { message: "a", ...members } });
  await response.text();
  const run = await server.engine.run(response.headers.get("x-noukai-execution-id") ?? "");
  return run?.options["attachments"];
}

test("attachments go with the run, in either spelling, from execute and from step", async () => {
  const server = await startTestServer();
  const { url, mimeType } = image;
  const attachments = [
    { kind: "url", url, mime_type: mimeType, filename: null },
    { ...image, filename: "a.png" },
  ];
  for (const path of ["grade-3/execute", "grade-3/step"]) {
    expect(await keptBy(server, path, { attachments })).toEqual([image, { ...image, filename: "a.png" }]);
  }
});

test.each([
  ["http", [{ ...image, url: "http://images.example.org/a.png" }], /attachments\[0\]\.url/],
  [
    "an address of 2049 characters",
    [{ ...image, url: `https://x.org/${"a".repeat(2035)}` }],
    /attachments\[0\]\.url: must be at most 2048/,
  ],
  [
    "another kind of file",
    [image, { ...image, mimeType: "image/svg+xml" }],
    /attachments\[1\]\.mimeType: must be "image\/jpeg" or/,
  ],
  ["a path for a name", [{ ...image, filename: "../a.png" }], /attachments\[0\]\.filename/],
  ["eleven of them", Array.from({ length: 11 }, () => image), /attachments: must be at most 10 entries/],
  ["something that is none", ["a.png"], /attachments\[0\]: must be an object/],
])("attachments with %s are refused", async (_, attachments, names) => {
  const server = await startTestServer();
  const response = await server.call("POST", `${seq}/grade-3/execute`, { body: { message: "a", attachments } });
  const { detail } = zErrorResponse.parse(await response.json());
  expect([response.status, detail.code]).toEqual([400, "INVALID_REQUEST"]);
  expect(detail.message).toMatch(names);
});
