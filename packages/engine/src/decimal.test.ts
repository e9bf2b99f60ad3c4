import fc from "fast-check";
import { expect, test } from "vitest";
import { addDecimals, formatDecimal, isPositive, parseDecimal, subtractDecimals } from "./decimal.ts";

const decimals = fc.record({ units: fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), scale: fc.nat(20) });

test("an amount reads back as it was written, without needless zeros", () => {
  fc.assert(
    fc.property(decimals, (value) => {
      const text = formatDecimal(value);
      expect(formatDecimal(parseDecimal(text))).toBe(text);
      expect(text).toMatch(/^-?(?:0|[1-9]\d*)(?:\.\d*[1-9])?$/);
    }),
  );
});

test("what is added and taken away again leaves the same amount", () => {
  fc.assert(
    fc.property(decimals, decimals, (a, b) => {
      const [left, right] = [formatDecimal(a), formatDecimal(b)];
      expect(subtractDecimals(addDecimals(left, right), right)).toBe(left);
      expect(addDecimals(left, right)).toBe(addDecimals(right, left));
    }),
  );
});

test.each([
  ["0.1", "0.2", "0.3"],
  ["1", "-1", "0"],
  ["-0.25", "0.125", "-0.125"],
  ["1e-7", "2.5e2", "250.0000001"],
  ["-2", "-0.5", "-2.5"],
])("%s and %s are %s together", (a, b, sum) => {
  expect(addDecimals(a, b)).toBe(sum);
});

test.each([
  ["0", false],
  ["-0.01", false],
  ["0.000000000001", true],
])("tells whether %s is more than nothing", (text, expected) => {
  expect(isPositive(text)).toBe(expected);
});

test.each(["", "-", "--1", "1,5", ".5", "1e100", "NaN"])("refuses %j, which is no amount", (text) => {
  expect(() => parseDecimal(text)).toThrow(RangeError);
});
