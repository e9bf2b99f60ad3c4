import type { RunEvent } from "../../events.ts";
import { type AppendOutcome, isOver, type JournalEntry, type NewRun, type RunStatus } from "../store.ts";

type AppendEntry = JournalEntry & { readonly kind: "append" };
type SeizeEntry = JournalEntry & { readonly kind: "seize" };

interface ModelRun {
  status: RunStatus;
  epoch: number;
  owner: string | null;
  readonly log: RunEvent[];
  /** What was appended, under which epoch. */
  readonly commits: string[];
}

/** What the port's documentation says, in the plainest code. */
export class Model {
  readonly runs = new Map<string, ModelRun>();
  readonly #keys = new Map<string, { readonly runId: string; readonly requestHash: string }>();

  write(entry: JournalEntry): AppendOutcome["outcome"] {
    if (entry.kind === "create") return this.#create(entry.run, entry.events);
    return entry.kind === "append" ? this.#append(entry) : this.#seize(entry);
  }

  claim(worker: string): void {
    for (const run of this.runs.values()) {
      if (run.status === "pending") Object.assign(run, { status: "running", epoch: run.epoch + 1, owner: worker });
    }
  }

  #create({ id, owner, idempotency }: NewRun, events: readonly RunEvent[]): AppendOutcome["outcome"] {
    if (this.runs.has(id)) return "written";
    if (idempotency !== null && this.#keys.has(idempotency.key)) return "duplicate";
    const epoch = owner === null ? 0 : 1;
    const status = owner === null ? "pending" : "running";
    this.runs.set(id, { status, epoch, owner, log: [...events], commits: [JSON.stringify([epoch, events])] });
    if (idempotency !== null) this.#keys.set(idempotency.key, { runId: id, requestHash: idempotency.requestHash });
    return "written";
  }

  #append({ runId, epoch, events, status, release }: AppendEntry): AppendOutcome["outcome"] {
    const run = this.runs.get(runId);
    if (run === undefined) return "refused";
    const next = release === true ? "pending" : status;
    const commit = JSON.stringify([epoch, events]);
    const isHolder = run.epoch === epoch && !isOver(run.status);
    const isNext = events.length === 0 || events[0]?.seq === run.log.length + 1;
    if (!isHolder || !isNext) {
      const isRepeated = events.length > 0 ? run.commits.includes(commit) : run.epoch === epoch && run.status === next;
      if (isRepeated) return "written";
      return isHolder ? "refused" : "staleEpoch";
    }
    run.log.push(...events);
    run.commits.push(commit);
    // Only a holder has a run running: who is none any more changes nothing by saying so.
    if (next !== undefined && next !== "running") Object.assign(run, { status: next, owner: null });
    return "written";
  }

  #seize(entry: SeizeEntry): AppendOutcome["outcome"] {
    const { runId, epoch, events, status } = entry;
    const run = this.runs.get(runId);
    const owner = status === "running" ? entry.owner : null;
    if (run === undefined || (status === "running" && owner === null)) return "refused";
    const commit = JSON.stringify([epoch + 1, events]);
    const isFree = run.epoch === epoch && (run.status === "pending" || run.status === "paused");
    const isNext = events.length === 0 || events[0]?.seq === run.log.length + 1;
    if (!isFree || !isNext) {
      const isUnderNext = run.epoch === epoch + 1;
      const isOthers = isUnderNext && run.owner !== null && run.owner !== owner;
      const isRepeated =
        events.length > 0
          ? run.commits.includes(commit) && !isOthers
          : isUnderNext && run.status === status && run.owner === owner;
      if (isRepeated) return "written";
      return isFree ? "refused" : "staleEpoch";
    }
    run.log.push(...events);
    run.commits.push(commit);
    Object.assign(run, { status, owner, epoch: epoch + 1 });
    return "written";
  }
}
