import { isIPv6 } from "node:net";
import type { ServerContext } from "./context.ts";

/** Whom a caller's address stands for: a host in IPv4, a network of 64 bits in IPv6, where one caller has as many hosts as it likes. */
export function networkOf(address: string): string {
  // Most callers, and it is asked for with every request.
  if (!address.includes(":")) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined || !isIPv6(address)) return mapped ?? address;
  const [head = "", tail] = (address.split("%")[0] ?? address).toLowerCase().split("::");
  const groups = head === "" ? [] : head.split(":");
  const behind = tail === undefined || tail === "" ? [] : tail.split(":");
  const gap = tail === undefined ? 0 : Math.max(0, 8 - groups.length - behind.length);
  return [...groups, ...Array.from({ length: gap }, () => "0"), ...behind].slice(0, 4).join(":");
}

/** The peer of the connection; undefined when the app was called as a function. What a proxy says of others is not believed. */
export function networkOfCaller(c: ServerContext): string | undefined {
  const bindings: Partial<ServerContext["env"]> | undefined = c.env; // Hono's type denies it, but `app.fetch(request)` gives none
  const address = bindings?.incoming?.socket.remoteAddress;
  return address === undefined ? undefined : networkOf(address);
}
