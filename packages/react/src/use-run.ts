"use client";
import { useMemo, useSyncExternalStore } from "react";
import type { RunSummary } from "@noukai/sdk";
import type { FlowSource } from "./flow-types.ts";
import type { Hub } from "./hub.ts";
import { useHub } from "./provider.ts";
import { RequestStore, type RequestStoreOptions, type RequestView } from "./request-store.ts";

/** Which flow leads to a run, where that is not the provider's client or only relay. */
export interface RunOptions {
  readonly flow?: FlowSource;
}

/** The answer to a request, and the way to ask again. */
export interface Requested<Data> extends RequestView<Data> {
  /** Asks again; what is shown stays until the answer. */
  readonly refresh: () => Promise<void>;
}

/** A run's status, times, totals, and what came of it, as it was when it was asked for: one request for all components that show it. */
export function useRun(executionId: string, { flow }: RunOptions = {}): Requested<RunSummary> {
  const hub = useHub();
  return useRequest(`summary ${executionId}`, (signal) => hub.run(executionId, flow).summary({ signal }));
}

/** One request under a name, for all components that show its answer. */
export function useRequest<Data>(name: string, load: RequestStoreOptions<Data>["load"]): Requested<Data> {
  const store = requestStore(useHub(), name, load);
  const view = useSyncExternalStore(store.subscribe, store.getSnapshot, store.getSnapshot);
  return useMemo(() => ({ ...view, refresh: store.refresh }), [store, view]);
}

/** The store of a request, of which there is one under a name. */
export function requestStore<Data>(
  hub: Hub,
  name: string,
  load: RequestStoreOptions<Data>["load"],
): RequestStore<Data> {
  const { graceMs } = hub;
  return hub.store(`request ${name}`, (onForgotten) => new RequestStore({ load, graceMs, onForgotten }));
}
