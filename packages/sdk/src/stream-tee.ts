import type { StreamEvent } from "./events.ts";
import { type EventSource, sourceOver } from "./stream-source.ts";

/** One batch, and the one behind it once somebody has asked for it. Those that both readers have left behind are garbage. */
interface Link {
  readonly batch: Promise<readonly StreamEvent[] | undefined>;
  next?: Link;
}

/** Two sources with the events of one. Each of them may be read at its own pace: what only one of them has read is kept for the other. */
export function teeSource(source: EventSource): readonly [EventSource, EventSource] {
  const start: Link = { batch: Promise.resolve(undefined) };
  let open = 2;
  const onClose = (): void => {
    if (--open === 0) source.close();
  };
  return [branchOf(source, start, onClose), branchOf(source, start, onClose)];
}

/** What one reader sees: the links from the start on, until it leaves. */
function branchOf(source: EventSource, start: Link, onClose: () => void): EventSource {
  let at = start;
  let isOpen = true;
  /** Settles a `next` that waits. */
  let letGo = (): void => {};
  return sourceOver(() => source, {
    next: () =>
      new Promise((resolve, reject) => {
        if (!isOpen) return resolve(undefined);
        at = at.next ??= { batch: source.next() };
        letGo = () => resolve(undefined);
        at.batch.then(resolve, reject);
      }),
    close: () => {
      letGo();
      if (isOpen) onClose();
      isOpen = false;
    },
    cancel: async () => source.cancel?.(),
  });
}
