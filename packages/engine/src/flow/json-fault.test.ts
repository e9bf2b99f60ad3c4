import fc from "fast-check";
import { expect, test } from "vitest";
import { findJsonFault } from "./json-fault.ts";

test.each([
  ['{"message": hello}', 1, 13],
  ['{"a":1,}', 1, 8],
  ["[1,]", 1, 4],
  ['{"a" 1}', 1, 6],
  ['{"a":1} x', 1, 9],
  ['{\n  "a": 1\n  "b": 2\n}', 3, 3],
  ['{"a":"x', 1, 6],
  ['{"a":[1', 1, 8],
  ["", 1, 1],
  ["{'a':1}", 1, 2],
  ['{"a":01}', 1, 7],
  ['["\\x"]', 1, 2],
  ["[1}", 1, 3],
])("names the place where %j stops being JSON", (text, line, column) => {
  expect(findJsonFault(text)).toEqual({ line, column });
});

test("reads every valid text to its end", () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(findJsonFault(`${text} !`)).toEqual({ line: 1, column: text.length + 2 });
    }),
  );
});
