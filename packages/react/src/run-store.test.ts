import { flow, step } from "@noukai/sdk/testing";
import { expect, test, vi } from "vitest";
import { asked, serve } from "../test/fixtures.ts";
import { elapse } from "../test/page.tsx";
import { NOT_KEPT } from "./kept-run.ts";
import { RunStore } from "./run-store.ts";

const POET = flow([step("write", { text: ["Roses ", "are ", "red"], every: 100 })]);

function storeOf(script = POET) {
  const served = serve(script);
  const onForgotten = vi.fn<() => void>();
  const store = new RunStore({
    flow: served.flow,
    openRun: (executionId) => served.noukai.run(executionId),
    known: { executionId: undefined },
    kept: NOT_KEPT,
    graceMs: 1_000,
    tools: () => undefined,
    onForgotten,
  });
  return { ...served, store, onForgotten };
}

test("a store tells of changes alone", async () => {
  const { store } = storeOf();
  const listener = vi.fn<() => void>();
  const unsubscribe = store.subscribe(listener);
  store.attach();
  store.detach();
  await elapse(100);
  expect(listener).not.toHaveBeenCalled();
  store.start();
  expect(listener).toHaveBeenCalledTimes(1);
  unsubscribe();
  await elapse(500);
  expect(listener).toHaveBeenCalledTimes(1);
});

test("a store keeps the parts of a state that did not change", async () => {
  const { store } = storeOf();
  store.subscribe(() => {});
  store.start();
  await elapse(150);
  const before = store.getSnapshot();
  await elapse(100);
  const after = store.getSnapshot();
  expect([before.text, after.text]).toEqual(["Roses ", "Roses are "]);
  expect(after.steps).toBe(before.steps);
  expect(after.events).toBe(before.events);
  expect(store.getSnapshot()).toBe(after);
});

test("what an older run still tells is not heard when the next has begun", async () => {
  const { store, server } = storeOf(
    flow(({ message }) => [step("write", { text: [`${message} `, "end"], every: 100 })]),
  );
  store.subscribe(() => {});
  store.start({ message: "first" });
  await elapse(150);
  store.detach();
  store.start({ message: "second" });
  await elapse(1_000);
  expect(store.getSnapshot()).toMatchObject({ status: "completed", text: "second end" });
  expect(asked(server)).toEqual(["step", "step"]);
});

test("a store is forgotten when nobody has come back for minutes, and not before", async () => {
  const { store, onForgotten } = storeOf();
  store.subscribe(() => {})();
  await elapse(200_000);
  store.subscribe(() => {})();
  await elapse(200_000);
  expect(onForgotten).not.toHaveBeenCalled();
  await elapse(200_000);
  expect(onForgotten).toHaveBeenCalledOnce();
});
