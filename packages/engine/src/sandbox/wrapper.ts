/** What a step's code is called in QuickJS's stacks; how its frames are told from the prelude's. */
export const fileName = "code.js";

/** A step's code as QuickJS gets it. */
export interface Wrapped {
  readonly source: string;
  /** The members of the input that are variables, in the order in which they follow `initial` and `input`. */
  readonly names: readonly string[];
  /** What stands before the code on its first line, in characters as QuickJS counts them. */
  readonly prefixLength: number;
  /** The code itself. */
  readonly code: string;
}

/** A place in a step's code, from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
  /** The wrapper stands there: the code ended where more of it was expected. */
  readonly isEnd: boolean;
}

/**
 * Makes `code` the body of a function. Its variables belong to a function around that one, so that `const items = input.items` is no
 * redefinition. Code that closes the brackets itself gains nothing: what surrounds it is as confined as it is.
 */
export function wrap(code: string, names: readonly string[]): Wrapped {
  const prefix = `((${["initial", "input", ...names].join(",")})=>function(){`;
  return { source: `${prefix}${code}\n})`, names, prefixLength: countCharacters(prefix), code };
}

/** The innermost place of a stack that lies in the step's code; undefined when none does. */
export function findPlace(stack: string, { code, prefixLength }: Wrapped): Place | undefined {
  const match = /code\.js:(\d+):(\d+)/u.exec(stack);
  if (match === null) return undefined;
  const [line, column] = [Number(match[1]), Number(match[2])];
  const lines = code.split("\n");
  if (line > lines.length) return { line: lines.length, column: countCharacters(lines.at(-1) ?? "") + 1, isEnd: true };
  return { line, column: Math.max(1, line === 1 ? column - prefixLength : column), isEnd: false };
}

function countCharacters(text: string): number {
  return Array.from(text).length;
}
