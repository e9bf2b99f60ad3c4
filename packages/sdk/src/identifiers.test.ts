import { ValueError } from "@noukai/core";
import { describe, expect, test } from "vitest";
import { checkExecutionId, type FlowVersion, versionNumber } from "./identifiers.ts";

function fault(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(ValueError);
    return String(error);
  }
  throw new Error("was accepted");
}

describe("a version", () => {
  test.each<[FlowVersion | undefined, number | undefined]>([
    [undefined, 0],
    ["draft", 0],
    ["production", undefined],
    [1, 1],
    [17, 17],
  ])("%j stands in the path as %j", (version, expected) => {
    expect(versionNumber(version)).toBe(expected);
  });

  test.each(["main", "dev", "latest", "", "1", 0, -1, 1.5, NaN, Infinity, null, {}])(
    "%j is refused, naming the three",
    (version) => {
      // What is not typed as a version may come from untyped code.
      expect(fault(() => versionNumber(version as FlowVersion))).toContain(
        '"draft", "production", or a published version',
      );
    },
  );
});

test.each([
  [NaN, "`version` is NaN."],
  [-Infinity, "`version` is -Infinity."],
  [null, "`version` is null."],
  [5n, "`version` is 5."],
  [{}, "`version` is an object."],
  ["main", '`version` is "main".'],
])("the version %s is told as it was given", (version, expected) => {
  expect(fault(() => versionNumber(version as FlowVersion))).toContain(expected); // as above
});

describe("an execution id", () => {
  test("is opaque", () => {
    expect(checkExecutionId("0199f3c2-7a41")).toBe("0199f3c2-7a41");
    expect(checkExecutionId("any.thing/else")).toBe("any.thing/else");
  });

  test.each(["", ".", "..", undefined, 7])("%j is none", (id) => {
    expect(fault(() => checkExecutionId(id as string))).toContain("`executionId`"); // as above
  });
});
