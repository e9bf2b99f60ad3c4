import type { Json } from "./definition.ts";
import { isList, isObject, ownMember } from "./json.ts";
import { createWeigher } from "./weight.ts";

/** What a condition is given, measured in values and characters. */
export interface Sizes {
  /** Of what a path leads to. */
  readonly at: (names: readonly string[]) => number;
  /** Of all values together. */
  readonly total: number;
  /** Items of the longest list. */
  readonly longest: number;
  /** Weight of the heaviest item of any list. */
  readonly heaviestItem: number;
}

const weigh = createWeigher((value) => (typeof value === "string" ? 1 + value.length : 1));

export function measure(values: Readonly<Record<string, Json>>): Sizes {
  return new Measured(values);
}

/** Most conditions ask for little of it, and many are asked of the same values: a loop's passes all read the flow's input. */
class Measured implements Sizes {
  readonly #values: Readonly<Record<string, Json>>;
  #lists: Lists | undefined;

  constructor(values: Readonly<Record<string, Json>>) {
    this.#values = values;
  }

  get total(): number {
    return Object.values(this.#values).reduce<number>((sum, value) => sum + weigh(value), 1);
  }

  get longest(): number {
    return this.#allLists.longest;
  }

  get heaviestItem(): number {
    return this.#allLists.heaviestItem;
  }

  /** 1 where there is nothing. */
  at(names: readonly string[]): number {
    let value: Json | undefined = this.#values;
    for (const name of names) {
      if (isList(value)) value = value[Number(name)];
      else value = isObject(value) ? ownMember(value, name) : undefined;
    }
    return value === undefined ? 1 : weigh(value);
  }

  get #allLists(): Lists {
    this.#lists ??= joinLists(Object.values(this.#values).map((value) => listsIn(value)));
    return this.#lists;
  }
}

/** Of all lists in a value. */
type Lists = Pick<Sizes, "longest" | "heaviestItem">;

const knownLists = new WeakMap<object, Lists>();

/** The object of all steps' outputs is made anew each time; what it holds is not. */
function listsIn(value: Json): Lists {
  return isObject(value) ? joinLists(Object.values(value).map(listsWithin)) : listsWithin(value);
}

function listsWithin(root: Json): Lists {
  if (typeof root !== "object" || root === null) return noLists;
  const known = knownLists.get(root);
  if (known !== undefined) return known;
  let { longest, heaviestItem } = noLists;
  const seen = new Set<Json>();
  const open: Json[] = [root];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value !== "object" || value === null || seen.has(value)) continue;
    seen.add(value);
    if (isList(value)) {
      longest = Math.max(longest, value.length);
      heaviestItem = value.reduce<number>((heaviest, item) => Math.max(heaviest, weigh(item)), heaviestItem);
    }
    for (const member of Object.values<Json>(value)) open.push(member);
  }
  const found = { longest, heaviestItem };
  knownLists.set(root, found);
  return found;
}

const noLists: Lists = { longest: 0, heaviestItem: 1 };

function joinLists(all: readonly Lists[]): Lists {
  return all.reduce(
    (joined, { longest, heaviestItem }) => ({
      longest: Math.max(joined.longest, longest),
      heaviestItem: Math.max(joined.heaviestItem, heaviestItem),
    }),
    noLists,
  );
}
