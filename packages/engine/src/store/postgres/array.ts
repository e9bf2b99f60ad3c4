/**
 * Arrays in PostgreSQL's binary form, which `pg` sends as they are. Its own arrays are text: each element would be escaped here and
 * unescaped there, and most of what a flush carries is JSON, full of quotes.
 * The form: dimensions, whether there are nulls, the elements' type, then per dimension its length and lower bound, then the elements,
 * each after its length in bytes. Source: `array_recv` in PostgreSQL's src/backend/utils/adt/arrayfuncs.c.
 */

const headerBytes = 20;
const nullLength = -1;

/** Object ids of the element types. Source: PostgreSQL's pg_type.dat */
const boolOid = 16;
const bigintOid = 20;
const integerOid = 23;
const textOid = 25;
const uuidOid = 2950;

interface ElementType<Value> {
  readonly oid: number;
  sizeOf(value: Value): number;
  write(buffer: Buffer, value: Value, at: number): void;
}

function encode<Value>({ oid, sizeOf, write }: ElementType<Value>, values: readonly (Value | null)[]): Buffer {
  const sizes = values.map((value) => (value === null ? nullLength : sizeOf(value)));
  const bytes = sizes.reduce((sum, size) => sum + 4 + Math.max(size, 0), headerBytes);
  const buffer = Buffer.allocUnsafe(bytes);
  buffer.writeInt32BE(1, 0);
  buffer.writeInt32BE(sizes.includes(nullLength) ? 1 : 0, 4);
  buffer.writeInt32BE(oid, 8);
  buffer.writeInt32BE(values.length, 12);
  buffer.writeInt32BE(1, 16);
  let at = headerBytes;
  for (const [index, value] of values.entries()) {
    const size = sizes[index] ?? nullLength;
    buffer.writeInt32BE(size, at);
    at += 4;
    if (value === null) continue;
    write(buffer, value, at);
    at += size;
  }
  return buffer;
}

const text: ElementType<string> = {
  oid: textOid,
  sizeOf: (value) => Buffer.byteLength(value),
  write: (buffer, value, at) => buffer.write(value, at),
};

const integer: ElementType<number> = {
  oid: integerOid,
  sizeOf: () => 4,
  write: (buffer, value, at) => buffer.writeInt32BE(value, at),
};

const bigint: ElementType<number> = {
  oid: bigintOid,
  sizeOf: () => 8,
  write: (buffer, value, at) => buffer.writeBigInt64BE(BigInt(value), at),
};

const boolean: ElementType<boolean> = {
  oid: boolOid,
  sizeOf: () => 1,
  write: (buffer, value, at) => buffer.writeUInt8(value ? 1 : 0, at),
};

const uuid: ElementType<string> = {
  oid: uuidOid,
  sizeOf: () => 16,
  write: (buffer, value, at) => buffer.write(value.replaceAll("-", ""), at, "hex"),
};

/** `text[]`. */
export function textArray(values: readonly (string | null)[]): Buffer {
  return encode(text, values);
}

/** `integer[]`; throws a `RangeError` for what does not fit. */
export function integerArray(values: readonly (number | null)[]): Buffer {
  return encode(integer, values);
}

/** `bigint[]`, of safe integers. */
export function bigintArray(values: readonly (number | null)[]): Buffer {
  return encode(bigint, values);
}

/** `boolean[]`. */
export function booleanArray(values: readonly boolean[]): Buffer {
  return encode(boolean, values);
}

/** `uuid[]`, of texts that are UUIDs. */
export function uuidArray(values: readonly string[]): Buffer {
  return encode(uuid, values);
}
