import { expect, test } from "vitest";
import { closest } from "./closest.ts";

test("finds the word that was meant", () => {
  expect(closest("NOUKAI_LGO", ["NOUKAI_LOG", "NOUKAI_ENV"])).toBe("NOUKAI_LOG");
});

test("suggests nothing when nothing is near", () => {
  expect(closest("PORT", ["NOUKAI_LOG", "HOST"])).toBeUndefined();
});
