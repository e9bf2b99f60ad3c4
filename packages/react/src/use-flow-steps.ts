"use client";
import { useSyncExternalStore } from "react";
import type { Run } from "@noukai/sdk";
import type { FlowSource } from "./flow-types.ts";
import type { StepState } from "./step-state.ts";
import { type FlowEventsOptions, useRunStore } from "./use-flow-events.ts";

/** The steps of a run as they begin and end. A component that shows them is not drawn again for text: it is for lists and progress bars beside it. */
export function useFlowSteps(
  source?: FlowSource | Run,
  options?: Pick<FlowEventsOptions, "key" | "adopt">,
): readonly StepState[] {
  const store = useRunStore(source, options);
  return useSyncExternalStore(
    store.subscribe,
    () => store.getSnapshot().steps,
    () => store.getServerSnapshot().steps,
  );
}
