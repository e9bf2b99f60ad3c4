import { expect, test } from "vitest";
import { forPeople } from "./log.ts";

test("a person gets one short line", () => {
  const line = '{"level":40,"time":"2026-11-20T09:30:12.481Z","requestId":"req_1","msg":"refused"}\n';
  expect(forPeople(line)).toBe('09:30:12 warn  refused  {"requestId":"req_1"}\n');
  expect(forPeople('{"level":30,"time":"2026-11-20T09:30:12.481Z","msg":"ready"}\n')).toBe("09:30:12 info  ready\n");
});
