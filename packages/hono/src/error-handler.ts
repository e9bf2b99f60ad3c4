import type { Context, ErrorHandler } from "hono";
import { refusalOfError } from "./refusal.ts";

/**
 * For `app.onError`: a flow's failure as the status that says whose fault it is, with its code as plain `detail`: 429 with `Retry-After`, 422
 * for a run that failed, 502 and 504 for a server that is not there or refuses our key. Messages, keys and bodies stay here. Other errors go
 * to `otherwise`; by default they are answered as Hono does.
 *
 * ```ts
 * app.onError(onFlowError());
 * ```
 */
export function onFlowError(otherwise: ErrorHandler = asHonoDoes): ErrorHandler {
  return (error, c) => refusalOfError(error)?.toResponse() ?? otherwise(error, c);
}

/** Hono's own handler, which it does not export: an `HTTPException` answers for itself, anything else is logged. */
function asHonoDoes(error: Parameters<ErrorHandler>[0], c: Context): Response {
  if ("getResponse" in error) return error.getResponse();
  console.error(error);
  return c.text("Internal Server Error", 500);
}
