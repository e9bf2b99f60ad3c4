import type { StreamEvent } from "./events.ts";
import { ambientSession, beginInSession } from "./session/ambient.ts";
import { type EventSource, sourceOver } from "./stream-source.ts";

/**
 * A source that is opened when its first event is asked for, since that takes a while: a part to load, an input to check. `executionId`: the
 * run, where it is known beforehand.
 */
export function deferredSource(open: () => Promise<EventSource>, executionId?: string): EventSource {
  // The stream belongs to the session it was asked for in, wherever it is read.
  const session = ambientSession();
  let source: EventSource | undefined;
  let isClosed = false;
  /** Settles a `next` that waits, for the opening too. */
  let letGo = (): void => {};
  const read = async (): Promise<readonly StreamEvent[] | undefined> => {
    source ??= await open();
    return isClosed ? undefined : source.next();
  };
  const close = (): void => {
    isClosed = true;
    source?.close();
    letGo();
  };
  return sourceOver(() => source ?? { executionId }, {
    next: () =>
      new Promise((resolve, reject) => {
        letGo = () => resolve(undefined);
        (source ? read() : beginInSession(session, read)).then(resolve, reject);
      }),
    close,
    cancel: async () => (source ? source.cancel?.() : close()), // nothing was sent: nothing is to be stopped
  });
}
