import { Worker } from "node:worker_threads";
import { StoreUnavailableError } from "../errors.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";
import {
  fromFault,
  toFault,
  type SqliteAnswer,
  type SqliteCall,
  type SqliteHost,
  type SqliteMethod,
  type SqliteThreadOptions,
} from "./sqlite-rpc.ts";

interface PendingCall {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Works from source, where Node strips the types, and from the build. */
const workerUrl = new URL(
  import.meta.url.endsWith(".ts") ? "./sqlite-worker.ts" : "./sqlite-worker.js",
  import.meta.url,
);

/** Starts the thread and waits until its database is open. Rejects with `StoreUnavailableError` when it cannot be opened. */
export async function startSqliteThread(options: SqliteThreadOptions): Promise<SqliteHost> {
  // Node 24 calls its SQLite experimental on every start, which is nothing that the person at the terminal can act on.
  const worker = new Worker(workerUrl, { workerData: options, execArgv: ["--disable-warning=ExperimentalWarning"] });
  const thread = new SqliteThread(worker);
  try {
    await thread.opened;
    return thread;
  } catch (error) {
    await worker.terminate();
    throw error;
  }
}

/** The near side of the thread. Once the thread has ended, for whatever reason, every call rejects with `StoreUnavailableError`. */
export class SqliteThread implements SqliteHost {
  readonly opened: Promise<unknown>;
  readonly #worker: Worker;
  readonly #exited: Promise<void>;
  readonly #pending = new Map<number, PendingCall>();
  #outbox: SqliteCall[] = [];
  #lastId = 0;
  #end: StoreUnavailableError | undefined;

  constructor(worker: Worker) {
    this.#worker = worker;
    this.opened = this.#expect(0);
    this.#exited = new Promise((resolve) => worker.once("exit", () => resolve()));
    worker.on("message", (answers: readonly SqliteAnswer[]) => this.#settle(answers));
    worker.on("error", (cause) => this.#fail(new StoreUnavailableError("The database thread broke down.", { cause })));
    worker.on("exit", () => this.#fail(new StoreUnavailableError("The database thread ended.")));
  }

  call<Method extends SqliteMethod>(
    method: Method,
    ...args: Parameters<SqliteDatabase[Method]>
  ): Promise<ReturnType<SqliteDatabase[Method]>> {
    if (this.#end !== undefined) return Promise.reject(this.#end);
    if (this.#outbox.length === 0) queueMicrotask(() => this.#post());
    const id = ++this.#lastId;
    this.#outbox.push({ id, method, args });
    return this.#expect(id) as Promise<ReturnType<SqliteDatabase[Method]>>; // as: the thread answers with what the method of that name returned
  }

  /** Calls made before this are answered; later ones reject. */
  async close(): Promise<void> {
    if (this.#end !== undefined) return this.#exited;
    const closed = this.call("close");
    this.#end = new StoreUnavailableError("The store is closed.");
    try {
      await closed;
    } finally {
      await this.#worker.terminate();
    }
  }

  #expect(id: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
    });
  }

  #post(): void {
    const calls = this.#outbox;
    this.#outbox = [];
    try {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      this.#worker.postMessage(calls);
    } catch (cause) {
      // An argument that cannot be cloned, past all types: nobody else would catch it here.
      this.#settle(calls.map(({ id }) => ({ id, fault: toFault(cause) })));
    }
  }

  #settle(answers: readonly SqliteAnswer[]): void {
    for (const answer of answers) {
      const call = this.#pending.get(answer.id);
      this.#pending.delete(answer.id);
      if ("fault" in answer) call?.reject(fromFault(answer.fault));
      else call?.resolve(answer.value);
    }
  }

  #fail(error: StoreUnavailableError): void {
    this.#end ??= error;
    for (const call of this.#pending.values()) call.reject(error);
    this.#pending.clear();
  }
}
