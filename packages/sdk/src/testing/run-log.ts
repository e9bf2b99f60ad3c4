import type { SseEventDataByName, SseEventName } from "@noukai/core/schema";
import { WakeUps } from "./wake-ups.ts";

/** One thing that a run told. Logged ones have a `seq`. */
export interface LogItem<Name extends SseEventName = SseEventName> {
  readonly seq: number | undefined;
  readonly name: Name;
  readonly data: SseEventDataByName[Name];
}

/** The item, when it is of this name. */
export function itemOf<Name extends SseEventName>(item: LogItem | undefined, name: Name): LogItem<Name> | undefined {
  return item?.name === name ? (item as LogItem<Name>) : undefined; // its name has just been compared
}

const TERMINAL: ReadonlySet<SseEventName> = new Set(["flow_completed", "step_error"]);
const ENDS_CALL: ReadonlySet<SseEventName> = new Set([...TERMINAL, "step_paused", "step_paused_for_tool_calls"]);

/** Does the run end with this? */
export function isTerminal({ name }: LogItem): boolean {
  return TERMINAL.has(name);
}

/** Does the answer to one call end with this? */
export function endsCall({ name }: LogItem): boolean {
  return ENDS_CALL.has(name);
}

/** All that a run told, and who waits for more of it. */
export class RunLog {
  readonly items: LogItem[] = [];
  #lastSeq = 0;
  readonly #wakeUps = new WakeUps();
  readonly #listeners: ((item: LogItem) => void)[] = [];

  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Adds something that is kept. */
  add<Name extends SseEventName>(name: Name, data: SseEventDataByName[Name]): void {
    this.#append({ seq: ++this.#lastSeq, name, data });
  }

  /** Adds a piece of output, which only those see who are there, or come while its step goes on. */
  addPartial<Name extends "step_output" | "step_progress">(name: Name, data: SseEventDataByName[Name]): void {
    this.#append({ seq: undefined, name, data });
  }

  /** Calls back for each item that there is, and for each that comes. */
  listen(listener: (item: LogItem) => void): void {
    this.items.forEach(listener);
    this.#listeners.push(listener);
  }

  /** Resolves with the first item from `index` on that is one of those; rejects when the signal aborts. */
  async find(isWanted: (item: LogItem) => boolean, index: number, signal: AbortSignal): Promise<LogItem> {
    for (;;) {
      const found = this.items.slice(index).find(isWanted);
      if (found) return found;
      await this.#wakeUps.wait(signal);
    }
  }

  /** The items from `index` on, as they come, up to the first that `isLast`. */
  async *from(index: number, isLast: (item: LogItem) => boolean, signal: AbortSignal): AsyncGenerator<LogItem, void> {
    for (let next = index; ; next++) {
      while (next >= this.items.length) await this.#wakeUps.wait(signal);
      const item = this.items[next]!; // the length has just been checked
      yield item;
      if (isLast(item)) return;
    }
  }

  /**
   * What a reader is told who comes back: each logged item behind `after`, then the text so far of what is being written, then what comes.
   * The item that ends it is told even to those who have seen it.
   */
  async *behind(after: number, isLast: (item: LogItem) => boolean, signal: AbortSignal): AsyncGenerator<LogItem, void> {
    const known = [...this.items];
    for (const item of known) {
      if (item.seq === undefined) continue;
      if (item.seq > after || isTerminal(item)) yield item;
      if (item.seq > after && isLast(item)) return;
    }
    if (known.some(isTerminal)) return;
    yield* openTexts(known);
    yield* this.from(known.length, isLast, signal);
  }

  #append(item: LogItem): void {
    this.items.push(item);
    for (const listener of this.#listeners) listener(item);
    this.#wakeUps.wake();
  }
}

/** The texts that are being written, each as one piece from its beginning. */
function openTexts(items: readonly LogItem[]): readonly LogItem[] {
  const open = new Map<string, LogItem>();
  for (const item of items) {
    const data = item.data as { readonly stepId?: string; readonly loopPath?: readonly number[]; phase?: string }; // all of them may have these
    const key = `${data.stepId} ${data.loopPath?.join() ?? ""}`;
    if (item.seq === undefined) open.set(key, joined(open.get(key), item));
    else if (item.name === "step_completed") open.clear();
    else if (item.name === "step_retrying" || item.name === "step_progress") open.delete(key);
  }
  return [...open.values()];
}

function joined(before: LogItem | undefined, item: LogItem): LogItem {
  const delta = (of: LogItem | undefined): string => {
    const { outputData } = (of?.data ?? {}) as { readonly outputData?: { readonly delta?: string } }; // partials carry it
    return outputData?.delta ?? "";
  };
  return { ...item, data: { ...item.data, offset: 0, outputData: { delta: delta(before) + delta(item) } } };
}
