import fc from "fast-check";
import { expect, test } from "vitest";
import { conceal, mayConceal } from "./concealment.ts";

const CANARY = "canary";

test("inputs are told only where they are shown", () => {
  const trace = { steps: [{ stepId: "a", inputContext: { a: 1 }, outputContext: { inputContext: 1, inputData: 2 } }] };
  expect(conceal(trace, { showsInputs: false, hidden: [] })).toEqual({
    steps: [{ stepId: "a", inputContext: null, outputContext: { inputContext: 1, inputData: 2 } }],
  });
  expect(conceal(trace, { showsInputs: true, hidden: [] })).toEqual(trace);
});

test("what the protocol itself says keeps its names", () => {
  const event = { stepId: "a", name: "secret", status: "completed", output: { name: 1, status: 2, text: "t" } };
  expect(conceal(event, { showsInputs: false, hidden: ["name", "status"] })).toEqual({
    ...event,
    output: { text: "t" },
  });
});

test("a hidden member is in no output, however deep, nor in JSON within a text", () => {
  const json = fc.jsonValue({ maxDepth: 4 });
  fc.assert(
    fc.property(json, json, fc.constantFrom("tier", "a b", "ünï", "__proto__"), (before, after, name) => {
      const hidden = JSON.parse(`{${JSON.stringify(name)}: "${CANARY}"}`) as object;
      const output = {
        before,
        inner: [{ after, ...hidden }],
        text: JSON.stringify(hidden),
        nested: JSON.stringify({ text: JSON.stringify(hidden) }),
      };
      const text = JSON.stringify({ output: { ...output, ...hidden } });
      const what = { showsInputs: true, hidden: [name] };
      expect(mayConceal(text, what)).toBe(true);
      expect(JSON.stringify(conceal(JSON.parse(text), what))).not.toContain(CANARY);
    }),
  );
});

test("text without such a name needs no second look", () => {
  expect(mayConceal('{"output":{"text":"a"}}', { showsInputs: false, hidden: ["tier"] })).toBe(false);
  expect(mayConceal('{"inputData":{}}', { showsInputs: false, hidden: [] })).toBe(true);
});
