/**
 * A fresh UUID of version 7 (RFC 9562): 48 bits of milliseconds, then 74 random bits. Keys that come in the order of time cost the
 * server's database least. Made by hand, because `crypto.randomUUID` gives version 4, and on plain http browsers lack it.
 */
export function newUuid(now: () => number = Date.now): string {
  const bytes = crypto.getRandomValues(new Uint8Array(10));
  const random = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const time = now().toString(16).padStart(12, "0");
  const variant = (0x8 | (bytes[9]! & 0x3)).toString(16); // ten bytes were asked for; of the last one nothing else is taken
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-${variant}${random.slice(3, 6)}-${random.slice(6, 18)}`;
}
