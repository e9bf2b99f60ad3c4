import { ReplayLeftoverError, ReplayMissError } from "@noukai/core";
import type { SessionExecution, SessionRecording } from "@noukai/core/schema";

/** A call that begins a run, as far as recordings are found by it. */
export interface RecordedCall {
  /** The flow's bare slug. */
  readonly slug: string;
  readonly trigger: "execute" | "step";
  /** Calls with the same key are the same call. */
  readonly idempotencyKey: string | null;
}

/** The runs of one session, handed out in the order in which they were recorded. */
export class Recordings {
  readonly recording: SessionRecording;
  readonly #taken = new Set<SessionExecution>();
  readonly #byKey = new Map<string, SessionExecution>();
  /** What the slugs of flows were whose recordings do not tell it any more. */
  readonly #flowIdBySlug = new Map<string, string>();

  constructor(recording: SessionRecording) {
    this.recording = recording;
  }

  /** The recording of the next call of this slug and trigger. Throws `ReplayMissError` when there is none, or no more. */
  take({ slug, trigger, idempotencyKey }: RecordedCall): SessionExecution {
    const repeated = this.#byKey.get(idempotencyKey ?? "");
    if (repeated) return repeated;
    const recorded = this.#of(slug, trigger);
    const next = recorded.find((execution) => !this.#taken.has(execution));
    if (!next) throw this.#missError(slug, trigger, recorded.length);
    if (idempotencyKey !== null) this.#byKey.set(idempotencyKey, next);
    return this.#take(next);
  }

  /** The run that a later call goes on with; it counts as asked for. */
  resume(executionId: string): SessionExecution {
    return this.#take(this.find(executionId));
  }

  /** The run with this id, for what only looks at it. */
  find(executionId: string): SessionExecution {
    const found = this.recording.executions.find((execution) => execution.executionId === executionId);
    if (found) return found;
    throw new ReplayMissError(
      `Nothing can be told in this replay of the run ${executionId}: it is not part of the session ${this.recording.sessionId}.`,
      { code: "REPLAY_MISS", executionId },
    );
  }

  /** Is there a run with this id? */
  readonly has = (executionId: unknown): boolean =>
    this.recording.executions.some((execution) => execution.executionId === executionId);

  /** The run that a call with this key took. */
  byKey(idempotencyKey: unknown): SessionExecution | undefined {
    return this.#byKey.get(String(idempotencyKey));
  }

  assertDrained(): void {
    const left = this.recording.executions.filter((execution) => !this.#taken.has(execution));
    if (left.length === 0) return;
    const names = left.map(({ slug, flowId, triggerType }) => `${slug ?? flowId ?? "a flow"} (${triggerType})`);
    throw new ReplayLeftoverError(
      `The session ${this.recording.sessionId} has ${left.length} unconsumed recordings at the end of its replay: ${names.join(", ")}. The program makes fewer calls than when it was recorded.`,
      { code: "REPLAY_LEFTOVER" },
    );
  }

  #take(execution: SessionExecution): SessionExecution {
    this.#taken.add(execution);
    return execution;
  }

  #of(slug: string, trigger: string): readonly SessionExecution[] {
    const flowId = this.#goneFlowId(slug);
    return this.recording.executions.filter(
      (execution) =>
        execution.triggerType === trigger && (execution.slug ? execution.slug === slug : execution.flowId === flowId),
    );
  }

  /**
   * A flow that was deleted since has an id and no slug. A call can name it by its id; else a slug that nothing was recorded under is that
   * of the one flow without a slug, when there is only one left that it can be.
   */
  #goneFlowId(slug: string): string | undefined {
    const { executions } = this.recording;
    const gone = new Set(executions.flatMap(({ slug: known, flowId }) => (known || !flowId ? [] : [flowId])));
    if (gone.has(slug)) return slug;
    if (executions.some((execution) => execution.slug === slug)) return undefined;
    const bound = this.#flowIdBySlug.get(slug);
    const free = [...gone].filter((flowId) => ![...this.#flowIdBySlug.values()].includes(flowId));
    const flowId = bound ?? (free.length === 1 ? free[0] : undefined);
    if (flowId !== undefined) this.#flowIdBySlug.set(slug, flowId);
    return flowId;
  }

  #missError(slug: string, trigger: string, recorded: number): ReplayMissError {
    const { sessionId, executions } = this.recording;
    const gone = executions.filter((execution) => !execution.slug).length;
    const hint = gone > 0 ? ` ${gone} of its recordings are of deleted flows: name such a flow by its id.` : "";
    return new ReplayMissError(
      `The replay has nothing for call ${recorded + 1} of "${slug}" by ${trigger}: the session ${sessionId} holds ${recorded} such recordings, of ${executions.length} in all. The program has changed since, or its recording is not whole.${hint}`,
      { code: "REPLAY_MISS" },
    );
  }
}
