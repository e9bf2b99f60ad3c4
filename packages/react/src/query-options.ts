import type { EventsOptions, RelayFlow, Run, RunSummary } from "@noukai/sdk";
import type { AnyFlow, ArgumentsOf, OutputOf } from "./flow-types.ts";

/** What TanStack Query's `useQuery`, `prefetchQuery` and their like take; of that library, nothing is needed here. */
export interface FlowQueryOptions<Output> {
  readonly queryKey: readonly unknown[];
  readonly queryFn: () => Promise<Output>;
  /** A run is paid for: it is not made again because somebody looks at the page, comes back to it, or because it failed. */
  readonly staleTime: number;
  readonly retry: false;
}

/** A run's summary as a query: asked for again every two seconds until the run is over. */
export interface RunQueryOptions {
  readonly queryKey: readonly unknown[];
  readonly queryFn: (context: { readonly signal: AbortSignal }) => Promise<RunSummary>;
  readonly refetchInterval: (query: { readonly state: { readonly data?: RunSummary | undefined } }) => number | false;
  /** The SDK tries again by itself. */
  readonly retry: false;
}

const POLL_MS = 2_000;
const UNDER_WAY: readonly string[] = ["pending", "running", "paused"];

/**
 * A flow's result as a query of TanStack Query: `useQuery(flowQueryOptions(flow, { message }))`. One run for all who ask for the same. Giving
 * the query up does not stop the run. For flows that answer by themselves: one that asks for tools fails the query unless they are given.
 */
export function flowQueryOptions<Flow extends AnyFlow>(
  flow: Flow,
  ...given: ArgumentsOf<Flow, "events">
): FlowQueryOptions<OutputOf<Flow>> {
  const { org = "", project = "", slug = "" } = flow as { org?: string; project?: string; slug?: string }; // flows of the SDK have them
  const called = flow as unknown as RelayFlow; // whose inputs were checked against the flow's own type
  const options = (given as readonly unknown[])[0] as EventsOptions | undefined; // as above
  return {
    queryKey: ["noukai", "flow", [org, project, slug].join("/"), options ?? {}],
    queryFn: () => called.events(options).result(),
    staleTime: Infinity,
    retry: false,
  };
}

/** A run's status, times, totals and result as a query of TanStack Query, until the run is over. */
export function runQueryOptions(run: Run): RunQueryOptions {
  return {
    queryKey: ["noukai", "run", run.executionId],
    queryFn: ({ signal }) => run.summary({ signal }),
    refetchInterval: ({ state: { data } }) => (data && !UNDER_WAY.includes(data.status) ? false : POLL_MS),
    retry: false,
  };
}
