import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

/** What has been given out of IPv6 so far; the rest holds IPv4 in disguise, networks' own addresses and what nobody has yet. Source: IANA, "IPv6 Address Space". */
const globalUnicast = ipaddr.IPv6.parseCIDR("2000::/3");

/** Looks public and is a machine's own supervisor: the one that hands out Azure's certificates and extensions. Source: Microsoft, "What is IP address 168.63.129.16?" */
const supervisor = "168.63.129.16";

/**
 * Does the address belong to somebody on the public network? Not so: private, loopback, link-local, shared, multicast, documentation and
 * reserved ranges, and each way of writing an IPv4 address as an IPv6 one (mapped, compatible, NAT64, 6to4, Teredo).
 */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== "unicast") return false;
  return parsed instanceof ipaddr.IPv6 ? parsed.match(globalUnicast) : address !== supervisor;
}

/** A block of addresses, such as `10.0.0.0/8`. */
export type AddressRange = ReturnType<typeof ipaddr.parseCIDR>;

/** An address, or one with the length of its prefix; undefined for any other text, old spellings of IPv4 among them. */
export function parseRange(text: string): AddressRange | undefined {
  const [address = ""] = text.split("/");
  const family = isIP(address);
  if (family === 0) return undefined;
  const range = text.includes("/") ? text : `${text}/${family === 4 ? 32 : 128}`;
  return ipaddr.isValidCIDR(range) ? ipaddr.parseCIDR(range) : undefined;
}

/** False for an address of the other family. */
export function isInRange(address: string, [start, bits]: AddressRange): boolean {
  if (isIP(address) === 0) return false;
  const parsed = ipaddr.parse(address);
  return parsed.kind() === start.kind() && parsed.match(start, bits);
}
