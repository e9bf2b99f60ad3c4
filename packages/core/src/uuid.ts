/**
 * A fresh UUID of version 7 (RFC 9562): 48 bits of milliseconds, then 74 random bits. Keys that come in the order of time cost the
 * server's database least. Made by hand, because `crypto.randomUUID` gives version 4, and on plain http browsers lack it.
 */
export function newUuid(now: () => number = Date.now): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  new DataView(bytes.buffer).setBigUint64(0, (BigInt(now()) << 16n) | BigInt((bytes[6]! << 8) | bytes[7]!)); // sixteen bytes were asked for
  bytes[6] = (bytes[6]! & 0x0f) | 0x70; // as above
  bytes[8] = (bytes[8]! & 0x3f) | 0x80; // as above
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
