import type { KindCheck } from "@noukai/engine";
import { expect, test } from "vitest";
import { checkTable, createMoveReport } from "./migrate-report.ts";

const content = { count: 1_200, hash: "ab".repeat(32) };
const same: KindCheck = { kind: "runs", from: content, to: content };
const different: KindCheck = {
  kind: "log",
  from: content,
  to: { count: 3, hash: "cd".repeat(32) },
  firstDifference: "id/7",
};

/** A report whose clock stands where it is put, and what it wrote. */
function reportTo({ isTTY = false, isJson = false } = {}) {
  let now = 0;
  const texts = { output: "", errors: "" };
  const stream = (name: keyof typeof texts) => ({ isTTY, write: (text: string) => void (texts[name] += text) });
  const report = createMoveReport({ isJson, output: stream("output"), errors: stream("errors"), now: () => now });
  const progress = (at: number, done: number, share: number): void => {
    now = at;
    report.progress({ phase: "copy", kind: "log", done, total: 400_000, share });
  };
  return { report, progress, texts };
}

test("on no terminal, each kind has a line, and another one every five seconds", () => {
  const { progress, texts } = reportTo();
  progress(0, 0, 0);
  progress(1_000, 10_000, 0.02);
  progress(5_000, 40_000, 0.1);
  progress(9_999, 80_000, 0.15);
  progress(200_000, 90_000, 0.2);
  expect(texts.errors).toBe(
    [
      "Copying log: 0 of 400,000 · 0 % of all",
      "Copying log: 40,000 of 400,000 · 10 % of all · about 45 s left",
      "Copying log: 90,000 of 400,000 · 20 % of all · about 14 min left",
      "",
    ].join("\n"),
  );
});

test("of a kind that there is nothing of, nothing is told", () => {
  const { report, texts } = reportTo();
  report.progress({ phase: "check", kind: "credits", done: 0, total: 0, share: 0.5 });
  expect(texts.errors).toBe("");
});

test("on a terminal, one line is drawn over and over, and gone before what came of it", () => {
  const { report, progress, texts } = reportTo({ isTTY: true });
  progress(0, 0, 0);
  progress(50, 1_000, 0.001);
  progress(150, 2_000, 0.002);
  report.moved({ checks: [same], givenBack: 1 });
  const clear = "\r\u001b[2K";
  expect(texts.errors).toBe(
    `${clear}Copying log: 0 of 400,000 · 0 % of all${clear}Copying log: 2,000 of 400,000 · 0 % of all${clear}`,
  );
  expect(texts.output).toContain("\n1 run that was in work can go on.\nEverything was moved.");
});

test("for programs, each line is JSON", () => {
  const { report, progress, texts } = reportTo({ isJson: true });
  progress(0, 0, 0);
  report.failed(new Error("no"));
  report.moved({ checks: [same], givenBack: 0 });
  expect(
    texts.output
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual([
    { event: "progress", phase: "copy", kind: "log", done: 0, total: 400_000, share: 0 },
    { event: "failed", message: "no" },
    { event: "moved", checks: [same], givenBack: 0 },
  ]);
  expect(texts.errors).toBe("");
});

test("the table has both sides' counts and hashes, and says where they differ", () => {
  expect(checkTable([same, different])).toEqual([
    "      source  target  SHA-256, source   SHA-256, target",
    "runs   1,200   1,200  abababababababab  abababababababab  same",
    "log    1,200       3  abababababababab  cdcdcdcdcdcdcdcd  differ, first in id/7",
  ]);
});
