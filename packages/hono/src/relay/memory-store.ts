import type { PutOptions, RelayStore, StoredValue } from "./store.ts";

const MAX_ENTRIES = 100_000;

/** How much is remembered, and by which clock. */
export interface MemoryStoreOptions {
  /** Above that, what was written longest ago is forgotten. Default 100 000. */
  readonly maxEntries?: number | undefined;
  /** Milliseconds since 1970. Default: the machine's clock. */
  readonly now?: (() => number) | undefined;
}

/** A store for a relay that is one process. It forgets everything when that ends: runs go on, but their callers no longer find them. */
export function memoryStore({ maxEntries = MAX_ENTRIES, now = Date.now }: MemoryStoreOptions = {}): RelayStore {
  /** In the order in which they were written. */
  const entries = new Map<string, StoredValue & { readonly expiresAt: number }>();
  let writes = 0;
  const read = (key: string): StoredValue | undefined => {
    const entry = entries.get(key);
    if (entry && entry.expiresAt > now()) return entry;
    entries.delete(key);
    return undefined;
  };
  const write = (key: string, value: string, { version, expiresInMs }: PutOptions): boolean => {
    if (read(key)?.version !== version) return false;
    entries.delete(key); // so that it comes last again
    entries.set(key, { value, version: String(++writes), expiresAt: now() + expiresInMs });
    const [oldest] = entries.keys();
    if (entries.size > maxEntries && oldest !== undefined) entries.delete(oldest);
    return true;
  };
  return { get: async (key) => read(key), put: async (key, value, options) => write(key, value, options) };
}
