/** Calls that wait for a process: first come, first served within a run, and the runs in turn, so that a loop over ten thousand items delays nobody else. */
export class WaitingLine<Call extends { readonly runId: string }> {
  readonly #runs = new Map<string, Call[]>();

  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** A call that was taken and could not be served keeps its place with `isNext`. */
  add(call: Call, { isNext = false }: { readonly isNext?: boolean } = {}): void {
    this.#size += 1;
    const calls = this.#runs.get(call.runId);
    if (calls === undefined) this.#runs.set(call.runId, [call]);
    else if (isNext) calls.unshift(call);
    else calls.push(call);
  }

  /** The next call of the run whose turn it is, passing over those that `mayRun` refuses. */
  take(mayRun: (runId: string) => boolean): Call | undefined {
    for (const [runId, calls] of this.#runs) {
      if (!mayRun(runId)) continue;
      const call = calls.shift();
      this.#size -= 1;
      this.#runs.delete(runId);
      if (calls.length > 0) this.#runs.set(runId, calls);
      return call;
    }
    return undefined;
  }

  /** The next call of this run, whose turn it may not be; the turns of the others stay as they are. */
  takeOf(runId: string): Call | undefined {
    const calls = this.#runs.get(runId);
    const call = calls?.shift();
    if (call !== undefined) this.#size -= 1;
    if (calls?.length === 0) this.#runs.delete(runId);
    return call;
  }

  /** Takes the call out, wherever it stands. */
  remove(call: Call): void {
    const before = this.#runs.get(call.runId) ?? [];
    const calls = before.filter((other) => other !== call);
    this.#size -= before.length - calls.length;
    if (calls.length > 0) this.#runs.set(call.runId, calls);
    else this.#runs.delete(call.runId);
  }

  /** Takes all out. */
  drain(): readonly Call[] {
    const calls = [...this.#runs.values()].flat();
    this.#runs.clear();
    this.#size = 0;
    return calls;
  }
}
