"use client";
import { useCallback, useSyncExternalStore } from "react";
import { useHub } from "./provider.ts";
import { ToolShelf, type WaitingApproval } from "./tool-shelf.ts";

const NONE: readonly WaitingApproval[] = [];

/** The calls of tools on the page that wait for a person, oldest first, whatever run they belong to. */
export function usePendingApprovals(): readonly WaitingApproval[] {
  const hub = useHub();
  // Effects of tools further down come before this one's, or after: either way there is one shelf.
  const subscribe = useCallback((listener: () => void) => (hub.shelf ??= new ToolShelf()).subscribe(listener), [hub]);
  return useSyncExternalStore(
    subscribe,
    () => hub.shelf?.getSnapshot() ?? NONE,
    () => NONE,
  );
}
