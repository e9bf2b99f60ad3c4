import type { Context } from "hono";

interface NodeBindings {
  readonly outgoing?: {
    shouldKeepAlive?: boolean;
    readonly socket?: { resetAndDestroy?(): void } | null;
  };
}

/** What `@hono/node-server` binds; other runtimes have no such member. */
function outgoingOf(c: Context): NodeBindings["outgoing"] {
  return ((c.env ?? {}) as NodeBindings).outgoing;
}

/**
 * On Node, breaks the connection with a TCP reset: its adapter would write the error into the stream and end it, which readers take for the
 * end. False elsewhere, where a body that fails breaks the connection.
 */
export function resetConnection(c: Context): boolean {
  const { socket } = outgoingOf(c) ?? {};
  if (!socket?.resetAndDestroy) return false;
  socket.resetAndDestroy();
  return true;
}

/** On Node, tells the caller not to use the connection again: what was not read of its request is still in it. Others see to that themselves. */
export function closeBehindAnswer(c: Context): void {
  const outgoing = outgoingOf(c);
  if (outgoing) outgoing.shouldKeepAlive = false;
}
