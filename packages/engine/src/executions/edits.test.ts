import { expect, test } from "vitest";
import { isOutdated, type OutputEdits, withEdit } from "./edits.ts";

const edit = (stepIndex: number) => ({ stepIndex, output: { text: `edited ${stepIndex}` }, at: 1 });
const outdated = (edits: OutputEdits): readonly number[] =>
  [0, 1, 2, 3, 4].filter((index) => isOutdated(edits, `s${index}`, index));

test("everything behind an edited step is out of date, and nothing before it", () => {
  expect(outdated({})).toEqual([]);
  expect(outdated(withEdit({}, "s2", edit(2)))).toEqual([3, 4]);
});

test("a step that is edited after one before it stands, and what lies between does not", () => {
  expect(outdated(withEdit(withEdit({}, "s1", edit(1)), "s3", edit(3)))).toEqual([2, 4]);
});

test("an edit takes those behind it back: they were made for another input", () => {
  const edits = withEdit(withEdit({}, "s3", edit(3)), "s1", edit(1));
  expect(Object.keys(edits)).toEqual(["s1"]);
  expect(outdated(edits)).toEqual([2, 3, 4]);
});

test("the later of two edits of one step counts", () => {
  expect(withEdit(withEdit({}, "s1", edit(1)), "s1", { ...edit(1), at: 2 })).toEqual({ s1: { ...edit(1), at: 2 } });
});

test("a step may be called like something that every object has", () => {
  const edits = withEdit({}, "__proto__", edit(1));
  expect(isOutdated(edits, "__proto__", 1)).toBe(false);
  expect(isOutdated(JSON.parse(JSON.stringify(edits)) as OutputEdits, "constructor", 2)).toBe(true);
});
