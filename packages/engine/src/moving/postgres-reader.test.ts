import fc from "fast-check";
import { expect, it } from "vitest";
import { placesInOrder } from "./postgres-reader.ts";

function placesOf(numbers: readonly number[]): readonly number[] {
  return numbers.map(placesInOrder());
}

it("changes of transactions that came one after the other keep their numbers", () => {
  expect(placesOf([1, 2, 5, 9])).toEqual([1, 2, 5, 9]);
});

it("changes of transactions that overlapped are in the order in which they were told", () => {
  expect(placesOf([5, 3, 4, 6, 9])).toEqual([5, 6, 7, 8, 9]);
});

it("whoever goes on behind a number misses nothing that was told later", () => {
  const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 1_000 }), { maxLength: 30 });
  fc.assert(
    fc.property(numbers, (inOrder) => {
      const places = placesOf(inOrder);
      for (const [index, number] of inOrder.entries())
        expect(places.slice(index + 1).every((place) => place > number)).toBe(true);
    }),
  );
});
