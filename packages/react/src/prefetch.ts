import type { EventsOptions, RelayFlow, Run } from "@noukai/sdk";
import type { AnyFlow, ArgumentsOf, OutputOf } from "./flow-types.ts";
import { foldRun } from "./fold-run.ts";
import { NO_RUN, type RunState } from "./run-state.ts";

/** What a server hands to a page of a run: plain data, for JSON, a loader or the props of a client component. */
export interface DehydratedRun<Output = unknown> {
  readonly executionId: string;
  readonly state: RunState<Output>;
}

/** How much of a run is waited for. */
export interface PrefetchOptions {
  /** `started`: until the run has a name, so that the page goes on with it at once. `ended`: until its result. Default `started`. */
  readonly until?: "started" | "ended" | undefined;
}

/** How a server begins a run for a page. */
export interface PrefetchFlowOptions<Flow extends AnyFlow> extends PrefetchOptions {
  /** What the flow is called with. */
  readonly start: ArgumentsOf<Flow, "events">[0];
}

/**
 * Begins a run on a server, or reads one that is under way, for a page that goes on with it: `useFlowEvents(flow, { adopt })`. The connection
 * is closed before this resolves; the run goes on. Throws what the call throws; that a run fails is part of the state.
 */
export function prefetchRun(run: Run, options?: PrefetchOptions): Promise<DehydratedRun>;
export function prefetchRun<Flow extends AnyFlow>(
  flow: Flow,
  options: PrefetchFlowOptions<Flow>,
): Promise<DehydratedRun<OutputOf<Flow>>>;
export async function prefetchRun(
  source: Run | AnyFlow,
  { until = "started", start }: PrefetchOptions & { readonly start?: unknown } = {},
): Promise<DehydratedRun<never>> {
  const flow = source as unknown as RelayFlow; // whose inputs were checked against the flow's own type
  const stream =
    "liveTrace" in source ? source.liveTrace() : flow.events({ timeout: Infinity, ...(start as EventsOptions) });
  let state: RunState = { ...NO_RUN, status: "starting" };
  try {
    for (let batch = await stream.nextBatch(); batch; batch = await stream.nextBatch()) {
      state = foldRun(state, batch);
      if (until === "started" && state.executionId !== undefined) break;
    }
  } finally {
    stream.detach();
  }
  const { executionId = stream.executionId ?? "" } = state;
  return { executionId, state: JSON.parse(JSON.stringify(state)) as RunState<never> }; // what a page will get, functions left out
}
