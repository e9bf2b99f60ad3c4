import { cleanup } from "@testing-library/react";
import { afterEach, beforeEach, vi } from "vitest";

/** What React and the page complained of: nothing, or the test fails. */
const complaints: unknown[][] = [];

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(console, "error").mockImplementation((...said) => void complaints.push(said));
});

afterEach(() => {
  cleanup();
  globalThis.sessionStorage?.clear();
  vi.useRealTimers();
  vi.restoreAllMocks();
  const said = complaints.splice(0);
  if (said.length > 0) throw new Error(`console.error was called:\n${said.map((each) => each.join(" ")).join("\n")}`);
});

/** For tests of what React has to say. */
export function complained(): readonly string[] {
  return complaints.splice(0).map((said) => said.join(" "));
}
