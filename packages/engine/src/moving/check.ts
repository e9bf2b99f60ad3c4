import { createHash } from "node:crypto";
import { type Kind, type KindName, nameOf, type Row } from "./kinds.ts";

/** What one side holds of a kind: how many rows, and the hex SHA-256 over all of them in order, each as a line of JSON. */
export interface Content {
  readonly count: number;
  readonly hash: string;
}

/** A kind as both sides have it. */
export interface KindCheck {
  readonly kind: KindName;
  readonly from: Content;
  readonly to: Content;
  /** The first row that is not the same on both sides, or is on one of them only. */
  readonly firstDifference?: string;
}

/** What is done for each row: perhaps a pause. */
export type OnRow = () => Promise<void> | undefined;

/** Rows of one side, hashed as they are taken. */
class Reading {
  readonly #rows: AsyncIterator<Row>;
  readonly #hash = createHash("sha256");
  #count = 0;

  constructor(rows: AsyncIterable<Row>) {
    this.#rows = rows[Symbol.asyncIterator]();
  }

  async next(): Promise<{ readonly row: Row; readonly line: string } | undefined> {
    const { done, value } = await this.#rows.next();
    if (done === true) return undefined;
    const line = JSON.stringify(value);
    this.#hash.update(line).update("\n");
    this.#count += 1;
    return { row: value, line };
  }

  /** Once all rows were taken. */
  content(): Content {
    return { count: this.#count, hash: this.#hash.digest("hex") };
  }
}

/** Reads all of the kind on both sides, side by side. `onRow` is called for each row of the first. */
export async function checkKind(
  kind: Kind,
  { from, to }: { readonly from: AsyncIterable<Row>; readonly to: AsyncIterable<Row> },
  onRow: OnRow,
): Promise<KindCheck> {
  const [source, target] = [new Reading(from), new Reading(to)];
  let firstDifference: string | undefined;
  for (;;) {
    const [left, right] = await Promise.all([source.next(), target.next()]);
    if (left === undefined && right === undefined) break;
    const pause = left === undefined ? undefined : onRow();
    if (pause !== undefined) await pause;
    if (left?.line !== right?.line) firstDifference ??= firstOf(kind, left?.row, right?.row);
  }
  const contents = { from: source.content(), to: target.content() };
  return { kind: kind.name, ...contents, ...(firstDifference !== undefined && { firstDifference }) };
}

/** Of two rows that differ in the same place, the one that comes first: the other side lacks it, or has it otherwise. */
function firstOf(kind: Kind, left: Row | undefined, right: Row | undefined): string {
  const rows = [left, right].filter((row) => row !== undefined);
  const [first = []] = rows.toSorted((a, b) => compareKeys(kind, a, b));
  return nameOf(kind, first);
}

function compareKeys({ keyColumns }: Kind, a: Row, b: Row): number {
  for (let index = 0; index < keyColumns; index += 1) {
    const [left, right] = [a[index] ?? "", b[index] ?? ""];
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}

/** Do both sides hold the same? */
export function isEqual({ from, to }: KindCheck): boolean {
  return from.count === to.count && from.hash === to.hash;
}
