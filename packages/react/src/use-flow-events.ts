"use client";
import { useEffect, useMemo, useSyncExternalStore } from "react";
import type { EventsOptions, Run, ToolAnswers } from "@noukai/sdk";
import type { ArgumentsOf, AnyFlow, FlowOf, FlowSource, OutputOf } from "./flow-types.ts";
import type { DehydratedRun } from "./prefetch.ts";
import { useHub } from "./provider.ts";
import type { RunStore, RunView } from "./run-store.ts";

/** Options of the hooks that show a run. */
export interface RunViewOptions {
  /** What a server knows of the run already: `await prefetchRun(…)`. */
  readonly adopt?: DehydratedRun | undefined;
}

/** Options of `useFlowEvents`. */
export interface FlowEventsOptions<Flow extends AnyFlow = AnyFlow> extends RunViewOptions {
  /** Tells runs of one flow apart: components with the same flow and key show the same run. Default: made from `adopt` or `start`. */
  readonly key?: string | undefined;
  /** Begins a run as soon as the component is on the page, unless one is there to be taken up. */
  readonly start?: ArgumentsOf<Flow, "events">[0] | undefined;
  /** Takes up the run that this tab was showing before it was reloaded, while it is not over. Default `true`. */
  readonly resume?: boolean | undefined;
}

/** What one can do about a run that is shown. The same functions for as long as the run is shown. */
export interface RunCommands {
  /** Follows the run again, from where it was left. */
  readonly attach: () => void;
  /** Stops following; the run goes on. */
  readonly detach: () => void;
  /** Stops the run. Resolves once the server has accepted that. */
  readonly cancel: () => Promise<void>;
}

/** A run as it happens, and what one can do about it. */
export interface FlowEvents<Flow extends AnyFlow> extends RunView<OutputOf<Flow>>, RunCommands {
  /** Begins a run with these inputs; while one is under way, nothing. What is wrong with the call is told as `error`. */
  readonly start: (...given: ArgumentsOf<Flow, "events">) => void;
  /** Answers the tool calls of `pause`, where no tool on the page answers them. */
  readonly resume: (answers: ToolAnswers) => Promise<void>;
}

/**
 * A run as it happens: its text, steps and events. All components that name the same flow and `key`, or the same run, share one connection,
 * and are drawn at most once a frame. Leaving the page stops the following, `cancel` the run.
 */
export function useFlowEvents(run: Run, options?: RunViewOptions): RunView & RunCommands;
export function useFlowEvents<Source extends FlowSource = undefined>(
  flow?: Source,
  options?: FlowEventsOptions<FlowOf<Source>>,
): FlowEvents<FlowOf<Source>>;
export function useFlowEvents(source?: FlowSource | Run, options: FlowEventsOptions = {}): FlowEvents<AnyFlow> {
  const store = useRunStore(source, options);
  const view = useSyncExternalStore(store.subscribe, store.getSnapshot, store.getServerSnapshot);
  return useMemo(() => {
    const { start, attach, detach, cancel, resume } = store;
    return { ...view, start, attach, detach, cancel, resume };
  }, [store, view]);
}

/** The store behind the run that a component names. */
export function useRunStore(source: FlowSource | Run, options: FlowEventsOptions = {}): RunStore {
  const { key, adopt, resume = true } = options;
  const start = options.start as EventsOptions | undefined; // what the flow takes
  const hub = useHub();
  const store = isRun(source) ? hub.runStore(source, adopt) : hub.flowStore(source, { key, start, adopt, resume });
  const isWanted = start !== undefined;
  useEffect(() => {
    if (start) store.startOnce(start);
    // Inputs that change begin nothing by themselves: the store, which has a key made from them, does.
  }, [store, isWanted]);
  return store;
}

function isRun(source: FlowSource | Run): source is Run {
  return typeof source === "object" && "liveTrace" in source;
}
