/** Runs that were never executed: copies of one that was, under ids and times of their own. */
export interface MadeRun {
  readonly id: string;
  /** When it was created, in milliseconds since 1970. */
  readonly at: number;
}

/** What has ended longer ago than a day has its payloads pruned, and is smaller. */
const spanMs = 12 * 60 * 60 * 1000;

/** The run of this number, from 0, of `total`, evenly over the twelve hours before `until`. UUIDv7, so that ids are in the order of time as real ones are. */
export function madeRun(number: number, total: number, until: number): MadeRun {
  const at = until - spanMs + Math.floor((number * spanMs) / total);
  const time = at.toString(16).padStart(12, "0");
  // Behind the time what keeps two runs of one millisecond apart, spread as random digits are.
  const rest = Math.imul(number, 0x9e3779b1) >>> 0;
  const tail = `${rest.toString(16).padStart(8, "0")}${(number % 0x10000).toString(16).padStart(4, "0")}`;
  return { id: `${time.slice(0, 8)}-${time.slice(8)}-7${hex3(number >>> 16)}-8000-${tail}`, at };
}

function hex3(value: number): string {
  return (value % 0x1000).toString(16).padStart(3, "0");
}

/** The columns of a copy: those of the template but for what `replaced` gives another expression. */
export function copied(
  columns: readonly string[],
  replaced: Readonly<Record<string, string>>,
): { readonly into: string; readonly select: string } {
  return {
    into: columns.join(", "),
    select: columns.map((column) => replaced[column] ?? `template.${column}`).join(", "),
  };
}

export function* chunks(from: number, to: number, size: number): Generator<readonly number[]> {
  for (let start = from; start < to; start += size) {
    yield Array.from({ length: Math.min(size, to - start) }, (_, index) => start + index);
  }
}
