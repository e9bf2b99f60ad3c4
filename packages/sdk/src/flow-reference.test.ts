import { ValueError } from "@noukai/core";
import { describe, expect, test } from "vitest";
import { type FlowReference, resolveFlow } from "./flow-reference.ts";

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
