import type { Backlog } from "./port/backlog.ts";
import type { CatalogStore } from "./port/catalog.ts";
import type { CreditStore } from "./port/credit.ts";
import type { DeliveryStore } from "./port/delivery.ts";
import type { ExecutionStore } from "./port/execution.ts";
import type { HandOutStore } from "./port/hand-out.ts";
import type { LogStore } from "./port/journal.ts";
import type { KeyStore } from "./port/key.ts";
import type { Nodes } from "./port/nodes.ts";
import type { PartialStore } from "./port/partials.ts";
import type { RunStore } from "./port/run.ts";

// The whole port through one door.
export * from "./port/backlog.ts";
export * from "./port/catalog.ts";
export * from "./port/credit.ts";
export * from "./port/delivery.ts";
export * from "./port/execution.ts";
export * from "./port/hand-out.ts";
export * from "./port/journal.ts";
export * from "./port/key.ts";
export * from "./port/nodes.ts";
export * from "./port/partials.ts";
export * from "./port/run.ts";

/**
 * A port: where runs, logs, flows and keys live. All methods are safe to call again after a lost answer.
 * Every promise may reject with `StoreUnavailableError`; then nothing is known about whether the write happened.
 */
export interface Store
  extends LogStore, RunStore, ExecutionStore, HandOutStore, DeliveryStore, CatalogStore, KeyStore, CreditStore {
  /** Absent where no other process can read this store. */
  readonly partials?: PartialStore;
  /** Absent where no other process can work on this store. */
  readonly nodes?: Nodes;

  /** Cheap, however much is stored; for figures, which are a moment old. */
  backlog(): Promise<Backlog>;
  /** Can the store take a write now? Rejects when it cannot. */
  ping(): Promise<void>;
  /** Waits for what is under way, wakes whoever waits for a change, and lets go of files, locks and connections. Idempotent. */
  close(): Promise<void>;
}
