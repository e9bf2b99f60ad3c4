import { describe, expect, test } from "vitest";
import { RequestError } from "../errors.ts";
import { compileFlow } from "./compile.ts";
import type { Json } from "./definition.ts";
import { applyBlockOverrides } from "./overrides.ts";
import { parseFlowObject } from "./parse.ts";

const result = parseFlowObject({
  steps: [
    {
      id: "check",
      type: "llm",
      model: "a/b",
      prompt: "{{message}}",
      output: { type: "object", properties: { list: { type: "array" } } },
    },
    { id: "each", type: "loop", over: "list", steps: [{ id: "in", type: "llm", model: "a/b", prompt: "{{item}}" }] },
    {
      id: "fan",
      type: "parallel",
      branches: {
        a: [
          {
            id: "deep",
            type: "branch",
            when: [{ if: "true", steps: [{ id: "code", type: "code", code: "return {}" }] }],
            else: [{ id: "sub", type: "flow", flow: "other" }],
          },
        ],
      },
    },
  ],
});
if (!result.ok) throw new Error(JSON.stringify(result.issues));
const flow = compileFlow(result.definition);

/** `path: message` of each issue. */
function refused(overrides: Json): readonly string[] {
  try {
    applyBlockOverrides(flow, overrides);
  } catch (error) {
    if (!(error instanceof RequestError) || error.code !== "INVALID_REQUEST") throw error;
    return error.issues.map(({ path, message }) => `${path}: ${message}`);
  }
  return [];
}

describe("overrides", () => {
  test("replace settings of the steps that they name, inner ones too, and nothing else", () => {
    const changed = applyBlockOverrides(flow, {
      check: { model: "c/d", temperature: 1, retry: { maxAttempts: 1 } },
      in: { prompt: "Item {{index}}" },
      each: { concurrency: 4 },
      code: { code: "return { a: 1 }" },
      sub: { version: "draft" },
    });
    expect(changed.stepsById.get("check")).toMatchObject({
      node: { model: "c/d", temperature: 1, retry: { maxAttempts: 1 }, prompt: "{{message}}" },
    });
    expect(changed.stepsById.get("in")).toMatchObject({ prompt: { parts: ["Item ", { source: "index" }] } });
    expect(changed.stepsById.get("each")).toMatchObject({ concurrency: 4 });
    expect(changed.stepsById.get("code")).toMatchObject({ node: { code: "return { a: 1 }" } });
    expect(changed.stepsById.get("sub")).toMatchObject({ node: { version: "draft" } });
    expect(changed.definition).not.toEqual(flow.definition);
    expect(flow.stepsById.get("check")).toMatchObject({ node: { model: "a/b" } });
  });

  test("that name nothing give the flow itself", () => {
    expect(applyBlockOverrides(flow, {})).toBe(flow);
  });

  test.each<[Json, string]>([
    [[], "blockOverrides: expected an object of step ids, got a list."],
    [{ chek: { model: "a/b" } }, "blockOverrides.chek: names no step of this flow. Did you mean `check`?"],
    [{ toString: {} }, "blockOverrides.toString: names no step of this flow."],
    [JSON.parse('{ "__proto__": { "model": "a/b" } }'), "blockOverrides.__proto__: names no step of this flow."],
    [JSON.parse('{ "check": { "__proto__": 1 } }'), "blockOverrides.check.__proto__: cannot be overridden on a step"],
    [{ check: "a/b" }, "blockOverrides.check: expected an object of fields, got a string."],
    [
      { check: { modle: "a/b" } },
      "blockOverrides.check.modle: cannot be overridden on a step of type llm. Did you mean `model`?",
    ],
    [{ check: { id: "other" } }, "blockOverrides.check.id: cannot be overridden on a step of type llm."],
    [{ check: { output: {} } }, "blockOverrides.check.output: cannot be overridden on a step of type llm."],
    [
      { fan: { branches: {} } },
      "blockOverrides.fan.branches: cannot be overridden on a step of type parallel. It has nothing that can.",
    ],
    [{ check: { temperature: 3 } }, "blockOverrides.check.temperature: expected a number from 0 to 2, got 3."],
    [
      { in: { prompt: "{{itm}}" } },
      "blockOverrides.in.prompt: `{{itm}}` names nothing that can exist here. Did you mean `item`?",
    ],
    [{ check: { model: null } }, "blockOverrides.check.model: expected a string, got null."],
    [
      { check: { retry: { maxAttempts: 0 } } },
      "blockOverrides.check.retry.maxAttempts: expected a whole number from 1 to 20, got 0.",
    ],
  ])("%j are refused: %s", (overrides, expected) => {
    const found = refused(overrides);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(expected);
  });

  test("have all their faults reported at once", () => {
    expect(refused({ chek: {}, check: { modle: 1 }, each: 5 })).toHaveLength(3);
    expect(refused({ check: { model: "x", temperature: -1 }, in: { prompt: "{{" } })).toHaveLength(3);
  });

  test("have unknown names and wrong values reported together", () => {
    expect(refused({ check: { promt: "y", temperature: 9 }, chek: {}, in: { prompt: "{{itm}}" } })).toEqual([
      expect.stringContaining(
        "blockOverrides.check.promt: cannot be overridden on a step of type llm. Did you mean `prompt`?",
      ),
      expect.stringContaining("blockOverrides.chek: names no step of this flow."),
      "blockOverrides.check.temperature: expected a number from 0 to 2, got 9.",
      expect.stringContaining("blockOverrides.in.prompt: `{{itm}}` names nothing"),
    ]);
  });
});
