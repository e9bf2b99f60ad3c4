import { expect, test } from "vitest";
import { HoldCheck } from "./hold-check.ts";
import type { StoredHold } from "./store/store.ts";

/** A worker's hands and what the store says of them, both to be moved by a test. */
function createWorld() {
  const inHand = new Map<string, { readonly epoch: number }>();
  const stored = new Map<string, number>();
  const takenUp: StoredHold[] = [];
  const left: StoredHold[] = [];
  let whileReading = (): void => undefined;
  const check = new HoldCheck({
    workerId: "worker-1",
    nodes: {
      held: async () => {
        const holds = Array.from(stored, ([runId, epoch]) => ({ runId, epoch }));
        whileReading();
        return holds;
      },
    },
    inHand: () => new Map(inHand),
    takeUp: async (hold) => void takenUp.push(hold),
    leave: (hold) => void left.push(hold),
  });
  const onRead = (work: () => void): void => {
    whileReading = work;
  };
  return { inHand, stored, takenUp, left, check, onRead };
}

test("a run that is held and in nobody's hands is taken up by the second look", async () => {
  const { stored, takenUp, left, check } = createWorld();
  stored.set("lost", 3);
  await check.look();
  expect(takenUp).toEqual([]);
  await check.look();
  expect([takenUp, left]).toEqual([[{ runId: "lost", epoch: 3 }], []]);
});

test("a run that came, or left, between two looks is no lost one", async () => {
  const { stored, takenUp, check } = createWorld();
  stored.set("leaving", 1);
  await check.look();
  check.moved("leaving");
  await check.look();
  expect(takenUp).toEqual([]);
  stored.set("leaving", 2);
  await check.look();
  expect(takenUp).toEqual([]);
});

test("what is in hand and under another hold in the store is left", async () => {
  const { inHand, stored, left, check } = createWorld();
  for (const runId of ["kept", "taken", "again"]) inHand.set(runId, { epoch: 1 });
  stored.set("kept", 1).set("again", 2);
  await check.look();
  expect(left).toEqual([
    { runId: "taken", epoch: 1 },
    { runId: "again", epoch: 1 },
  ]);
});

test("a run that comes into hand while the store is read is neither left nor taken up", async () => {
  const { inHand, stored, takenUp, left, check, onRead } = createWorld();
  onRead(() => {
    inHand.set("new", { epoch: 1 });
    stored.set("new", 1);
  });
  await check.look();
  await check.look();
  expect([takenUp, left]).toEqual([[], []]);
});
