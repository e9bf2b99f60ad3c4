import { invalid } from "./params.ts";

/** One page of `entries` behind the one that `cursor` names. `positionOf` must be unique and is what the opaque cursor carries. */
export function toPage<Entry>(
  entries: readonly Entry[],
  options: {
    readonly limit: number;
    readonly cursor: string | undefined;
    readonly positionOf: (entry: Entry) => string;
  },
): { readonly items: readonly Entry[]; readonly nextCursor: string | null } {
  const { limit, cursor, positionOf } = options;
  const start =
    cursor === undefined || cursor === ""
      ? 0
      : entries.findIndex((entry) => positionOf(entry) === decodeCursor(cursor)) + 1;
  if (start === 0 && cursor) throw invalid("cursor", "is not one that this list gave; start again without it");
  const items = entries.slice(start, start + limit);
  const last = items.at(-1);
  const hasMore = start + limit < entries.length;
  return { items, nextCursor: hasMore && last !== undefined ? encodeCursor(positionOf(last)) : null };
}

/** An opaque cursor for a position. */
export function encodeCursor(position: string): string {
  return Buffer.from(position).toString("base64url");
}

/** The position in a cursor; anything, when the cursor is none of ours. */
export function decodeCursor(cursor: string): string {
  return Buffer.from(cursor, "base64url").toString();
}
