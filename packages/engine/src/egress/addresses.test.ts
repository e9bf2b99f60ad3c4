import { describe, expect, test } from "vitest";
import { isInRange, isPublicAddress, parseRange } from "./addresses.ts";

describe("an address is not public", () => {
  test.each([
    ["this network", ["0.0.0.0", "0.1.2.3"]],
    ["loopback", ["127.0.0.1", "127.255.255.254", "::1"]],
    ["private", ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"]],
    ["link-local, where clouds keep their metadata", ["169.254.169.254", "169.254.170.2", "fe80::1", "febf::1"]],
    ["shared by carriers", ["100.64.0.1", "100.100.100.200", "100.127.255.255"]],
    ["a cloud's own, though it looks public", ["168.63.129.16"]],
    ["protocol assignments", ["192.0.0.1", "192.0.0.192", "192.88.99.1"]],
    [
      "documentation and benchmarks",
      ["192.0.2.1", "198.51.100.7", "203.0.113.9", "198.18.0.1", "2001:db8::1", "3fff::1"],
    ],
    ["multicast and broadcast", ["224.0.0.1", "239.255.255.250", "255.255.255.255", "ff02::1"]],
    ["reserved", ["240.0.0.1", "100::1", "5f00::1", "4000::1", "8000::1"]],
    ["unspecified", ["::"]],
    ["of a network's own, in IPv6", ["fc00::1", "fd00:ec2::254", "fd20:ce::254", "fec0::1"]],
    ["IPv4, mapped", ["::ffff:127.0.0.1", "::ffff:a9fe:a9fe", "::ffff:8.8.8.8"]],
    ["IPv4, compatible", ["::127.0.0.1", "::a9fe:a9fe", "::8.8.8.8"]],
    ["IPv4, translated", ["::ffff:0:127.0.0.1"]],
    ["IPv4 behind NAT64", ["64:ff9b::a9fe:a9fe", "64:ff9b:1::a9fe:a9fe"]],
    ["IPv4 behind 6to4 and Teredo", ["2002:7f00:1::", "2001:0:7f00:1::"]],
    ["with a zone", ["fe80::1%eth0"]],
    ["no address in the plain form", ["0177.0.0.1", "0x7f.1", "2130706433", "127.1", "example.com", "", "1.2.3.4 "]],
  ])("that is %s", (_, addresses) => {
    expect(addresses.filter(isPublicAddress)).toEqual([]);
  });
});

test("an address of somebody on the public network is public", () => {
  const addresses = [
    "8.8.8.8",
    "1.1.1.1",
    "93.184.216.34",
    "172.32.0.1",
    "100.128.0.1",
    "2606:4700::1111",
    "2a00:1450::1",
  ];
  expect(addresses.filter((address) => !isPublicAddress(address))).toEqual([]);
});

test("a range holds its addresses and none of the other family", () => {
  const held = (range: string, address: string): boolean => {
    const parsed = parseRange(range);
    return parsed !== undefined && isInRange(address, parsed);
  };
  expect(held("10.0.0.0/8", "10.255.0.1")).toBe(true);
  expect(held("10.0.0.0/8", "11.0.0.1")).toBe(false);
  expect(held("127.0.0.1", "127.0.0.1")).toBe(true);
  expect(held("127.0.0.1", "127.0.0.2")).toBe(false);
  expect(held("fd00::/8", "fd12::1")).toBe(true);
  expect(held("0.0.0.0/0", "::1")).toBe(false);
  expect(held("10.0.0.0/8", "example.com")).toBe(false);
});

test.each(["", "10", "0x0a.0.0.0/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8/8", "example.com"])(
  "%s is no range",
  (text) => {
    expect(parseRange(text)).toBeUndefined();
  },
);
