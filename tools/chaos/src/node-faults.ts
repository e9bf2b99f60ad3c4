import { writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { Proxy, ServerNode } from "@noukai/cluster";
import { type Fault, nodeFault } from "./fault.ts";

/** How long a node may take to be started again while others fail, in milliseconds. */
const startMs = 90_000;

/** Starts a node that has ended, again and again while its database or its disk does not let it. */
export async function startAgain(node: ServerNode): Promise<void> {
  for (const giveUpAt = performance.now() + startMs; node.state === "ended"; await delay(200)) {
    try {
      await node.start();
      return;
    } catch (error) {
      if (performance.now() > giveUpAt) throw error;
    }
  }
}

/** What can be done to a process itself. */
export function processFaults(nodes: readonly ServerNode[], role: string, weight: number): readonly Fault[] {
  return [
    nodeFault({ name: `kill ${role}`, nodes, weight, leastMs: 0, mostMs: 1_500 }, (node) => ({
      begin: () => node.kill(),
      end: () => startAgain(node),
    })),
    nodeFault({ name: `restart ${role}`, nodes, weight: weight / 3, leastMs: 0, mostMs: 300 }, (node) => ({
      begin: () => node.stop(),
      end: () => startAgain(node),
    })),
    nodeFault({ name: `pause ${role}`, nodes, weight: weight / 2, leastMs: 200, mostMs: 14_000 }, (node) => ({
      begin: () => node.pause(),
      end: () => node.resume(),
    })),
  ];
}

/** The clock of a node goes wrong, by up to an hour, forwards or back. */
export function clockFault(nodes: readonly ServerNode[], clockFile: (name: string) => string): Fault {
  return nodeFault({ name: "clock jump", nodes, weight: 2, leastMs: 500, mostMs: 5_000 }, (node, random) => {
    const offsetMs = random.pick([-3_600_000, -60_000, -2_000, 2_000, 60_000, 3_600_000]);
    return {
      begin: () => writeFileSync(clockFile(node.name), String(offsetMs)),
      end: () => writeFileSync(clockFile(node.name), "0"),
    };
  });
}

/** The way between callers and nodes. */
export function clientFaults(fronts: ReadonlyMap<string, Proxy>): readonly Fault[] {
  const aimAt = (begin: (front: Proxy, random: () => number) => void): Fault["aim"] => {
    return (random) => {
      const [name, front] = random.pick([...fronts]);
      return { target: `front of ${name}`, begin: () => begin(front, random.next), end: () => front.heal() };
    };
  };
  return [
    { name: "client cut", weight: 6, leastMs: 0, mostMs: 50, aim: aimAt((front, next) => front.cut(0.7, next)) },
    { name: "client stall", weight: 2, leastMs: 200, mostMs: 4_000, aim: aimAt((front) => front.stall()) },
  ];
}
