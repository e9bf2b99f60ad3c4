import { HandedOverError, RetryableError, TerminalError } from "../errors.ts";
import type { Launcher } from "./launch.ts";
import type { SandboxLimits } from "./limits.ts";
import { SandboxProcess } from "./process.ts";
import type { Answer, Question } from "./protocol.ts";
import { WaitingLine } from "./waiting-line.ts";

export interface PoolOptions {
  readonly launcher: Launcher;
  readonly limits: SandboxLimits;
  /** Processes that wait for calls or work on short ones. One run keeps one less busy, so that there is one for the next run. */
  readonly size: number;
  /** Processes beside those, each in a long call. When there are as many, long calls block short ones. */
  readonly slowSize: number;
  /** What makes a call a long one, which another process is started for. */
  readonly slowMs: number;
}

interface Call {
  readonly runId: string;
  readonly question: Question;
  readonly outcome: PromiseWithResolvers<Answer>;
  /** Processes that ended under it. */
  losses: number;
  isSettled: boolean;
}

/** A process and what it is busy with. */
interface Lane {
  readonly process: SandboxProcess;
  isReady: boolean;
  /** Its call takes long: it does not count among the `size` until that is over. */
  isSlow: boolean;
  isDemoted: boolean;
  call: Call | undefined;
  lastRunId: string | undefined;
  /** Until when it may go on with that run although others wait, by `performance.now()`. */
  turnEndsAt: number;
}

/** Once may be a bad day of the process, twice is likely to be the call. */
const maxLosses = 2;
const maxFailedStarts = 3;
/** How long a process stays with a run although others wait: turning to another one takes a module, 1 ms on a quiet machine and 4 on a busy one. */
const turnMs = 20;
/** How long a call has the priority that everybody has. */
const demoteMs = 250;

/**
 * Hands questions to processes, one at a time to each, so that ending a process ends one call. A call that takes long gives its place among the `size`
 * to another process, so that others wait for nobody who hangs; one that takes longer still loses its priority, too.
 */
export class Pool {
  readonly #options: PoolOptions;
  readonly #line = new WaitingLine<Call>();
  readonly #lanes = new Set<Lane>();
  /** Those that were killed and have not ended yet, too. */
  readonly #processes = new Set<SandboxProcess>();
  #failedStarts = 0;
  #isClosed = false;

  /** @param first a process that is ready */
  constructor(options: PoolOptions, first: SandboxProcess) {
    this.#options = options;
    this.#adopt(first).isReady = true;
  }

  /** The ids of the processes that can be asked, or work. */
  get processIds(): readonly number[] {
    return [...this.#lanes].flatMap(({ process, isReady }) =>
      isReady && process.id !== undefined ? [process.id] : [],
    );
  }

