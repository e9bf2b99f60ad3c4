import { StoreUnavailableError } from "../../errors.ts";

type Method = (...args: readonly never[]) => Promise<unknown>;

/** Lets calls through until it is closed, and knows when the last one is through. */
export interface Gate {
  /** The same methods, through the gate. */
  guard<Methods extends Readonly<Record<keyof Methods, Method>>>(methods: Methods): Methods;
  /** Refuses further calls; resolves when those let through before have ended. */
  close(): Promise<void>;
}

export function createGate(): Gate {
  const underWay = new Set<Promise<unknown>>();
  let isClosed = false;

  const guardOne =
    (method: Method): Method =>
    async (...args) => {
      if (isClosed) throw new StoreUnavailableError("The store is closed.");
      const result = method(...args);
      underWay.add(result);
      try {
        return await result;
      } finally {
        underWay.delete(result);
      }
    };

  return {
    guard: (methods) =>
      Object.fromEntries(
        Object.entries<Method>(methods).map(([name, method]) => [name, guardOne(method)]),
      ) as typeof methods, // as: each method under its own name, with its own arguments and result
    close: async () => {
      isClosed = true;
      await Promise.allSettled(underWay);
    },
  };
}
