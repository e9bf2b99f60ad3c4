/** What stands in a cassette for what must not. In a replay it matches anything. */
export const REDACTED = "[redacted]";

const SECRET_HEADERS = /authorization|cookie|token|secret|password|credential|api-?key/;
/**
 * API keys and tickets, wherever they stand: at the beginning of a word, which an escape before it hides (`\n` in JSON, `%20` in an
 * address), and whole keys also within one.
 */
const KEY = /(?:\b|(?<=\\[bfnrt]|\\u[\da-fA-F]{4}|%[\da-fA-F]{2}))nkt?_[\w.~+/=-]{4,}|nk_(?:live|test)_\w{8}_\w{32,}/;

/** Takes secrets out of what is recorded. */
export interface Redactor {
  headers(headers: Headers): Readonly<Record<string, string>>;
  text(text: string): string;
  /** A body that came in pieces: a secret is found across their borders, which move with what was taken out. Lengths are in UTF-16 units. */
  pieces(text: string, lengths: readonly number[]): { readonly text: string; readonly lengths: readonly number[] };
}

/** Keys of Noukai and headers that carry credentials go always, and what `patterns` match. */
export function createRedactor(patterns: readonly (RegExp | string)[] = []): Redactor {
  const all = [KEY, ...patterns].map(toGlobal);
  const text = (from: string): string => all.reduce((rest, pattern) => replace(rest, pattern), from);
  return {
    text,
    headers: (headers) =>
      Object.fromEntries(
        [...headers].map(([name, value]) => [name, SECRET_HEADERS.test(name) ? REDACTED : text(value)]),
      ),
    pieces: (from, lengths) => all.reduce(replaceInPieces, { text: from, lengths }),
  };
}

function toGlobal(pattern: RegExp | string): RegExp {
  if (typeof pattern === "string") return new RegExp(pattern.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`), "g");
  return new RegExp(pattern.source, pattern.flags.includes("g") ? pattern.flags : `${pattern.flags}g`);
}

interface Pieces {
  readonly text: string;
  readonly lengths: readonly number[];
}

function replaceInPieces({ text, lengths }: Pieces, pattern: RegExp): Pieces {
  const matches = [...text.matchAll(pattern)].filter(([found]) => found !== "");
  if (matches.length === 0) return { text, lengths };
  let end = 0;
  const borders = lengths.map((length) => moved((end += length), matches));
  return {
    text: replace(text, pattern),
    lengths: borders.map((border, index) => border - (borders[index - 1] ?? 0)),
  };
}

/** A pattern may match nothing at all: then there is nothing to take out. */
function replace(text: string, pattern: RegExp): string {
  return text.replace(pattern, (found) => (found === "" ? "" : REDACTED));
}

/** Where a border stands once the matches are replaced; one inside of a match moves behind it. */
function moved(border: number, matches: readonly RegExpExecArray[]): number {
  let at = border;
  for (const { index, 0: found } of matches) {
    if (index >= border) break;
    at += REDACTED.length - found.length + Math.max(0, index + found.length - border);
  }
  return at;
}
