import { expect, test } from "vitest";
import { defaultDefinitionLimits, limitIssues } from "./definition-limits.ts";
import type { JsonObject } from "./definition.ts";
import { parseFlowObject } from "./parse.ts";

const leaf = (id: string): JsonObject => ({ id, type: "passthrough" });

/** A passthrough below so many parallel nodes. */
function nested(levels: number): JsonObject {
  let node = leaf("leaf");
  for (let level = 1; level < levels; level++) node = { id: `l${level}`, type: "parallel", branches: { only: [node] } };
  return { steps: [node] };
}

const input: JsonObject = { type: "object", properties: { items: { type: "array" } } };

const wide: Readonly<Record<string, (count: number) => JsonObject>> = {
  branches: (count) => ({
    id: "wide",
    type: "parallel",
    branches: Object.fromEntries(Array.from({ length: count }, (_, index) => [`b${index}`, [leaf(`s${index}`)]])),
  }),
  when: (count) => ({
    id: "wide",
    type: "branch",
    when: Array.from({ length: count }, (_, index) => ({ if: "1 < 2", steps: [leaf(`s${index}`)] })),
  }),
  concurrency: (concurrency) => ({ id: "wide", type: "loop", over: "items", concurrency, steps: [leaf("s")] }),
};

/** Is the definition valid in itself, and which limits of the server does it exceed? */
function judge(definition: JsonObject, limits = defaultDefinitionLimits) {
  const parsed = parseFlowObject(definition);
  if (!parsed.ok) return parsed.issues.map(({ path }) => path);
  return limitIssues(parsed.definition, limits).map(({ path }) => path);
}

test.each([
  ["the contract's", defaultDefinitionLimits],
  ["a server's", { treeDepth: 5, fanOut: 4 }],
])("a tree is as deep as %s limit allows, and no deeper", (_, limits) => {
  const { treeDepth } = limits;
  expect(judge(nested(treeDepth - 1), limits)).toEqual([]);
  expect(judge(nested(treeDepth), limits)).toEqual([]);
  expect(judge(nested(treeDepth + 1), limits)).toEqual([expect.stringMatching(/branches\.only\[0\]$/)]);
});

test.each(
  Object.entries(wide).flatMap(([member, make]) => [
    { member, make, limits: defaultDefinitionLimits },
    { member, make, limits: { treeDepth: 5, fanOut: 4 } },
  ]),
)("$member may be as wide as $limits.fanOut, and no wider", ({ member, make, limits }) => {
  const { fanOut } = limits;
  const judgeAt = (count: number) => judge({ input, steps: [make(count)] }, limits);
  expect(judgeAt(fanOut - 1)).toEqual([]);
  expect(judgeAt(fanOut)).toEqual([]);
  expect(judgeAt(fanOut + 1)).toEqual([`steps[0].${member}`]);
});
