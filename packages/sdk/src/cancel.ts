import { AbortError, CallScope, type Fetch } from "@noukai/core";
import type { ClientContext } from "./context.ts";
import { type FlowAddress, flowName } from "./identifiers.ts";
import { postCancel, postCancelByKey } from "./routes.ts";

/** A cancel is worth this long: the caller is gone, only `close()` waits for it. */
const CANCEL_TIMEOUT_MS = 5_000;

export interface CancelTarget {
  readonly flow: FlowAddress;
  readonly idempotencyKey: string;
  /** The run's id, if it is known by then. */
  readonly executionId: () => string | undefined;
  /** The call's own: what a session answers is not to be cancelled elsewhere. Default: the client's. */
  readonly fetch?: Fetch | undefined;
}

/** Cancels the run when the caller aborts the call: the server cannot tell an abort from a cut cable, and keeps the run going. Best effort. */
export function cancelOnAbort(context: ClientContext, scope: CallScope, target: CancelTarget): void {
  const onAbort = (): void => {
    const { reason } = scope.signal;
    if (reason instanceof AbortError && reason.code === "ABORTED") context.inBackground(cancelRun(context, target));
  };
  scope.signal.addEventListener("abort", onAbort, { once: true });
}

/** Stops the run, by its id or by the key of the call that made it. */
export async function cancelRun(
  { transport }: ClientContext,
  { flow, idempotencyKey, executionId, fetch }: CancelTarget,
): Promise<void> {
  const id = executionId();
  const operation = `POST ${flowName(flow)}/runs/${id === undefined ? "" : `${id}/`}cancel`;
  const scope = new CallScope({ operation, signals: [], timeoutMs: CANCEL_TIMEOUT_MS, billed: "no" });
  try {
    const route = id === undefined ? postCancelByKey(flow, idempotencyKey) : postCancel({ flow, executionId: id });
    await transport.json({ scope, idempotent: true, fetch }, route);
  } finally {
    scope.close();
  }
}
