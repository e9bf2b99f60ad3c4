import { APIConnectionError, type CallScope, NoukaiError, ValueError } from "@noukai/core";
import { show } from "../streaming.ts";
import type { ClientContext } from "../context.ts";
import { jobOperation, type JobTarget, pollJob } from "./job-poll.ts";
import { type JobProgress, noProgress, progressAfter, progressPolled } from "./job-progress.ts";
import { isFinal, type JobStatus } from "./job-status.ts";
import { openLiveTrace } from "../live-trace.ts";

const DEFAULT_TIMEOUT_MS = 300_000;
const DEFAULT_POLL_INTERVAL_MS = 2_000;
/** The longest delay that timers take; a longer one would be over at once, again and again. */
const MAX_POLL_INTERVAL_MS = 2 ** 31 - 1;

/** Options of `job.wait`. */
export interface JobWaitOptions {
  /** Milliseconds to wait at most; `Infinity` for no limit. Default 300 000. The job goes on. */
  readonly timeout?: number | undefined;
  /** Milliseconds between two questions, where the run cannot be watched. Default 2 000. */
  readonly pollInterval?: number | undefined;
  /** Ends the waiting, not the job. */
  readonly signal?: AbortSignal | undefined;
  /** Told whenever the job has got further. What it throws ends the waiting. */
  readonly onProgress?: ((progress: JobProgress) => void) | undefined;
}

/** Waits until the job is over. */
export async function waitForJob(
  context: ClientContext,
  target: JobTarget,
  options: JobWaitOptions,
): Promise<JobStatus> {
  const { timeout = DEFAULT_TIMEOUT_MS, pollInterval = DEFAULT_POLL_INTERVAL_MS, signal, onProgress } = options;
  checkPollInterval(pollInterval);
  const scope = context.openScope({ operation: jobOperation(target), timeout, signal, billed: "possibly" });
  scope.noteRun(target.executionId);
  const wait = new JobWait(context, target, { scope, onProgress });
  try {
    await wait.watch();
    // The status is what is asked for even when the end was seen: only it has the result as jobs tell it.
    return await wait.poll(pollInterval);
  } finally {
    scope.close();
  }
}

function checkPollInterval(pollInterval: unknown): void {
  if (typeof pollInterval === "number" && pollInterval >= 0 && pollInterval <= MAX_POLL_INTERVAL_MS) return;
  throw new ValueError(
    `\`pollInterval\` is ${show(pollInterval)}. Give milliseconds from 0 to ${MAX_POLL_INTERVAL_MS}.`,
  );
}

interface WaitContext {
  readonly scope: CallScope;
  readonly onProgress: JobWaitOptions["onProgress"];
}

/** One wait for one job. */
class JobWait {
  readonly #context: ClientContext;
  readonly #target: JobTarget;
  readonly #scope: CallScope;
  readonly #onProgress: JobWaitOptions["onProgress"];
  #progress: JobProgress;

  constructor(context: ClientContext, target: JobTarget, { scope, onProgress }: WaitContext) {
    this.#context = context;
    this.#target = target;
    this.#scope = scope;
    this.#onProgress = onProgress;
    this.#progress = noProgress(target.executionId);
  }

  /** Follows the run to its end, or until it turns out that it cannot be followed. */
  async watch(): Promise<void> {
    const { address: flow, executionId } = this.#target;
    const source = openLiveTrace(
      { context: this.#context, address: { flow, executionId } },
      { signal: this.#scope.signal },
    );
    try {
      // A server or relay that does not offer it, a key that may not, a connection that breaks too often: all of them can be polled.
      const next = () => source.next().catch(() => this.#scope.signal.throwIfAborted());
      for (let events = await next(); events; events = await next()) {
        for (const event of events) this.#tell(progressAfter(this.#progress, event));
      }
    } finally {
      source.close();
    }
  }

  async poll(intervalMs: number): Promise<JobStatus> {
    for (;;) {
      const status = await this.#pollOnce();
      if (status && status.state !== this.#progress.state) this.#tell(progressPolled(this.#progress, status));
      if (status && isFinal(status)) return status;
      await this.#context.transport.clock.sleep(intervalMs, this.#scope.signal);
    }
  }

  /** `undefined` when there was no answer and the next try may have one. */
  async #pollOnce(): Promise<JobStatus | undefined> {
    try {
      return await pollJob(this.#context, this.#target, { scope: this.#scope });
    } catch (error) {
      this.#scope.signal.throwIfAborted();
      const isPassing = error instanceof NoukaiError && (error.retryable || error instanceof APIConnectionError);
      if (isPassing) return undefined;
      throw error;
    }
  }

  #tell(progress: JobProgress | undefined): void {
    if (!progress) return;
    this.#progress = progress;
    this.#onProgress?.(progress);
  }
}
