"use client";
import { useEffect, useMemo, useSyncExternalStore } from "react";
import type {
  EditOutputOptions,
  Execution,
  ExecutionStatus,
  FlowExecution,
  JsonObject,
  ReexecuteOptions,
  TaskExecution,
} from "@noukai/sdk";
import { ExecutionStore, type ExecutionView, NO_EXECUTION } from "./execution-store.ts";
import type { Hub } from "./hub.ts";
import { useHub } from "./provider.ts";
import type { RunFault } from "./run-state.ts";

/** Options of `useExecution`. */
export interface ExecutionOptions {
  /** Whether to read the execution's top-level steps as well. Default `false`. */
  readonly tasks?: boolean | undefined;
}

/** An execution, and what one can do about it. */
export interface UsedExecution {
  /** `idle` without an id, `loading` before the first answer; then how the execution stands. */
  readonly status: "idle" | "loading" | ExecutionStatus;
  /** Something is still to come by itself. */
  readonly isRunning: boolean;
  /** The execution as it was last read. */
  readonly execution: FlowExecution | undefined;
  /** Its top-level steps, in the flow's order, where `tasks` asks for them. */
  readonly tasks: readonly TaskExecution[] | undefined;
  /** What it came to. */
  readonly data: JsonObject | undefined;
  /** What could not be asked or done, or else why the execution failed. */
  readonly error: RunFault | undefined;
  /** Its changes are followed, and the connection stands. */
  readonly isLive: boolean;
  /** Ends the run that is under way. What goes wrong is shown as `error` too, here and below: nobody has to catch it. */
  readonly cancel: () => Promise<void>;
  /** Runs it again: all of it, or with `onlyStale` what is out of date. */
  readonly reexecute: (options?: ReexecuteOptions) => Promise<void>;
  /** Puts `output` in place of what a step gave; what lies behind it becomes `stale`. */
  readonly editOutput: (stepId: string, output: object, options?: EditOutputOptions) => Promise<TaskExecution>;
  /** Reads it again; what is shown stays until the answer. */
  readonly refresh: () => Promise<void>;
}

const ignore = (): (() => void) => () => {};
const nothing = async (): Promise<void> => {};

/**
 * An execution as it stands, by its id or by the handle to it: read once and followed by one connection, however many components show it.
 * Leaving the page ends the following and leaves the execution alone. `undefined`: none yet.
 */
export function useExecution(
  source: string | Execution | undefined,
  { tasks: showsTasks = false }: ExecutionOptions = {},
): UsedExecution {
  const hub = useHub();
  const store = source === undefined ? undefined : executionStore(hub, source);
  const view = useSyncExternalStore(
    store?.subscribe ?? ignore,
    store?.getSnapshot ?? noView,
    store?.getServerSnapshot ?? noView,
  );
  useEffect(() => (showsTasks ? store?.showTasks() : undefined), [store, showsTasks]);
  return useMemo(() => ({ ...shown(view, store !== undefined), ...commandsOf(store) }), [store, view]);
}

const noView = (): ExecutionView => NO_EXECUTION;

/** Throws where nothing leads to executions. */
function executionStore(hub: Hub, source: string | Execution): ExecutionStore {
  const id = typeof source === "string" ? source : source.id;
  return hub.store(`execution ${id}`, (onForgotten) => {
    const handle = typeof source === "string" ? hub.options.client?.execution?.(source) : source;
    if (handle) return new ExecutionStore({ handle, graceMs: hub.graceMs, onForgotten });
    throw new TypeError("Nothing leads to executions. Give <NoukaiProvider> a client: a relay does not offer them.");
  });
}

function shown({ execution, tasks, commandFault, readFault, isLive }: ExecutionView, isGiven: boolean) {
  const status: UsedExecution["status"] = isGiven ? (execution?.status ?? "loading") : "idle";
  return {
    status,
    isRunning: RUNNING.has(status),
    execution,
    tasks,
    data: execution?.result ?? undefined,
    error: commandFault ?? readFault ?? execution?.error ?? undefined,
    isLive,
  };
}

const RUNNING: ReadonlySet<UsedExecution["status"]> = new Set([
  "queued",
  "running",
  "in_progress",
  "awaiting_input",
  "cancel_requested",
] as const);

function commandsOf(store: ExecutionStore | undefined) {
  return {
    cancel: store?.cancel ?? nothing,
    reexecute: store?.reexecute ?? nothing,
    editOutput: store?.editOutput ?? noTask,
    refresh: store?.refresh ?? nothing,
  };
}

async function noTask(): Promise<never> {
  throw new TypeError("There is no execution yet whose output could be edited.");
}
