import type { Accepted, FaultRecord, KeyUse, Reading, Told } from "./history.ts";

/** What callers and faults saw and did, noted as it happened. */
export class Recorder {
  readonly accepted: Accepted[] = [];
  readonly told: Told[] = [];
  readonly keys: KeyUse[] = [];
  readonly readings: Reading[] = [];
  readonly webhooksWanted: string[] = [];
  readonly faults: FaultRecord[] = [];
  /** Calls that nobody answered in their time: of those nothing is known. */
  unanswered = 0;
  /** Works that ended, by kind. */
  readonly done = new Map<string, number>();

  accept(executionId: string, kind: string, key?: string): void {
    this.accepted.push({ executionId, kind });
    if (key !== undefined) this.keys.push({ key, executionId });
  }

  count(kind: string): void {
    this.done.set(kind, (this.done.get(kind) ?? 0) + 1);
  }
}
