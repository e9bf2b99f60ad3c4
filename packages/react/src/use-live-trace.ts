"use client";
import type { RunView } from "./run-store.ts";
import { useHub } from "./provider.ts";
import { type RunCommands, type RunViewOptions, useFlowEvents } from "./use-flow-events.ts";
import type { RunOptions } from "./use-run.ts";

/** A run of that id from its first event on, as it happens, whoever began it: `useFlowEvents(run)` by the id alone. */
export function useLiveTrace(
  executionId: string,
  { flow, ...options }: RunOptions & RunViewOptions = {},
): RunView & RunCommands {
  return useFlowEvents(useHub().run(executionId, flow), options);
}
