"use client";
import { useSyncExternalStore } from "react";
import { FlowExecutionError, NoukaiError, type Run } from "@noukai/sdk";
import type { FlowOf, FlowSource, OutputOf } from "./flow-types.ts";
import { isOver } from "./run-state.ts";
import { type FlowEventsOptions, type RunViewOptions, useRunStore } from "./use-flow-events.ts";

/**
 * What a run comes to, for components within `<Suspense>`: they wait for its end, and an error boundary gets its fault. Nothing is begun by
 * it; a component that is given up while it waits leaves nothing behind.
 */
export function useRunResult(run: Run, options?: RunViewOptions): unknown;
export function useRunResult<Source extends FlowSource = undefined>(
  flow?: Source,
  options?: Pick<FlowEventsOptions, "key" | "adopt">,
): OutputOf<FlowOf<Source>>;
export function useRunResult(source?: FlowSource | Run, options?: Pick<FlowEventsOptions, "key" | "adopt">): unknown {
  const store = useRunStore(source, options);
  // A server waits as well, and a page keeps its markup until it knows as much.
  const view = useSyncExternalStore(store.subscribe, store.getSnapshot, store.getSnapshot);
  const { error, status, executionId } = view;
  if (error instanceof NoukaiError) throw error;
  if (error) {
    throw new FlowExecutionError(`The run ${executionId} failed: ${error.message}`, {
      code: error.code,
      executionId,
      billed: "yes",
    });
  }
  // React's way to wait in 18 and 19 alike.
  // oxlint-disable-next-line typescript/only-throw-error
  if (!isOver({ status })) throw store.whenOver();
  return view.data;
}
