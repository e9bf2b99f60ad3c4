import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readFigures, type Figures } from "./figures.ts";
import { readPromql } from "./promql.ts";
import { expressionsOf, readOperationsPage, readPanels, readRules } from "./watching.ts";

const folder = mkdtempSync(join(tmpdir(), "noukai-figures-"));
let figures: Figures;

beforeAll(async () => {
  mkdirSync(join(folder, "acme/demo"), { recursive: true });
  const step =
    '{ id: a, type: llm, model: "noukai/echo?failAttempts=1", prompt: "{{message}}", retry: { initialMs: 1 } }';
  writeFileSync(join(folder, "acme/demo/flow.yaml"), `steps:\n  - ${step}\n`);
  figures = await readFigures(folder);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const rules = readRules();
const recorded = rules.flatMap(({ record }) => record ?? []);
const alerts = rules.flatMap(({ alert }) => alert ?? []);
const page = readOperationsPage();

/** Why the expression would show nothing; empty when it is well. Names of the dashboard's own are put in first. */
function faultsOf(expression: string): readonly string[] {
  const { fault, metrics, labels } = readPromql(expression.replaceAll("$__rate_interval", "5m"));
  return [
    ...(fault === undefined ? [] : [fault]),
    ...metrics.filter((name) => !figures.metrics.has(name) && !recorded.includes(name)),
    ...labels.filter((name) => !figures.labels.has(name)),
  ].map((what) => `${expression}: ${what}`);
}

test("an expression that is broken, or asks for what nobody tells, is found", () => {
  expect(faultsOf('sum by (kind) (rate(noukai_step_seconds_count{outcome="failed"}[5m]))')).toEqual([]);
  for (const wrong of ["max(noukai_runs_ready", "max(noukai_runs_redy)", "sum by (tenant) (noukai_runs_ready)"])
    expect(faultsOf(wrong)).not.toEqual([]);
});

describe("the rules", () => {
  test.each(rules.map((rule) => [rule.record ?? rule.alert ?? "", rule] as const))(
    "%s asks for what is told",
    (_, rule) => {
      expect(faultsOf(rule.expr)).toEqual([]);
    },
  );

  test("each alert says how bad it is, and where the page says what to do", () => {
    for (const { alert, labels, annotations } of rules.filter((rule) => rule.alert !== undefined)) {
      expect(["critical", "warning"]).toContain(labels?.severity);
      expect(annotations?.summary).toBeTruthy();
      expect(annotations?.runbook).toBe(`docs/operations.md#${alert?.toLowerCase()}`);
    }
  });

  test("the page has a heading for each alert, and for no other", () => {
    const headings = Array.from(page.matchAll(/^### (Noukai\w+)$/gm), ([, name]) => name);
    expect(headings.toSorted()).toEqual(alerts.toSorted());
  });
});

describe("the dashboard", () => {
  const panels = readPanels();
  const shown = panels.filter(({ type }) => type !== "row");

  test("has panels that ask for what is told, of whatever Prometheus it is given", () => {
    expect(shown.length).toBeGreaterThan(10);
    expect(shown.flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => faultsOf(expr)))).toEqual([]);
    expect(new Set(shown.map(({ datasource }) => datasource?.uid))).toEqual(new Set(["${datasource}"]));
  });

  test("has a place of its own for each panel", () => {
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)} ${y + Math.floor(cell / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
  });
});

describe("docs/operations.md", () => {
  test("asks for what is told", () => {
    const expressions = expressionsOf(page);
    expect(expressions.length).toBeGreaterThan(20);
    expect(expressions.flatMap(faultsOf)).toEqual([]);
  });

  test("says something of every figure of our own", () => {
    const named = new Set(expressionsOf(page).flatMap((text) => readPromql(text).metrics));
    const bases = [...figures.metrics].map((name) => name.replace(/_(?:bucket|sum|count)$/, ""));
    const ours = new Set(bases.filter((name) => name.startsWith("noukai_")));
    const told = new Set([...named].map((name) => name.replace(/_(?:bucket|sum|count)$/, "")));
    expect([...ours].filter((name) => !told.has(name))).toEqual([]);
  });
});
