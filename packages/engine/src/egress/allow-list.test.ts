import { expect, test } from "vitest";
import { parseEgressAllow } from "./allow-list.ts";
import { createEgress } from "./egress.ts";

function faultOf(allow: string, url: string): string | undefined {
  const parsed = parseEgressAllow(allow);
  if ("faults" in parsed) throw new Error(parsed.faults.join());
  return createEgress({ allow: parsed.rules }).fault(url);
}

test.each([
  ["hooks.internal", "https://hooks.internal/"],
  ["Hooks.Internal", "https://hooks.internal:9000/"],
  ["https://hooks.internal:8443", "https://hooks.internal:8443/"],
  ["receiver", "https://receiver/"],
  ["http://receiver:80", "http://receiver/"],
  ["http://receiver", "https://receiver/"],
  ["127.0.0.1", "https://127.0.0.1:9000/"],
  ["http://127.0.0.1:9000", "http://127.0.0.1:9000/"],
  ["10.0.0.0/8", "https://10.1.2.3/"],
  ["10.0.0.0/8:8443", "https://10.1.2.3:8443/"],
  ["fd00::/8", "https://[fd00::1]/"],
  ["[fd00::/8]:8443", "https://[fd00::1]:8443/"],
  ["::1", "https://[::1]/"],
  [" hooks.internal , 10.0.0.0/8,", "https://10.1.2.3/"],
  // What such a name leads to is seen when it is looked up.
  ["10.0.0.0/8", "https://hooks.internal/"],
  ["hooks.internal:25", "https://hooks.internal:25/"],
])("%s lets %s go", (allow, url) => {
  expect(faultOf(allow, url)).toBeUndefined();
});

test.each([
  ["hooks.internal", "https://other.internal/"],
  ["hooks.internal", "https://hooks.internal.example.com.local/"],
  ["hooks.internal:8443", "https://hooks.internal/"],
  ["hooks.internal", "http://hooks.internal/"],
  ["10.0.0.0/8", "https://11.0.0.1:22/"],
  ["10.0.0.0/8", "http://10.1.2.3/"],
  ["10.0.0.0/8", "https://0x0a.1.2.3/"],
  ["10.0.0.0/8", "https://169.254.169.254/"],
  ["http://10.0.0.0/8", "http://8.8.8.8/"],
])("%s does not let %s go", (allow, url) => {
  expect(faultOf(allow, url)).toMatch(/^must /);
});

test.each([
  "10.0.0.0/33",
  "a b",
  "http://",
  "host:0",
  "host:70000",
  "*.internal",
  "ftp://host",
  "0x7f.1",
  "[host]",
  "1.2.3",
])("%s is no entry, and is told of", (entry) => {
  expect(parseEgressAllow(`10.0.0.0/8,${entry}`)).toEqual({ faults: [expect.stringContaining(`"${entry}"`)] });
});
