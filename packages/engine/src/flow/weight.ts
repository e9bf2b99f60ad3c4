import type { Json, JsonObject } from "./definition.ts";
import { isList } from "./json.ts";

/** How heavy a value is: 3 for each list and object in it, and what else is in it, names too, by a measure of the caller's. */
export type Weigher = (value: Json) => number;

/** A value that holds no others. */
type Scalar = Exclude<Json, Holder>;

/**
 * Weighs values that never change. What stands in several places counts in each, and is looked at once: outputs hold each other, and a few
 * small steps make one that it would take for ever to go through.
 */
export function createWeigher(weightOfScalar: (value: Scalar) => number): Weigher {
  const known = new WeakMap<Holder, number>();
  const weightOf = (value: Json): number => (isHolder(value) ? (known.get(value) ?? 0) : weightOfScalar(value));

  return (root) => {
    // No recursion: a value may be nested deeper than the stack.
    const open = isHolder(root) ? [root] : [];
    for (let holder = open.at(-1); holder !== undefined; holder = open.at(-1)) {
      const isUnknown = (value: Json): value is Holder => isHolder(value) && !known.has(value);
      const unknown = known.has(holder) ? [] : Object.values<Json>(holder).filter(isUnknown);
      for (const value of unknown) open.push(value);
      if (unknown.length > 0) continue;
      if (!known.has(holder)) known.set(holder, weightInside(holder, weightOf));
      open.pop();
    }
    return weightOf(root);
  };
}

type Holder = JsonObject | readonly Json[];

function isHolder(value: Json): value is Holder {
  return typeof value === "object" && value !== null;
}

function weightInside(holder: Holder, weightOf: Weigher): number {
  if (isList(holder)) return holder.reduce<number>((sum, value) => sum + weightOf(value), 3);
  return Object.entries(holder).reduce((sum, [name, value]) => sum + weightOf(name) + weightOf(value), 3);
}

/** Characters of the value as JSON, its commas counted generously. */
export const jsonLength: Weigher = createWeigher((value) =>
  typeof value === "string" ? JSON.stringify(value).length + 1 : String(value).length + 1,
);
