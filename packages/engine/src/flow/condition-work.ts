import type { ASTNode } from "@marcbachmann/cel-js";
import { measure, type Sizes } from "./condition-sizes.ts";
import type { Json } from "./definition.ts";

/** About how much work a condition is with these values, known before any of it is done. In units of 50 ns, from above. */
export type ConditionWork = (values: Readonly<Record<string, Json>>) => number;

/** How heavy an operand can be: its values and its characters. */
type Extent = (sizes: Sizes) => number;

/** What loops name, and how heavy it can be. */
type Bound = ReadonlyMap<string, Extent>;

interface Cost {
  /** Of how many loops it is inside. */
  readonly loops: number;
  readonly cost: Extent;
}

/** Loops over lists that a condition may use. */
export const loopNames: ReadonlySet<string> = new Set(["all", "exists", "exists_one", "filter"]);

/** Methods and functions that go through a text once. */
const scanning: ReadonlySet<string> = new Set(
  "startsWith endsWith lowerAscii upperAscii trim substring string bytes".split(" "),
);

/** Methods that look for a text in another: with some texts, character by character at each place. */
const searching: ReadonlySet<string> = new Set(["contains", "indexOf", "lastIndexOf", "split"]);

/** Methods and functions that give what they are given, or a part of it, in another form. */
const passing: ReadonlySet<string> = new Set(
  "filter split json lowerAscii upperAscii trim substring string bytes dyn".split(" "),
);

/** Units per character or value. Measured: a pass over a list takes some 10 ns an item, `size` of a text 6 ns a character, a search 0.1 ns a character and place, re2js 50 ns a character. */
const perItem = 1 / 4;
const perCounted = 1 / 8;
const perCharacter = 1 / 64;
const perPlace = 1 / 256;
const perPatternCharacter = 1;

/** Reads off the tree what its work will depend on. `pathOf` gives the names of what is a path. */
export function planWork(ast: ASTNode, pathOf: (node: ASTNode) => readonly string[] | undefined): ConditionWork {
  const { costs, splits } = new Planner(pathOf).plan(ast);
  return (values) => {
    const sizes = measure(values);
    const passes = (): number => Math.max(sizes.longest, splits ? sizes.total : 0, 100);
    return costs.reduce((sum, { loops, cost }) => sum + (loops === 0 ? 1 : passes() ** loops) * cost(sizes), 0);
  };
}

class Planner {
  readonly #pathOf: (node: ASTNode) => readonly string[] | undefined;
  readonly #costs: Cost[] = [];
  #splits = false;

  constructor(pathOf: (node: ASTNode) => readonly string[] | undefined) {
    this.#pathOf = pathOf;
  }

  plan(ast: ASTNode): { readonly costs: readonly Cost[]; readonly splits: boolean } {
    this.#visit(ast, new Map(), 0);
    return { costs: this.#costs, splits: this.#splits };
  }

  #visit(node: ASTNode, bound: Bound, loops: number): void {
    this.#costs.push({ loops, cost: () => 1 });
    if (node.op === "rcall") {
      this.#visitMethod(node, bound, loops);
      return;
    }
    const cost = this.#ownCost(node, bound);
    if (cost !== undefined) this.#costs.push({ loops, cost });
    for (const child of childrenOf(node)) this.#visit(child, bound, loops);
  }

  #visitMethod({ args: [name, receiver, args] }: Node<"rcall">, bound: Bound, loops: number): void {
    this.#visit(receiver, bound, loops);
    const extent = this.#extentOf(receiver, bound);
    if (loopNames.has(name)) {
      const [variable, ...bodies] = args;
      const inside = new Map(bound);
      if (variable?.op === "id") inside.set(variable.args, this.#itemOf(receiver, extent));
      for (const body of bodies) this.#visit(body, inside, loops + 1);
      return;
    }
    if (name === "split" || name === "json") this.#splits = true;
    const [sought] = args;
    const needle = sought === undefined ? undefined : this.#extentOf(sought, bound);
    this.#costs.push({ loops, cost: callCost(name, extent, needle ?? one) });
    for (const arg of args) this.#visit(arg, bound, loops);
  }

  /** Items of what a condition is given are no heavier than the heaviest of those; of lists that it makes, than the list. */
  #itemOf(list: ASTNode, extent: Extent): Extent {
    return this.#isGiven(list) ? (sizes) => Math.min(extent(sizes), sizes.heaviestItem) : extent;
  }

  #isGiven(list: ASTNode): boolean {
    if (list.op === "rcall") return list.args[0] === "filter" && this.#isGiven(list.args[1]);
    return this.#pathOf(list) !== undefined;
  }

  #ownCost(node: ASTNode, bound: Bound): Extent | undefined {
    switch (node.op) {
      case "==":
      case "!=":
      case "<":
      case "<=":
      case ">":
      case ">=": {
        const [left, right] = node.args.map((operand) => this.#extentOf(operand, bound));
        return (sizes) => perItem * Math.min((left ?? one)(sizes), (right ?? one)(sizes));
      }
      case "in": {
        const list = this.#extentOf(node.args[1], bound);
        return (sizes) => perItem * list(sizes);
      }
      case "+": {
        const sum = this.#extentOf(node, bound);
        return (sizes) => perItem * sum(sizes);
      }
      case "call": {
        const [name, given] = node.args;
        return callCost(name, sumOf(given.map((arg) => this.#extentOf(arg, bound))), one);
      }
      default:
        return undefined;
    }
  }

  #extentOf(node: ASTNode, bound: Bound): Extent {
    const names = this.#pathOf(node);
    if (names !== undefined) return bound.get(names[0] ?? "") ?? ((sizes) => sizes.at(names));
    switch (node.op) {
      case "value":
        return typeof node.args === "string" ? constant(node.args.length) : one;
      case "[]":
      case ".":
        return this.#extentOf(node.args[0], bound);
      case "+":
      case "?:":
      case "list":
      case "map":
        return sumOf(childrenOf(node).map((child) => this.#extentOf(child, bound)));
      case "call":
        return passing.has(node.args[0]) ? sumOf(node.args[1].map((arg) => this.#extentOf(arg, bound))) : one;
      case "rcall":
        return passing.has(node.args[0]) ? this.#extentOf(node.args[1], bound) : one;
      default:
        return one;
    }
  }
}

type Node<Op extends ASTNode["op"]> = ASTNode & { readonly op: Op };

const one: Extent = () => 1;

function constant(size: number): Extent {
  return () => size;
}

function sumOf(extents: readonly Extent[]): Extent {
  return (sizes) => extents.reduce((sum, extent) => sum + extent(sizes), 1);
}

function callCost(name: string, receiver: Extent, needle: Extent): Extent {
  if (name === "matches") return (sizes) => perPatternCharacter * receiver(sizes);
  if (name === "json") return (sizes) => perItem * receiver(sizes);
  if (searching.has(name))
    return (sizes) => receiver(sizes) * (perCharacter + perPlace * Math.min(receiver(sizes), needle(sizes)));
  if (name === "size") return (sizes) => perCounted * receiver(sizes);
  return scanning.has(name) ? (sizes) => perCharacter * receiver(sizes) : one;
}

/** What lies in a node, whatever the lists it lies in. */
function childrenOf(node: ASTNode): readonly ASTNode[] {
  const found: ASTNode[] = [];
  const open: unknown[] = [node.args];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (Array.isArray(value)) open.push(...(value as readonly unknown[])); // as: what a list is of is told here
    else if (isNode(value)) found.push(value);
  }
  return found;
}

export function isNode(value: unknown): value is ASTNode {
  return typeof value === "object" && value !== null && "op" in value;
}
