/** Bound of the levels of objects and lists in a result. */
const maxDepth = 200;

/** Why a result cannot be passed on although it is JSON, in words for the code's author. Undefined when it can. */
export function findUnsafe(result: unknown): string | undefined {
  let level: readonly object[] = [result].filter(isHolder);
  for (let depth = 1; level.length > 0; depth += 1) {
    // What handles it later, JSON.stringify to begin with, calls itself once per level.
    if (depth > maxDepth) return `the code returned an object of more than ${maxDepth} levels. Flatten it.`;
    // Some ways of copying an object take a member of that name for its prototype.
    if (level.some((value) => Object.hasOwn(value, "__proto__")))
      return "the code returned an object with a member named `__proto__`. Choose another name.";
    level = level.flatMap((value) => Object.values(value).filter(isHolder));
  }
  return undefined;
}

function isHolder(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
