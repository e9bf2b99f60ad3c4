import fc from "fast-check";
import { expect, test } from "vitest";
import { runStatuses } from "../store/store.ts";
import { type ExecutionFacts, executionStatuses, isSettled, statusOf, transitions } from "./statuses.ts";

const facts: fc.Arbitrary<ExecutionFacts> = fc.record({
  run: fc.constantFrom(...runStatuses),
  hasBegun: fc.boolean(),
  isCancelRequested: fc.boolean(),
  isStale: fc.boolean(),
  isDeleted: fc.boolean(),
});

const fresh: ExecutionFacts = {
  run: "pending",
  hasBegun: false,
  isCancelRequested: false,
  isStale: false,
  isDeleted: false,
};

test("an execution goes from queued through running to in_progress, and to its end", () => {
  expect(statusOf(fresh)).toBe("queued");
  expect(statusOf({ ...fresh, run: "running" })).toBe("running");
  expect(statusOf({ ...fresh, run: "running", hasBegun: true })).toBe("in_progress");
  expect(statusOf({ ...fresh, run: "completed", hasBegun: true })).toBe("completed");
});

test("a run that a worker gave back in the middle stays in progress", () => {
  expect(statusOf({ ...fresh, hasBegun: true })).toBe("in_progress");
});

test("the wish to cancel shows until the run is over, and not behind it", () => {
  for (const run of ["pending", "running", "paused"] as const)
    expect(statusOf({ ...fresh, run, isCancelRequested: true })).toBe("cancel_requested");
  expect(statusOf({ ...fresh, run: "completed", isCancelRequested: true })).toBe("completed");
});

test("an edit makes only what is over stale", () => {
  expect(statusOf({ ...fresh, run: "failed", isStale: true })).toBe("stale");
  expect(statusOf({ ...fresh, run: "running", isStale: true })).toBe("running");
});

test("whatever is known of a deleted execution, it is deleted, for good", () => {
  fc.assert(fc.property(facts, (known) => statusOf({ ...known, isDeleted: true }) === "deleted"));
  expect(transitions.deleted).toEqual([]);
});

test("every status leads to deleted, and none to itself", () => {
  for (const status of executionStatuses) {
    expect(transitions[status].includes("deleted")).toBe(status !== "deleted");
    expect(transitions[status]).not.toContain(status);
  }
});

test("what has come to rest moves only when somebody asks", () => {
  for (const status of executionStatuses.filter(isSettled)) {
    for (const next of transitions[status]) expect(["stale", "queued", "running", "deleted"]).toContain(next);
  }
});

/** What may happen to the facts of one run, one thing at a time. */
function happenings(known: ExecutionFacts): readonly ExecutionFacts[] {
  const { run, hasBegun } = known;
  const isOpen = run === "pending" || run === "running" || run === "paused";
  const next: ExecutionFacts[] = [{ ...known, isDeleted: true }];
  if (!isOpen) return [...next, { ...known, isStale: true }, fresh, { ...fresh, run: "running" }];
  next.push({ ...known, isCancelRequested: true }, { ...known, run: "failed" }, { ...known, run: "cancelled" });
  if (run === "pending") next.push({ ...known, run: "running" });
  if (run === "running") next.push({ ...known, run: "pending" }, { ...known, hasBegun: true });
  if (run === "running") next.push({ ...known, run: "completed", hasBegun: true });
  if (run === "running" && hasBegun) next.push({ ...known, run: "paused" });
  if (run === "paused") next.push({ ...known, run: "running" });
  return next;
}

test("no sequence of things that can happen takes a step that the table does not have", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { maxLength: 60 }), (choices) => {
      let known = fresh;
      for (const choice of choices) {
        const options = happenings(known);
        const next = options[choice % options.length] ?? known;
        const [from, to] = [statusOf(known), statusOf(next)];
        if (from !== to && from !== "deleted") expect(transitions[from]).toContain(to);
        known = next;
      }
    }),
    { numRuns: 500 },
  );
});
