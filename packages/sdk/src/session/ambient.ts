import type { Session } from "./session.ts";

/** What remembers, across `await`, which session is around a piece of code: an `AsyncLocalStorage`. */
interface AsyncContext {
  getStore(): Session | undefined;
  run<Result>(session: Session | undefined, fn: () => Result): Result;
}

interface Runtime {
  readonly process?: {
    getBuiltinModule?(name: string): { readonly AsyncLocalStorage?: new () => AsyncContext } | undefined;
  };
  /** Edge runtimes have it here. */
  readonly AsyncLocalStorage?: new () => AsyncContext;
}

/** One context for the whole program, also where it holds two bundled copies of this package: a scope opened by one holds for the other. */
const CONTEXT: unique symbol = Symbol.for("noukai.session.context");
const holder = globalThis as { [CONTEXT]?: AsyncContext }; // any object may have more members

/** The session around the caller's code. Costs a look-up; the context itself is made by the first scope. */
export function ambientSession(): Session | undefined {
  return holder[CONTEXT]?.getStore();
}

/** Runs `fn` with the session around it, or with none; where no scope was ever opened, or there is no async context, just runs it. */
export function runInSession<Result>(session: Session | undefined, fn: () => Result): Result {
  const context = holder[CONTEXT];
  return context ? context.run(session, fn) : fn();
}

/** Begins a call in the session, and in its turn where that matters. */
export function beginInSession<Result>(session: Session | undefined, begin: () => Promise<Result>): Promise<Result> {
  return session?._inTurn?.(begin) ?? runInSession(session, begin);
}

/**
 * Makes the context where the runtime has one: Node, Deno, Bun and most edge runtimes can tell by themselves which session a call belongs to.
 * `false` elsewhere, as in browsers.
 */
export function openAsyncContext(): boolean {
  const Storage = holder[CONTEXT] ? undefined : findAsyncLocalStorage();
  if (Storage) holder[CONTEXT] = new Storage();
  return holder[CONTEXT] !== undefined;
}

/** Looked up, not imported: a bundle for browsers must name no module of Node's. */
function findAsyncLocalStorage(): (new () => AsyncContext) | undefined {
  const runtime = globalThis as Runtime; // which of the two exists depends on the runtime
  return runtime.process?.getBuiltinModule?.("node:async_hooks")?.AsyncLocalStorage ?? runtime.AsyncLocalStorage;
}
