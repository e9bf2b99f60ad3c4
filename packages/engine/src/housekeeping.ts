import { redactEvents, withoutPayloads } from "./capture/events.ts";
import type { Redactor } from "./capture/redactor.ts";
import type { RunEvent } from "./events.ts";
import { wholeLog } from "./run-log.ts";
import type { RunRecord, Store } from "./store/store.ts";

export interface HousekeepingOptions {
  readonly store: Store;
  readonly now: () => number;
  /** Lets time pass. */
  readonly rest: (ms: number, signal: AbortSignal) => Promise<void>;
  /** A pause that nobody answers for this long fails its run, in milliseconds. */
  readonly pauseExpiryMs: number;
  /** What hides secrets of the run under the capture mode `redacted`. */
  readonly redactorOf: (run: RunRecord) => Promise<Redactor>;
  readonly expire: (run: RunRecord) => Promise<void>;
  readonly onFault: (fault: { readonly runId?: string; readonly error: unknown }) => void;
}

/** Inputs and outputs of a finished run are kept for recovery, results and late readers this long. Source: `contract.md` §5. */
const payloadMs = 24 * 60 * 60 * 1000;

/** Time between two rounds when there is nothing to do, and runs looked at in one, in milliseconds and runs. */
const roundMs = 60_000;
const batchSize = 100;

/** Makes the runs of workers that vanished ready again, fails pauses that nobody answered, and drops the payloads of runs that are long over; one run at a time, so that writers wait for one at most. Ends when `signal` aborts. */
export async function keepHouse(options: HousekeepingOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const isBusy = await sweep(options, signal).catch((error: unknown) => {
      options.onFault({ error });
      return false;
    });
    if (!isBusy) await options.rest(roundMs, signal).catch(() => undefined);
  }
}

/** Time between two looks for workers that are gone, in milliseconds: a database may notice a killed process only after the next one began. */
const recoverEveryMs = 1_000;

/** Makes the runs of workers that are gone ready again. Ends when `signal` aborts. */
export async function keepRecovering(
  { store, rest, onFault }: Pick<HousekeepingOptions, "store" | "rest" | "onFault">,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await rest(recoverEveryMs, signal).catch(() => undefined);
    if (!signal.aborted) await store.recover().catch((error: unknown) => onFault({ error }));
  }
}

/** Time between two looks for executions that are to be cancelled, in milliseconds: whoever asked may have done so in another process, or in one that died since. */
const cancelEveryMs = 500;

/** Cancels the runs that are here of executions that somebody wants cancelled. Ends when `signal` aborts. */
export async function keepCancelling(
  {
    store,
    rest,
    onFault,
    honour,
  }: Pick<HousekeepingOptions, "store" | "rest" | "onFault"> & {
    readonly honour: (target: { readonly projectId: string; readonly runId: string }) => Promise<void>;
  },
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await rest(cancelEveryMs, signal).catch(() => undefined);
    if (signal.aborted) return;
    const wanted = await store.runsToCancel(batchSize).catch((error: unknown) => {
      onFault({ error });
      return [];
    });
    await Promise.all(
      wanted.map((target) => honour(target).catch((error: unknown) => onFault({ runId: target.runId, error }))),
    );
  }
}

/** One round. A run that cannot be dealt with keeps no other from it. True when there is more to do. */
export async function sweep(options: HousekeepingOptions, signal: AbortSignal): Promise<boolean> {
  const { store, now, pauseExpiryMs, expire } = options;
  const expired = await store.pausedBefore(now() - pauseExpiryMs, batchSize);
  const prunable = await store.prunable(now() - payloadMs, batchSize);
  const prune = async (run: RunRecord): Promise<void> =>
    store.prune(run.id, await keptEvents(run, await wholeLog(store, run.id), options.redactorOf));
  const inTurn = { onFault: options.onFault, signal };
  const done = (await eachInTurn(expired, expire, inTurn)) + (await eachInTurn(prunable, prune, inTurn));
  return done > 0 && (expired.length === batchSize || prunable.length === batchSize);
}

/** What stays of a log for good. */
async function keptEvents(
  run: RunRecord,
  log: readonly RunEvent[],
  redactorOf: HousekeepingOptions["redactorOf"],
): Promise<readonly RunEvent[]> {
  return run.capture === "redacted" ? redactEvents(log, await redactorOf(run)) : withoutPayloads(log, run.capture);
}

/** How many runs were dealt with. */
async function eachInTurn(
  runs: readonly RunRecord[],
  work: (run: RunRecord) => Promise<void>,
  { onFault, signal }: Pick<HousekeepingOptions, "onFault"> & { readonly signal: AbortSignal },
): Promise<number> {
  let done = 0;
  for (const run of runs) {
    if (signal.aborted) break;
    try {
      await work(run);
      done += 1;
    } catch (error) {
      onFault({ runId: run.id, error });
    }
  }
  return done;
}
