"use client";
import type { Trace } from "@noukai/sdk";
import { useHub } from "./provider.ts";
import { type Requested, type RunOptions, useRequest } from "./use-run.ts";

/** A run's steps with times, tokens and costs, as far as it had got when it was asked for: one request for all components that show it. */
export function useTrace(executionId: string, { flow }: RunOptions = {}): Requested<Trace> {
  const hub = useHub();
  return useRequest(`trace ${executionId}`, (signal) => hub.run(executionId, flow).trace({ signal }));
}
