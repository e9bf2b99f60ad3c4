import { expect, test } from "vitest";
import type { ExecutionChange } from "../store/store.ts";
import { watchChanges } from "./changes.ts";

const change = {
  cursor: "0-1",
  executionId: "e",
  projectId: "p",
  flowId: "f",
  status: "completed",
  runNumber: 1,
  at: 0,
} as const;

test("a reader is told that it has caught up at once, before anything is waited for", async () => {
  const told: (readonly ExecutionChange[])[] = [];
  const waits: number[] = [];
  const stop = new AbortController();
  const pages = watchChanges(
    {
      store: {
        executionChanges: async ({ after }) => (after === "0-0" ? [change] : []),
        executionsChanged: () => new Promise(() => undefined),
      },
      rest: async (ms) => {
        waits.push(ms);
        stop.abort();
      },
      draining: new AbortController().signal,
    },
    { projectIds: ["p"], after: "0-0" },
    stop.signal,
  );
  await expect(
    (async () => {
      for await (const page of pages) told.push(page);
    })(),
  ).rejects.toThrow();
  expect(told).toEqual([[change], []]);
  expect(waits).toHaveLength(1);
});
