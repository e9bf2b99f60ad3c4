import type { RunEventBody } from "./events.ts";
import type { TextOwner } from "./live.ts";
import { payloadLength } from "./payloads.ts";
import type { RunStatus } from "./store/store.ts";

/** What the interpreter may do to the run's log. One call at a time: each resolves before the next is made. */
export interface RunLog {
  /** Resolves when the events are durable; a step begins only then. */
  append(events: readonly RunEventBody[], status?: RunStatus): Promise<void>;
  /** The same, and leaves the run to whoever takes it next. */
  release(events: readonly RunEventBody[]): Promise<void>;
  delta(owner: TextOwner, text: string): void;
}

/** Characters of payload in one entry, but for a single event: as much as one flush of the journal takes, so that others get their turn. */
const maxEntryLength = 8 * 1024 * 1024;

/**
 * One run's way to its log, for steps that follow each other and for steps side by side. What is told goes out with the next write, so that
 * a completion and the opening of what follows it are one entry; writes that come while one is under way go out together when it returns.
 */
export class LogWriter {
  readonly #log: RunLog;
  #told: RunEventBody[] = [];
  /** Characters of payload in what was told. */
  #toldLength = 0;
  /** The write under way, and the one that waits for it. */
  #current: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  #logged: number;

  /** `logged`: characters of payload that the log has by now. */
  constructor(log: RunLog, logged = 0) {
    this.#log = log;
    this.#logged = logged;
  }

  /** Characters of payload in the log and on their way to it. */
  get logged(): number {
    return this.#logged + this.#toldLength;
  }

  /** Takes facts in for the next write. */
  tell(...facts: readonly RunEventBody[]): void {
    this.#told.push(...facts);
    for (const fact of facts) this.#toldLength += payloadLength(fact);
  }

  /** Resolves when `facts`, and all that was told before them, are durable. */
  append(...facts: readonly RunEventBody[]): Promise<void> {
    this.tell(...facts);
    if (this.#told.length === 0 && this.#next === undefined) return this.#current;
    this.#next ??= this.#writeNext();
    return this.#next;
  }

  /** Appends the run's last facts here and moves it to `status`. */
  async end(facts: readonly RunEventBody[], status: RunStatus): Promise<void> {
    await this.#settled();
    this.tell(...facts);
    const { facts: all, isLong } = this.#take();
    await this.#log.append(isLong ? await this.#writeAhead(all) : all, status);
  }

  /** Appends what was told and leaves the run to whoever takes it next. */
  async release(): Promise<void> {
    await this.#settled();
    const { facts, isLong } = this.#take();
    await this.#log.release(isLong ? await this.#writeAhead(facts) : facts);
  }

  /** Writes what was told; resolves when nothing waits any more. */
  async flush(): Promise<void> {
    await this.append();
  }

  async #writeNext(): Promise<void> {
    const before = this.#current;
    await before;
    this.#current = this.#next ?? before;
    this.#next = undefined;
    const { facts, isLong } = this.#take();
    await this.#log.append(isLong ? await this.#writeAhead(facts) : facts);
  }

  /** Writes as much as lets the rest go into one entry; gives the rest. */
  async #writeAhead(facts: readonly RunEventBody[]): Promise<readonly RunEventBody[]> {
    let first = 0;
    let length = 0;
    for (const [index, fact] of facts.entries()) {
      const more = payloadLength(fact);
      if (length > 0 && length + more > maxEntryLength) {
        await this.#log.append(facts.slice(first, index));
        first = index;
        length = 0;
      }
      length += more;
    }
    return facts.slice(first);
  }

  #settled(): Promise<void> {
    return this.#next ?? this.#current;
  }

  /** What was told; `isLong` when it is more than goes into one entry. */
  #take(): { readonly facts: readonly RunEventBody[]; readonly isLong: boolean } {
    const facts = this.#told;
    const isLong = facts.length > 1 && this.#toldLength > maxEntryLength;
    this.#told = [];
    this.#logged += this.#toldLength;
    this.#toldLength = 0;
    return { facts, isLong };
  }
}
