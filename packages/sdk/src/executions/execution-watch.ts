import { type Frame, StreamDecodeError } from "@noukai/core";
import type { ExecutionStatus } from "@noukai/core/schema";
import type { ClientContext } from "../context.ts";
import { MAX_RETRIES } from "../streaming.ts";
import { type Again, ChangeFollower, type Place } from "./change-follower.ts";
import { checkId } from "./execution-call.ts";
import type { ExecutionEventsOptions } from "./execution-options.ts";
import { getExecutionEvents } from "./execution-routes.ts";
import type { ExecutionChange } from "./execution-shapes.ts";
import { toExecutionChange } from "./execution-wire.ts";

/** Statuses behind which the server's events end. */
const LAST: ReadonlySet<ExecutionStatus> = new Set(["completed", "failed", "cancelled", "deleted"]);

/** The changes of one execution, as server-sent events. */
export function events(
  context: ClientContext,
  id: string,
  { after, signal, onConnection }: ExecutionEventsOptions = {},
): AsyncGenerator<ExecutionChange, void, undefined> {
  const operation = `GET flow-executions/${checkId("execution's id", id)}/events`;
  const scope = context.openScope({ operation, signal, timeout: Infinity, billed: "no" });
  async function* connect(cursor: string | undefined, again?: Again): AsyncGenerator<readonly Place[], void> {
    const call = { scope, headers: { "last-event-id": cursor }, ...(again && { ...again, maxRetries: MAX_RETRIES }) };
    const { frames } = await context.transport.stream(call, getExecutionEvents(id));
    try {
      yield [];
      for (let batch = await frames.next(); batch; batch = await frames.next()) yield batch.flatMap(toPlace);
    } finally {
      frames.close();
    }
  }
  const isLast = ({ status }: ExecutionChange): boolean => LAST.has(status);
  const how = { connect, isPatient: true, isLast };
  return new ChangeFollower({ context, scope, executionId: id, after, onConnection, ...how }).changes();
}

/** Nothing for an event that is no change: a newer server's. */
function toPlace({ event, id: cursor, data }: Frame): readonly Place[] {
  if (event !== "status_changed") return [];
  const change = parse(data);
  if (typeof change === "object" && change !== null && "status" in change && cursor) {
    const wire = change as Parameters<typeof toExecutionChange>[1]; // its other members are the contract's
    return [{ cursor, change: toExecutionChange(cursor, wire) }];
  }
  throw decodeError("it is no change with an id");
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch (cause) {
    throw decodeError("its data is not JSON", cause);
  }
}

function decodeError(why: string, cause?: unknown): StreamDecodeError {
  const message = `An execution's event cannot be read: ${why}. Does a proxy change what passes through it?`;
  return new StreamDecodeError(message, { code: "STREAM_DECODE", ...(cause !== undefined && { cause }) });
}
