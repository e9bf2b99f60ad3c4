import type { Registry } from "prom-client";

let opened: Promise<Registry> | undefined;

/**
 * What Node tells of the process: CPU, memory, event loop, garbage collection. One registry for all servers of a process, for it is one process, and
 * its observers are never taken off.
 */
export function processMetrics(): Promise<Registry> {
  return (opened ??= open());
}

async function open(): Promise<Registry> {
  const { collectDefaultMetrics, Registry } = await import("prom-client");
  const register = new Registry();
  collectDefaultMetrics({ register });
  return register;
}
