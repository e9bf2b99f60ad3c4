import { ValueError } from "@noukai/core";
import { describe, expect, test } from "vitest";
import { checkExecutionId, type FlowReference, type FlowVersion, resolveFlow, versionNumber } from "./identifiers.ts";

const DEFAULTS = { org: "acme", project: "spelling" };

function fault(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(ValueError);
    return String(error);
  }
  throw new Error("was accepted");
}

describe("a flow's name", () => {
  test.each<[FlowReference, string]>([
    ["grade-3", "acme/spelling/grade-3"],
    ["other/maths/grade-3", "other/maths/grade-3"],
    [{ slug: "grade-3" }, "acme/spelling/grade-3"],
    [{ org: "other", project: "maths", slug: "grade-3" }, "other/maths/grade-3"],
    ["a1", "acme/spelling/a1"],
    ["a".repeat(50), `acme/spelling/${"a".repeat(50)}`],
    ["a--b", "acme/spelling/a--b"],
  ])("%j is %s", (reference, expected) => {
    const { org, project, flow } = resolveFlow(reference, DEFAULTS);
    expect(`${org}/${project}/${flow}`).toBe(expected);
  });

  test.each([
    "",
    "a",
    "a".repeat(51),
    "Grade-3",
    "grade_3",
    "-grade",
    "grade-",
    "grade 3",
    "grädé",
    "a%2fb",
    "..",
    "grade-3\n",
  ])("%j is no slug", (slug) => {
    expect(fault(() => resolveFlow(slug, DEFAULTS))).toContain("2 to 50 lower-case letters, digits and hyphens");
    expect(fault(() => resolveFlow({ org: slug, project: "maths", slug: "grade-3" }, {}))).toContain("`org`");
    expect(fault(() => resolveFlow({ org: "acme", project: slug, slug: "grade-3" }, {}))).toContain("`project`");
  });

  test.each(["a-b/c-d", "a-b/c-d/e-f/g-h", "/", "a-b/"])("%j is neither a slug nor a whole name", (reference) => {
    expect(fault(() => resolveFlow(reference, DEFAULTS))).toContain('"org/project/slug"');
  });

  test.each(["/acme/spelling", "acme//grade-3"])("%j has an empty part", (reference) => {
    expect(fault(() => resolveFlow(reference, DEFAULTS))).toContain('""');
  });

  test.each([undefined, null, 5, 5n, true])("%s is no name at all", (reference) => {
    // What is not typed as a reference may come from untyped code.
    expect(fault(() => resolveFlow(reference as unknown as FlowReference, DEFAULTS))).toContain(
      `The flow's name is ${reference}. Write "slug", "org/project/slug"`,
    );
  });

  test.each([
    [{}, "`slug` is undefined"],
    [{ slug: null }, "`slug` is null"],
    [{ slug: 55 }, "`slug` is 55"],
    [{ slug: ["grade-3"] }, "`slug` is an object"],
    [{ org: null, project: null, slug: "grade-3" }, "`org` is null"],
    [{ org: "acme", project: 55, slug: "grade-3" }, "`project` is 55"],
  ])("%j has a part that is no text", (reference, expected) => {
    expect(fault(() => resolveFlow(reference as unknown as FlowReference, DEFAULTS))).toContain(expected); // as above
  });

  test("needs a project from somewhere", () => {
    expect(fault(() => resolveFlow("grade-3", {}))).toMatch(/"org\/project\/grade-3".*`org` and `project`/);
  });

  test("is not half from here and half from there", () => {
    expect(fault(() => resolveFlow({ org: "other", slug: "grade-3" }, DEFAULTS))).toContain(
      "an `org` but no `project`",
    );
    expect(fault(() => resolveFlow({ project: "maths", slug: "grade-3" }, DEFAULTS))).toContain(
      "a `project` but no `org`",
    );
  });
});

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
