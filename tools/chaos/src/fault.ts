import type { ServerNode } from "@noukai/cluster";
import type { Random } from "./random.ts";

/** One fault on one target, to be begun and then ended. */
export interface Strike {
  /** No two faults are on the same target at once. */
  readonly target: string;
  readonly begin: () => unknown;
  readonly end: () => unknown;
}

export interface Fault {
  readonly name: string;
  /** How often it is chosen, beside the others. */
  readonly weight: number;
  /** How long it lasts, in milliseconds. */
  readonly leastMs: number;
  readonly mostMs: number;
  /** Undefined when there is nothing to strike now. */
  readonly aim: (random: Random) => Strike | undefined;
}

/** A fault of one of `nodes`, chosen among those that are well. */
export function nodeFault(
  { nodes, ...fault }: Omit<Fault, "aim"> & { readonly nodes: readonly ServerNode[] },
  strike: (node: ServerNode, random: Random) => Omit<Strike, "target">,
): Fault {
  const aim = (random: Random): Strike | undefined => {
    const ready = nodes.filter(({ state }) => state === "ready");
    if (ready.length === 0) return undefined;
    const node = random.pick(ready);
    return { target: node.name, ...strike(node, random) };
  };
  return { ...fault, aim };
}
