import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startTestServer } from "./harness.ts";

/** The files in a page's code blocks, by the path in their `# flows/…` line. */
async function filesOf(page: string): Promise<Readonly<Record<string, string>>> {
  const text = await readFile(join(import.meta.dirname, "../../../docs", page), "utf8");
  const blocks = Array.from(text.matchAll(/^```yaml\n([^]*?)^```$/gm), ([, block = ""]) => block);
  return Object.fromEntries(blocks.map((block) => [/^# flows\/(\S+)$/m.exec(block)?.[1] ?? "", block]));
}

test("the files of flows-as-files.md load without a fault, and the flow runs under the project's settings", async () => {
  const server = await startTestServer({ flows: await filesOf("flows-as-files.md") });
  expect([...server.folder.files, ...server.folder.projects].map(({ issues }) => issues)).toEqual([[], []]);
  const key = server.newKeys[0]?.secret ?? "";
  const path = "/api/v1/seq/acme/notes/tidy";
  const response = await server.call("POST", `${path}/execute`, { key, body: { message: "K-12345678 called" } });
  expect(await response.json()).toMatchObject({ result: { text: "Rewrite in full sentences: K-12345678 called" } });
  const id = response.headers.get("x-noukai-execution-id");
  const trace = await (await server.call("GET", `${path}/runs/${id}/trace`, { key })).json();
  expect(trace.steps[0].inputContext).toEqual({ message: "[redacted:customer] called" });
  const preflight = await server.call("OPTIONS", `${path}/execute`, {
    key: null,
    headers: { origin: "https://notes.example.com", "access-control-request-method": "POST" },
  });
  expect(preflight.headers.get("access-control-allow-origin")).toBe("https://notes.example.com");
});

test("the flow of capture.md shows in its trace what the page says", async () => {
  const page = await readFile(join(import.meta.dirname, "../../../docs/capture.md"), "utf8");
  const server = await startTestServer({ flows: await filesOf("capture.md") });
  const key = server.newKeys[0]?.secret ?? "";
  const message = /^Called with `(.*)`, its/m.exec(page)?.[1];
  const path = "/api/v1/seq/acme/desk/answer";
  const response = await server.call("POST", `${path}/execute`, { key, body: { message } });
  expect(await response.json()).toMatchObject({ result: { text: `Answer: ${message}` } });
  const id = response.headers.get("x-noukai-execution-id");
  const trace = await (await server.call("GET", `${path}/runs/${id}/trace`, { key })).json();
  expect(trace.steps[0].outputContext.text).toBe(/^ {4}(Answer: .*)$/m.exec(page)?.[1]);
});
