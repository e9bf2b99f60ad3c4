import { afterEach, describe, expect, test, vi } from "vitest";
import { emitLog, type LogEvent, type LogLevel, withConsole } from "./log.ts";

const ABOUT = { operation: "POST x/execute", attempt: 1 };
const ANSWER: LogEvent = { ...ABOUT, phase: "response", statusCode: 200 };
const RETRY: LogEvent = { ...ABOUT, phase: "retry", delayMs: 250, reason: "busy" };
const EVENTS: readonly LogEvent[] = [
  { ...ABOUT, phase: "request" },
  ANSWER,
  { ...ABOUT, phase: "response", statusCode: 404 },
  { ...ABOUT, phase: "response", statusCode: 503 },
  RETRY,
  { ...ABOUT, phase: "reconnect", delayMs: 250 },
  { ...ABOUT, phase: "scope_open", sessionId: "session" },
  { ...ABOUT, phase: "body", body: {} },
];

afterEach(() => {
  vi.restoreAllMocks();
});

/** What the console is told, as level and phase. */
function toldAt(level: LogLevel | undefined): string[] {
  const told: string[] = [];
  for (const method of ["error", "warn", "info", "debug"] as const) {
    vi.spyOn(console, method).mockImplementation((text: string) => told.push(`${method}: ${text}`));
  }
  for (const event of EVENTS) emitLog(withConsole(undefined, level), event);
  return told;
}

describe("the console", () => {
  test.each([undefined, "off"] as const)("is told nothing at level %s", (level) => {
    expect(toldAt(level)).toEqual([]);
  });

  test("is told what its level asks for, each at its own", () => {
    const error = ["error: noukai response POST x/execute"];
    const warn = [...error, "warn: noukai retry POST x/execute", "warn: noukai reconnect POST x/execute"];
    expect(toldAt("error")).toEqual(error);
    expect(toldAt("warn")).toEqual(warn);
    expect(toldAt("info")).toHaveLength(6);
    expect(toldAt("debug")).toHaveLength(8);
    expect(toldAt("debug")[0]).toBe("debug: noukai request POST x/execute");
  });

  test("is told the details beside", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    emitLog(withConsole(undefined, "warn"), RETRY);
    expect(warn).toHaveBeenCalledWith("noukai retry POST x/execute", { attempt: 1, delayMs: 250, reason: "busy" });
  });

  test("does not stand in the way of a logger of one's own, nor is stood in the way of by one that throws", () => {
    const info = vi.spyOn(console, "info").mockImplementation(() => {});
    const onLog = vi.fn<(event: LogEvent) => void>(() => {
      throw new Error("disk full");
    });
    emitLog(withConsole(onLog, "info"), ANSWER);
    expect(onLog).toHaveBeenCalledWith(ANSWER);
    expect(info).toHaveBeenCalledOnce();
  });

  test("that does not exist at that level is a ValueError", () => {
    // @ts-expect-error: no such level
    expect(() => withConsole(undefined, "loud")).toThrow(/`logLevel` is "loud"/);
  });
});
