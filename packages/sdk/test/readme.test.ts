import { readFileSync } from "node:fs";
import { afterEach, expect, test, vi } from "vitest";
import { encodeFrame, EXECUTION_ID, KEY, RECORDED, streamOf } from "./recorded-run.ts";

const [, program] = /```ts\n(.*?)```/s.exec(readFileSync(new URL("../README.md", import.meta.url), "utf8")) ?? [];

afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** A server with one finished run, for the program's global `fetch`. */
function answer(request: Request): Response {
  if (request.url.endsWith("/step")) return streamOf(RECORDED.map(encodeFrame));
  if (request.url.endsWith("/trace")) return Response.json({ flowRun: { status: "completed" }, steps: [{}, {}] });
  return Response.json({
    status: "completed",
    executionId: EXECUTION_ID,
    flowId: "f",
    blockCount: 2,
    result: { text: "cat" },
  });
}

test("the README's program is the one that is run here", () => {
  const [, , run] = readFileSync(new URL("readme-program.ts", import.meta.url), "utf8").split(/^(\/\/ .*\n)/);
  expect(run).toBe(program);
});

test("the README's program works as it stands", async () => {
  vi.stubEnv("NOUKAI_API_KEY", KEY);
  vi.stubGlobal("fetch", answer);
  const told = vi.spyOn(console, "log").mockImplementation(() => {});
  await import("./readme-program.ts");
  expect(told.mock.calls).toEqual([
    [{ text: "cat" }],
    ...["Kä", "ter", "Die ", "😀Kät", "zchen", '{"title":', '"漢', '字"}'].map((delta) => [delta]),
    [{ title: "漢字" }, "0.100412"],
    ["completed", 2],
  ]);
});
