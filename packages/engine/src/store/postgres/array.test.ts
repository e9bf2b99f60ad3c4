import * as fc from "fast-check";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describePostgres, type TestDatabase } from "@noukai/postgres-for-tests";
import { bigintArray, booleanArray, integerArray, textArray, uuidArray } from "./array.ts";

describePostgres("binary arrays", (postgres) => {
  let database: TestDatabase;
  let client: pg.Client;

  beforeAll(async () => {
    database = await postgres.createDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  /** What PostgreSQL makes of the array, given back through `pg`'s own reading of arrays. */
  async function read(type: string, array: Buffer): Promise<unknown> {
    const { rows } = await client.query<{ array: unknown }>(`SELECT $1::${type}[] AS array`, [array]);
    return rows[0]?.array;
  }

  it.each<[string, readonly (string | null)[]]>([
    ["no element", []],
    ["nulls beside empty texts and the word", [null, "", "NULL", null]],
    ["what its text form would have to escape", ['"', "\\", "{a,b}", " ", "'; DROP TABLE runs; --"]],
    ["more bytes than characters", ["wörd", "🦜", "﷽"]],
    ["JSON", [JSON.stringify({ nul: "\u0000", lone: "\ud800" })]],
  ])("carry texts: %s", async (_, texts) => {
    expect(await read("text", textArray(texts))).toEqual(texts);
  });

  it("carry any text that UTF-8 knows, but for a NUL", async () => {
    const texts = fc.string({ unit: "binary" }).map((text) => text.replaceAll("\0", "0"));
    const property = fc.asyncProperty(fc.array(fc.option(texts)), async (values) => {
      expect(await read("text", textArray(values))).toEqual(values);
    });
    await expect(fc.assert(property, { numRuns: 50 })).resolves.toBeUndefined();
  });

  it("carry numbers to the ends of their types", async () => {
    const integers = [0, -1, 2 ** 31 - 1, -(2 ** 31), null];
    const bigints = [0, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, null];
    expect(await read("integer", integerArray(integers))).toEqual(integers);
    expect(await read("bigint", bigintArray(bigints))).toEqual(bigints.map((value) => value?.toString() ?? null));
  });

  it("carry UUIDs and truth values", async () => {
    const ids = ["0199c0de-0000-7000-8000-00000000abcd", "ffffffff-ffff-ffff-ffff-ffffffffffff"];
    expect(await read("uuid", uuidArray(ids))).toEqual(ids);
    expect(await read("boolean", booleanArray([true, false]))).toEqual([true, false]);
  });

  it("refuse numbers that do not fit", () => {
    expect(() => integerArray([2 ** 31])).toThrow(RangeError);
    expect(() => bigintArray([0.5])).toThrow(RangeError);
  });
});
