import { StoreUnavailableError } from "../errors.ts";
import { type SqliteDatabase, toStoreError } from "./sqlite-database.ts";

export type SqliteMethod = keyof SqliteDatabase;

/** Where the synchronous database runs: here, or on a thread of its own. */
export interface SqliteHost {
  call<Method extends SqliteMethod>(
    method: Method,
    ...args: Parameters<SqliteDatabase[Method]>
  ): Promise<ReturnType<SqliteDatabase[Method]>>;
  /** Ends the host after what is under way. */
  close(): Promise<void>;
}

/** What the thread is started with. */
export interface SqliteThreadOptions {
  readonly dataDir: string;
}

/** One call, as it crosses to the thread. All calls of one tick cross in one message, and their answers in one. */
export interface SqliteCall {
  readonly id: number;
  readonly method: SqliteMethod;
  readonly args: readonly unknown[];
}

/** The answer to one call; to call 0, which nobody made, it tells that the database is open, or why it is not. */
export type SqliteAnswer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly fault: Fault };

/** An error as it crosses threads, where classes do not. */
interface Fault {
  readonly isUnavailable: boolean;
  readonly message: string;
  readonly stack: string | undefined;
}

export function toFault(thrown: unknown): Fault {
  const error = toStoreError(thrown);
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return { isUnavailable: error instanceof StoreUnavailableError, message, stack };
}

export function fromFault({ isUnavailable, message, stack }: Fault): Error {
  const cause = { stack };
  return isUnavailable ? new StoreUnavailableError(message, { cause }) : new Error(message, { cause });
}
