import { isIP } from "node:net";
import { isPublicAddress } from "./addresses.ts";
import { allowsAddress, allowsHost, type Destination, type EgressRule, mayAllow } from "./allow-list.ts";

const maxLength = 2_048;

/** Below it are services that speak something else, and would be made to listen to us. */
const firstFreePort = 1_024;

const standardPorts: Readonly<Record<string, number>> = { "https:": 443, "http:": 80 };

/** Names that never lead outside: of the machine itself, and of networks' own. Sources: RFC 6761, 6762 and 8375, ICANN's `internal`, and common use. */
const localNames =
  /(?:^|\.)(?:localhost|localdomain|local|internal|intranet|private|corp|home|lan|home\.arpa|svc|consul|test|invalid|onion)$/u;

const label = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/u;

export type UrlCheck =
  | { readonly ok: true; readonly url: URL; readonly to: Destination }
  /** Completes "webhookUrl …", and says what to do. */
  | { readonly ok: false; readonly reason: string };

/** What can be said of an address without asking anybody: whether it is one, and could lead to a public place, or where `rules` allow. */
export function checkUrl(text: string, rules: readonly EgressRule[]): UrlCheck {
  if (text.length > maxLength) return refused(`must be at most ${maxLength} characters long`);
  // Parsers disagree about what these mean, or drop them.
  if (/[\u0000-\u0020\u007f-\u00a0\\]/u.test(text))
    return refused("must have no blanks, control characters or backslashes");
  const [, authority] = /^https?:\/\/([^/?#]+)/iu.exec(text) ?? [];
  const url = URL.parse(text);
  if (authority === undefined || url === null)
    return refused("must be a web address such as https://example.com/hooks");
  if (authority.includes("@")) return refused("must not carry a user name or password");
  const written = authority.replace(/:\d*$/u, "").toLowerCase();
  if (written !== url.hostname) return refused("must name its host in the plain form, such as hooks.example.com");
  const to = destinationOf(url);
  return checkDestination(url, to, rules);
}

function destinationOf({ protocol, hostname, port }: URL): Destination {
  const host = hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
  return { protocol, host, port: port === "" ? (standardPorts[protocol] ?? 0) : Number(port) };
}

function checkDestination(url: URL, to: Destination, rules: readonly EgressRule[]): UrlCheck {
  const isAllowed = allowsHost(rules, to) || allowsAddress(rules, to, to.host);
  if (isAllowed) return { ok: true, url, to };
  const isAddress = isIP(to.host) !== 0;
  // A name's addresses may be on the list; an address would have been found there.
  if (to.protocol !== "https:" && (isAddress || !mayAllow(rules, to))) return refused("must begin with https://");
  if (to.port < firstFreePort && to.port !== standardPorts[to.protocol])
    return refused(`must go to port 443, or to one from ${firstFreePort} on`);
  if (isAddress) return isPublicAddress(to.host) ? { ok: true, url, to } : refused(notPublic);
  const labels = to.host.split(".");
  if (to.host.length > 253 || !labels.every((name) => label.test(name)))
    return refused("must name a host that can exist");
  // A range on the list may hold what such a name leads to.
  const isLocal = labels.length === 1 || localNames.test(to.host);
  return isLocal && !mayAllow(rules, to) ? refused(notPublic) : { ok: true, url, to };
}

export const notPublic = "must not lead to a private, local or reserved address";

function refused(reason: string): UrlCheck {
  return { ok: false, reason };
}
