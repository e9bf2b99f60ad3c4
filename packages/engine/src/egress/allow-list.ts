import { type AddressRange, isInRange, parseRange } from "./addresses.ts";

/** Where the operator lets requests go that would be refused: into a network of their own, or over plain http. */
export interface EgressRule {
  /** Absent for a rule about addresses. */
  readonly host?: string;
  readonly range?: AddressRange;
  /** Absent: any. */
  readonly port?: number;
  readonly allowsHttp: boolean;
}

/** Where a request is about to go. */
export interface Destination {
  readonly protocol: string;
  /** As in a URL: an IPv6 address has no brackets here. */
  readonly host: string;
  readonly port: number;
}

/** `[http://]<name | address | address/bits>[:port]`, separated by commas; an IPv6 address with a port is in brackets. */
export function parseEgressAllow(
  text: string,
): { readonly rules: readonly EgressRule[] } | { readonly faults: readonly string[] } {
  const entries = text
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
  const parsed = entries.map((entry) => ({ entry, rule: parseRule(entry.toLowerCase()) }));
  const faults = parsed.flatMap(({ entry, rule }) =>
    rule === undefined
      ? [
          `has "${entry}", which is no name, address or range. Write such as hooks.internal, 10.0.0.0/8 or http://127.0.0.1:9000`,
        ]
      : [],
  );
  return faults.length > 0 ? { faults } : { rules: parsed.flatMap(({ rule }) => rule ?? []) };
}

function parseRule(entry: string): EgressRule | undefined {
  const allowsHttp = entry.startsWith("http://");
  const place = entry.replace(/^https?:\/\//u, "");
  const range = parseRange(place);
  if (range !== undefined) return { range, allowsHttp };
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/u.exec(place) ?? [];
  const port = digits === undefined ? {} : { port: Number(digits) };
  if (port.port !== undefined && (port.port === 0 || port.port > 65_535)) return undefined;
  const inner = parseRange(bracketed ?? plain ?? "");
  if (inner !== undefined) return { range: inner, allowsHttp, ...port };
  const isName =
    plain !== undefined && /^[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?$/u.test(plain) && !/(?:^|\.)\d+$/u.test(plain);
  return isName ? { host: plain, allowsHttp, ...port } : undefined;
}

/** Does a rule let the request go there, whatever addresses the name has? */
export function allowsHost(rules: readonly EgressRule[], to: Destination): boolean {
  return rules.some((rule) => rule.host === to.host && fits(rule, to));
}

/** Does a rule let the request go to that address? */
export function allowsAddress(rules: readonly EgressRule[], to: Destination, address: string): boolean {
  return rules.some((rule) => rule.range !== undefined && fits(rule, to) && isInRange(address, rule.range));
}

/** May the request be let go by a rule, once its name has addresses? */
export function mayAllow(rules: readonly EgressRule[], to: Destination): boolean {
  return rules.some((rule) => fits(rule, to) && (rule.host === undefined || rule.host === to.host));
}

function fits({ port, allowsHttp }: EgressRule, to: Destination): boolean {
  return (port === undefined || port === to.port) && (allowsHttp || to.protocol === "https:");
}
