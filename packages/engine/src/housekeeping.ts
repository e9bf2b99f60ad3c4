import { redactEvents, withoutPayloads } from "./capture/events.ts";
import type { Redactor } from "./capture/redactor.ts";
import type { RunEvent } from "./events.ts";
import { wholeLog } from "./run-log.ts";
import type { Nodes, RunRecord, Store } from "./store/store.ts";

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

/**
 * Fails pauses that nobody answered, and drops the payloads of runs that are long over; one run at a time, so that writers wait for one at most.
 * Of several processes one does it. Ends when `signal` aborts.
 */
export async function keepHouse(options: HousekeepingOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const isOurs = options.store.nodes?.isFirst() ?? true;
    const isBusy =
      isOurs &&
      (await sweep(options, signal).catch((error: unknown) => {
        options.onFault({ error });
        return false;
      }));
    if (!isBusy) await options.rest(roundMs, signal).catch(() => undefined);
  }
}

/** Makes the runs of processes that are gone ready again, whenever it is this one's turn to look. Ends when `signal` aborts, and at once where there are no others. */
export async function keepRecovering(
  {
    store,
    rest,
    onFault,
  }: Pick<HousekeepingOptions, "rest" | "onFault"> & {
    readonly store: Pick<Store, "recover"> & { readonly nodes?: Pick<Nodes, "nextLookMs"> };
  },
  signal: AbortSignal,
): Promise<void> {
  const { nodes } = store;
  if (nodes === undefined) return;
  let pauseMs = nodes.nextLookMs();
  while (!signal.aborted) {
    await rest(pauseMs, signal).catch(() => undefined);
    if (signal.aborted) return;
    pauseMs = await store.recover().then(nodes.nextLookMs, (error: unknown) => {
      onFault({ error });
      return failedLookMs;
    });
  }
}

/** Pause after a look that failed, in milliseconds. */
const failedLookMs = 1_000;

/** Time between two looks for runs that are to be cancelled that nobody told of, in milliseconds: whoever asked may have died since. */
const cancelEveryMs = 500;

type Target = Awaited<ReturnType<Store["runsToCancel"]>>[number];

/** Cancels the runs that are here, or nobody's, of those that somebody wants cancelled. Ends when `signal` aborts. */
export async function keepCancelling(
  {
    store,
    rest,
    onFault,
    honour,
  }: Pick<HousekeepingOptions, "store" | "rest" | "onFault"> & { readonly honour: (target: Target) => Promise<void> },
  signal: AbortSignal,
): Promise<void> {
  const underWay = new Set<string>();
  const begin = async (target: Target): Promise<void> => {
    if (underWay.has(target.runId)) return;
    underWay.add(target.runId);
    await honour(target).catch((error: unknown) => onFault({ runId: target.runId, error }));
    underWay.delete(target.runId);
  };
  while (!signal.aborted) {
    const over = new AbortController();
    const until = AbortSignal.any([signal, over.signal]);
    // Ask to be told before reading, so that a wish between the two is not slept through.
    const asked = store.nodes?.cancelRequested(until);
    const pause = rest(cancelEveryMs, until).catch(() => undefined);
    const wanted = await store.runsToCancel(batchSize).catch((error: unknown) => {
      onFault({ error });
      return undefined;
    });
    // A run that takes its time to end keeps no other waiting.
    for (const target of wanted ?? []) void begin(target);
    // A store that could not answer is not asked again at once, whatever it hints at.
    await (wanted === undefined || asked === undefined ? pause : Promise.race([pause, asked]));
    over.abort();
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
