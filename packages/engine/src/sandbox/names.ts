/** Words that a strict function cannot have as a variable, and those that it had better not. */
const reserved = new Set(
  (
    "await break case catch class const continue debugger default delete do else enum export extends false finally for function if implements " +
    "import in instanceof interface let new null package private protected public return static super switch this throw true try typeof var " +
    "void while with yield eval arguments initial input"
  ).split(" "),
);

/** An input with more members than this is a table; its members are reached through `input`. */
const maxNames = 1000;
const maxNameLength = 100;

/** The members of a step's input that its code sees as variables, but for those that are the names of built-in things there, such as `JSON`. */
export function variableNames(input: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.keys(input)
    .slice(0, maxNames)
    .filter((name) => name.length <= maxNameLength && isIdentifier(name) && !reserved.has(name));
}

/** The Unicode of this build of QuickJS is that of Node 24; a newer Node's newest letters would be unknown to it. */
function isIdentifier(name: string): boolean {
  return /^[$_\p{ID_Start}][$\p{ID_Continue}]*$/u.test(name);
}