  /** Rejects with `STEP_TIMEOUT` when working on it took longer than the question's `timeoutMs`, and with what `Sandbox.run` says of processes, signals and `close`. */
  async ask(runId: string, question: Question, signal?: AbortSignal): Promise<Answer> {
    if (this.#isClosed) throw new HandedOverError();
    signal?.throwIfAborted();
    const call: Call = { runId, question, outcome: Promise.withResolvers(), losses: 0, isSettled: false };
    const onAbort = (): void => this.#drop(call, signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    this.#line.add(call);
    this.#dispatch();
    try {
      return await call.outcome.promise;
    } finally {
      call.isSettled = true;
      signal?.removeEventListener("abort", onAbort);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const calls = [...this.#line.drain(), ...[...this.#lanes].flatMap(({ call }) => call ?? [])];
    for (const call of calls) settle(call, new HandedOverError());
    for (const process of this.#processes) process.kill();
    await Promise.all([...this.#processes].map(({ ended }) => ended));
  }

  #dispatch(): void {
    for (let lane = this.#findIdle(); lane !== undefined; lane = this.#findIdle()) {
      const call = this.#nextFor(lane);
      if (call === undefined) break;
      void this.#serve(this.#findIdle(call.runId) ?? lane, call);
    }
    // With a process idle, those who wait are runs that have as many as they may.
    if (this.#findIdle() !== undefined) return;
    const starting = this.#count(({ isReady }) => !isReady);
    for (let missing = this.#line.size - starting; missing > 0 && this.#hasRoom(); missing -= 1) void this.#start();
  }

  #nextFor({ lastRunId, turnEndsAt }: Lane): Call | undefined {
    const goesOn = lastRunId !== undefined && performance.now() < turnEndsAt && this.#mayRun(lastRunId);
    const own = goesOn ? this.#line.takeOf(lastRunId) : undefined;
    return own ?? this.#line.take((runId) => this.#mayRun(runId));
  }

  #count(isMeant: (lane: Lane) => boolean): number {
    return [...this.#lanes].filter(isMeant).length;
  }

  /** One that has served the run before has its module at hand. */
  #findIdle(runId?: string): Lane | undefined {
    return [...this.#lanes].find(
      ({ isReady, call, lastRunId }) => isReady && call === undefined && (runId === undefined || lastRunId === runId),
    );
  }

  #mayRun(runId: string): boolean {
    return this.#count(({ call }) => call?.runId === runId) < Math.max(1, this.#options.size - 1);
  }

  #hasRoom(): boolean {
    return !this.#isClosed && this.#count(({ isSlow }) => !isSlow) < this.#options.size;
  }

  async #serve(lane: Lane, call: Call): Promise<void> {
    const now = performance.now();
    if (lane.lastRunId !== call.runId || now >= lane.turnEndsAt) lane.turnEndsAt = now + turnMs;
    lane.call = call;
    lane.lastRunId = call.runId;
    const { timeoutMs } = call.question;
    const timers = [
      setTimeout(() => this.#makeWay(lane), this.#options.slowMs),
      setTimeout(() => this.#demote(lane), demoteMs),
      setTimeout(() => this.#drop(call, timedOut(call.question)), timeoutMs),
    ];
    try {
      call.outcome.resolve(await lane.process.ask(call.question));
      this.#release(lane);
    } catch {
      this.#retire(lane);
      this.#lose(call);
    } finally {
      for (const timer of timers) clearTimeout(timer);
      this.#dispatch();
    }
  }

  #makeWay(lane: Lane): void {
    if (this.#count(({ isSlow }) => isSlow) >= this.#options.slowSize) return;
    lane.isSlow = true;
    // Not only when somebody waits: starting takes longer than a call may have to.
    while (this.#hasRoom()) void this.#start();
  }

  #demote(lane: Lane): void {
    lane.isDemoted = true;
    lane.process.demote();
  }

  #release(lane: Lane): void {
    lane.call = undefined;
    lane.isSlow = false;
    const idle = this.#count(({ isReady, call }) => isReady && call === undefined);
    if (lane.isDemoted || idle > this.#options.size) this.#retire(lane);
  }

  /** Ends the call, and the process that works on it. */
  #drop(call: Call, reason: unknown): void {
    settle(call, reason);
    const lane = [...this.#lanes].find((other) => other.call === call);
    if (lane === undefined) this.#line.remove(call);
    else lane.process.kill();
  }

  #lose(call: Call): void {
    if (call.isSettled || this.#isClosed) return;
    call.losses += 1;
    if (call.losses < maxLosses) this.#line.add(call, { isNext: true });
    else settle(call, new RetryableError("STEP_FAILED", "The sandbox process ended while it ran this code, twice."));
  }

  async #start(): Promise<void> {
    const lane = this.#adopt(new SandboxProcess(this.#options.launcher, this.#options.limits));
    try {
      await lane.process.ready;
      lane.isReady = true;
      this.#failedStarts = 0;
    } catch {
      this.#retire(lane);
      this.#countFailedStart();
    }
    this.#dispatch();
  }

  #adopt(process: SandboxProcess): Lane {
    const lane: Lane = {
      process,
      isReady: false,
      isSlow: false,
      isDemoted: false,
      call: undefined,
      lastRunId: undefined,
      turnEndsAt: 0,
    };
    this.#lanes.add(lane);
    this.#processes.add(process);
    void process.ended.then(() => {
      this.#processes.delete(process);
      this.#lanes.delete(lane);
    });
    return lane;
  }

  #retire(lane: Lane): void {
    this.#lanes.delete(lane);
    lane.process.kill();
  }

  /** Waiting longer would not help those who wait. */
  #countFailedStart(): void {
    this.#failedStarts += 1;
    if (this.#failedStarts < maxFailedStarts || this.#isClosed) return;
    this.#failedStarts = 0;
    const error = new RetryableError("STEP_FAILED", "No sandbox process could be started for this code.");
    for (const call of this.#line.drain()) settle(call, error);
  }
}

function settle(call: Call, reason: unknown): void {
  call.isSettled = true;
  call.outcome.reject(reason);
}

/** Not to be tried again: the same code does the same with the same input. */
function timedOut(question: Question): TerminalError {
  const code = question.kind === "run" ? `Step "${question.stepId}": its code` : "The code";
  return new TerminalError("STEP_TIMEOUT", `${code} gave no answer within ${question.timeoutMs} ms.`);
}
