import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { deployFolder, readDeployFile } from "./files.ts";

/** A rule of Prometheus: one that records, or one that alerts. */
export interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly labels?: { readonly severity?: string };
  readonly annotations?: { readonly summary?: string; readonly runbook?: string };
}

export function readRules(): readonly Rule[] {
  const file = parse(readDeployFile("prometheus/rules.yaml")) as {
    readonly groups: readonly { readonly rules: readonly Rule[] }[];
  };
  return file.groups.flatMap(({ rules }) => rules);
}

/** What is used of a dashboard's panel. */
export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly { readonly expr: string }[];
}

export function readPanels(): readonly Panel[] {
  const file = JSON.parse(readDeployFile("grafana/noukai.json")) as { readonly panels: readonly Panel[] };
  return file.panels;
}

export function readOperationsPage(): string {
  return readFileSync(join(deployFolder, "../docs/operations.md"), "utf8");
}

/** Every code span and every line of a `promql` block of the page that names a figure. */
export function expressionsOf(page: string): readonly string[] {
  const blocks = Array.from(page.matchAll(/^```promql\n(.*?)^```$/gms), ([, text = ""]) =>
    text.trim().split("\n"),
  ).flat();
  const prose = page.replaceAll(/^```.*?^```$/gms, "");
  const spans = Array.from(prose.matchAll(/`([^`]+)`/g), ([, text = ""]) => text.replaceAll("\\|", "|"));
  return [...blocks, ...spans.filter((text) => /\b(?:noukai|nodejs|process)[_:][a-z]/.test(text))];
}
