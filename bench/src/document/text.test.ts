import { expect, it } from "vitest";
import { figure, percent, table, times, whole } from "./text.ts";

it("writes a table whose cells cannot break it", () => {
  expect(
    table(
      ["a", "b"],
      [
        ["1", "x | y"],
        ["2", "two\nlines"],
      ],
    ),
  ).toBe("| a | b |\n| --- | --- |\n| 1 | x \\| y |\n| 2 | two lines |");
});

it("shows three digits that matter", () => {
  expect([12_345.6, 123.4, 12.34, 1.234, 0.056].map(figure)).toEqual(["12,346", "123", "12.3", "1.23", "0.06"]);
});

it("shows a dash for what is no figure", () => {
  expect([figure(Number.NaN), whole(Number.NaN), times(undefined), times(Number.NaN)]).toEqual(["–", "–", "–", "–"]);
});

it("shows ratios and shares", () => {
  expect([times(7.249), percent(0.614), whole(4000.4)]).toEqual(["× 7.25", "61 %", "4,000"]);
});
