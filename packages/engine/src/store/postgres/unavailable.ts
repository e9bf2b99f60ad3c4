import { DatabaseError } from "pg";
import { StoreUnavailableError } from "../../errors.ts";

/** SQLSTATEs, or the classes they begin with, of a server that cannot serve now; every other one is a fault of our own. Source: postgresql.org/docs/current/errcodes-appendix.html */
const reasons: ReadonlyMap<string, string> = new Map([
  ["08", "the connection failed"],
  ["25006", "it is read-only, as a standby is"],
  ["25P03", "it ended a transaction that was idle"],
  ["28", "it refused the user name or the password"],
  ["3D000", "the database does not exist"],
  ["40", "two transactions collided"],
  ["53100", "its disk is full"],
  ["53300", "it has no connection left"],
  ["53", "it is out of resources"],
  ["55P03", "a lock was not to be had"],
  ["57014", "it cancelled the statement"],
  ["57P", "it is starting or stopping"],
  ["58", "its disk failed"],
  ["XX", "it failed within itself"],
]);

/** SQLSTATE unique_violation. */
const uniqueViolated = "23505";

/** Another process wrote the same rows at the same moment: the same work, begun again, sees them. */
export class WrittenMeanwhileError extends StoreUnavailableError {
  constructor(cause?: unknown) {
    super("PostgreSQL cannot serve: another process wrote the same rows meanwhile.", { cause });
  }
}

/** The error as callers of the store may know it: `StoreUnavailableError` when PostgreSQL could not serve or be reached, else itself. */
export function toStoreError(error: unknown): unknown {
  if (error instanceof StoreUnavailableError || !(error instanceof Error)) return error;
  if (error instanceof DatabaseError && error.code === uniqueViolated) return new WrittenMeanwhileError(error);
  const reason = error instanceof DatabaseError ? reasonOf(error.code ?? "") : connectionReason(error);
  return reason === undefined ? error : unavailable(reason, error);
}

/** `reason` completes "PostgreSQL cannot serve: …". */
export function unavailable(reason: string, cause?: unknown): StoreUnavailableError {
  return new StoreUnavailableError(`PostgreSQL cannot serve: ${reason}.`, { cause });
}

function reasonOf(code: string): string | undefined {
  return reasons.get(code) ?? reasons.get(code.slice(0, 3)) ?? reasons.get(code.slice(0, 2));
}

/** What `pg` throws besides the server's own errors is about the connection, but for what JavaScript throws at a fault of ours. */
function connectionReason(error: Error): string | undefined {
  if (error instanceof TypeError || error instanceof RangeError) return undefined;
  return "code" in error && typeof error.code === "string"
    ? `it cannot be reached (${error.code})`
    : "the connection was lost, or none was to be had";
}
