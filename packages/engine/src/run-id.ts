import { randomFillSync } from "node:crypto";

/** The counter lives in the 12 bits of `rand_a`; it starts below half of them, so that one millisecond has room for at least 2 048 ids. */
const counterLimit = 0x1000;
const counterSeedMask = 0x7ff;

const hex: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Random bytes from the system, fetched by the kilobyte: a call per id would cost more than the id. */
const pool = new Uint8Array(4096);
let used = pool.length;

function randomByte(): number {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  return pool[used++] ?? 0;
}

function hexByte(byte: number): string {
  return hex[byte & 0xff] ?? "";
}

/**
 * A source of UUIDv7s (RFC 9562), lower case: 48 bits of milliseconds, a 12-bit counter with a random start (§6.2, method 1), 62 random bits.
 * Each id sorts after the one before it, also within a millisecond and when the clock steps back; the time in the id then runs ahead of the clock.
 */
export function createRunIds(options: { readonly now?: () => number } = {}): () => string {
  const now = options.now ?? Date.now;
  let lastMs = -1;
  let counter = 0;

  function advance(): void {
    const ms = Math.floor(now());
    if (ms <= lastMs && ++counter < counterLimit) return;
    lastMs = Math.max(ms, lastMs + 1);
    counter = ((randomByte() << 8) | randomByte()) & counterSeedMask;
  }

  return () => {
    advance();
    const high = Math.floor(lastMs / 0x1_0000_0000);
    const low = lastMs >>> 0;
    return (
      `${hexByte(high >> 8)}${hexByte(high)}${hexByte(low >>> 24)}${hexByte(low >>> 16)}-${hexByte(low >>> 8)}${hexByte(low)}` +
      `-${hexByte(0x70 | (counter >> 8))}${hexByte(counter)}-${hexByte(0x80 | (randomByte() & 0x3f))}${hexByte(randomByte())}-` +
      `${hexByte(randomByte())}${hexByte(randomByte())}${hexByte(randomByte())}${hexByte(randomByte())}${hexByte(randomByte())}${hexByte(randomByte())}`
    );
  };
}

/** A run id on the system's clock. Time order is what keeps the database's newest pages together: random keys halve its write throughput. */
export const newRunId: () => string = createRunIds();

/** Sorts before every run id of that millisecond and later, and behind all earlier ones. */
export function firstRunIdAt(ms: number): string {
  const time = Math.max(0, Math.floor(ms)).toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8, 12)}-0000-0000-000000000000`;
}

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Is `text` a UUID of any version, in either case? Stored ids are lower case. */
export function isUuid(text: string): boolean {
  return uuidPattern.test(text);
}
