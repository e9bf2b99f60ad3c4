import { change, guarded, type RelayStore } from "./store.ts";

/** As long as a pause can be answered (contract §5): nothing of a run is of use for longer. */
const KEPT_MS = 30 * 24 * 60 * 60 * 1000;

/** What is remembered of a run. */
export interface OwnedRun {
  readonly user: string;
  /** The names of its parameters that the caller is not to see. */
  readonly hidden: readonly string[];
}

/** Remembers whose run it is, from the first answer that names it on. The first to say so is right: gives what holds. */
export function remember(store: RelayStore, executionId: string, run: OwnedRun): Promise<OwnedRun> {
  return change(
    store,
    keyOf(executionId),
    (value) =>
      value === undefined
        ? { result: run, write: { value: JSON.stringify(run), expiresInMs: KEPT_MS } }
        : { result: JSON.parse(value) as OwnedRun }, // we wrote it
  );
}

/** What is known of the run, when it is this user's; another's is as one that does not exist. */
export async function ownedBy(store: RelayStore, executionId: string, user: string): Promise<OwnedRun | undefined> {
  const held = await guarded(store.get(keyOf(executionId)));
  const run = held && (JSON.parse(held.value) as OwnedRun); // we wrote it
  return run?.user === user ? run : undefined;
}

function keyOf(executionId: string): string {
  return `run:${executionId}`;
}
