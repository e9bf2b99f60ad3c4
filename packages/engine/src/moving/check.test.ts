import { expect, it } from "vitest";
import { checkKind, isEqual } from "./check.ts";
import { type Kind, kinds, type Row } from "./kinds.ts";

const log: Kind = kinds.find(({ name }) => name === "log") ?? expect.fail("There is no log.");

const full: readonly Row[] = [
  ["a", 1, 0, "[1]"],
  ["a", 3, 1, "[2,3]"],
  ["b", 1, 0, "[1]"],
];

async function* rowsOf(rows: readonly Row[]): AsyncIterable<Row> {
  yield* rows;
}

async function compare(from: readonly Row[], to: readonly Row[]) {
  let rows = 0;
  const check = await checkKind(log, { from: rowsOf(from), to: rowsOf(to) }, () => {
    rows += 1;
    return undefined;
  });
  expect(rows).toBe(from.length);
  return check;
}

it("finds nothing in what is the same, and gives its count and hash for both sides", async () => {
  const check = await compare(full, full);
  expect([isEqual(check), check.from, check.firstDifference]).toEqual([true, check.to, undefined]);
  expect(check.from).toEqual({ count: 3, hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
});

it.each([
  ["has another value", full.with(1, ["a", 3, 1, "[2,4]"]), "a/3"],
  ["lacks a row", full.toSpliced(1, 1), "a/3"],
  ["lacks the last row", full.slice(0, 2), "b/1"],
  ["has a row too many", full.toSpliced(1, 0, ["a", 2, 0, "[2]"]), "a/2"],
  ["has nothing", [], "a/1"],
  ["has the same rows in another order", full.toReversed(), "a/1"],
])("names the first difference when one side %s, whichever that is", async (_, other, first) => {
  for (const check of [await compare(full, other), await compare(other, full)]) {
    expect([isEqual(check), check.firstDifference]).toEqual([false, first]);
  }
});
