import { readFileSync } from "node:fs";
import { afterEach, expect, test, vi } from "vitest";

const [, program] = /```ts\n(.*?)```/s.exec(readFileSync(new URL("../README.md", import.meta.url), "utf8")) ?? [];

afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

test("the README's program is the one that is run here", () => {
  const [, , run] = readFileSync(new URL("readme-program.ts", import.meta.url), "utf8").split(/^(\/\/ .*\n)/);
  expect(run).toBe(program);
});

test("the README's program works as it stands", async () => {
  const requests: Request[] = [];
  vi.stubEnv("NOUKAI_API_KEY", "nk_test_k7Qm2xVa_0123456789abcdef0123456789abcdef");
  vi.stubGlobal("fetch", (request: Request) => {
    requests.push(request);
    return Response.json({ items: [{ id: "run-1", status: "completed" }], nextCursor: null });
  });
  const told = vi.spyOn(console, "log").mockImplementation(() => {});
  await import("./readme-program.ts");
  expect(told.mock.calls).toEqual([[["run-1 completed"]]]);
  expect(requests.map((request) => request.url)).toEqual(["https://api.noukai.dev/api/v1/flow-runs"]);
});
