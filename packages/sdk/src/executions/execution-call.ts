import { type Billed, ValueError } from "@noukai/core";
import type { ClientContext } from "../context.ts";
import type { Operation } from "../middleware.ts";
import type { RequestOptions } from "../request-json.ts";
import type { Route } from "../routes.ts";
import { callThrough, sessionOf, show } from "../streaming.ts";
import { checkAnswer } from "./execution-wire.ts";

/** One request about executions. */
export interface ExecutionCall<Data> {
  /** What messages call it. */
  readonly operation: string;
  readonly route: Route<Data>;
  readonly headers?: Readonly<Record<string, string>>;
  /** May it be made twice? Default: a GET may, and anything with an `Idempotency-Key`. */
  readonly idempotent?: boolean;
  /** Can it have cost money when no answer came? Default `no`. */
  readonly billed?: Billed;
  /** Has the answer a body? Default: yes. */
  readonly isEmpty?: boolean;
}

/** Makes the request within the call's own time. */
export async function requestExecution<Data>(
  context: ClientContext,
  call: ExecutionCall<Data>,
  { timeout, signal, session }: RequestOptions,
): Promise<Data> {
  const { operation, route, headers = {}, idempotent, billed = "no", isEmpty = false } = call;
  const scope = context.openScope({ operation, timeout, signal, billed });
  try {
    const { fetch } = sessionOf({ session });
    const about = { scope, fetch, headers, ...(idempotent !== undefined && { idempotent }) };
    const { data, response } = await context.transport.json(about, route);
    if (!isEmpty) checkAnswer(data, { operation, response, billed });
    return data;
  } finally {
    scope.close();
  }
}

/** Passes an operation through the client's layers. `executionId`: the execution, or the task, that it is about. */
export function throughLayers<Options extends object, Result>(
  { middleware }: ClientContext,
  operation: { readonly name: Operation["name"]; readonly executionId?: string; readonly options: Options },
  run: (options: Options) => Promise<Result>,
): Promise<Result> {
  const options = operation.options as Options & Operation["options"]; // any object can be read by name
  return callThrough(middleware, { ...operation, flow: undefined, options }, run);
}

/** Checks an id before it goes into a path. */
export function checkId(what: string, id: string): string {
  // Dots alone would climb to another path.
  if (typeof id === "string" && !/^\.*$/.test(id)) return id;
  throw new ValueError(`The ${what} is ${show(id)}. Pass the \`id\` that it came with.`);
}
