import type { CaptureMode, DefinitionIssue, Json } from "./definition.ts";
import { captureModes } from "./definition.ts";
import type { Fault, Report } from "./fault.ts";
import { type RedactionRule, redactionRules, type Retention, retention } from "./kept.ts";
import { choice, integer, list, object, text, type Check } from "./members.ts";
import { toPlacedIssue, toPlacedIssues } from "./parse.ts";
import { readSource } from "./source.ts";

/** What `project.yaml` says. */
export interface ProjectSettings {
  /** The address of the settings' own JSON Schema, for editors. It changes nothing. */
  readonly $schema?: string;
  /** The project's balance in US dollars, a number or a decimal string. Absent: unlimited. */
  readonly creditsUsd?: number | string;
  readonly limits?: ProjectLimits;
  /** The mode of flows that name none. */
  readonly capture?: CaptureMode;
  /** What the mode `redacted` hides in every flow of the project, beside the built-in rules. */
  readonly redact?: readonly RedactionRule[];
  /** Of flows that say nothing about it. Absent: runs are kept for ever. */
  readonly retention?: Retention;
  /** Browsers' origins that may call directly, such as `https://app.example.com`. */
  readonly corsOrigins?: readonly string[];
  /** Signs webhooks: `whsec_` and the base64 of 24 to 64 random bytes (Standard Webhooks). */
  readonly webhookSecret?: string;
}

export interface ProjectLimits {
  readonly requestsPerMinute?: number;
  readonly concurrentRuns?: number;
  readonly tokensPerRun?: number;
  readonly usdPerRun?: number | string;
}

export type ParsedProject =
  | { readonly ok: true; readonly settings: ProjectSettings }
  | { readonly ok: false; readonly issues: readonly DefinitionIssue[] };

/** Reads and checks the text of a `project.yaml`; each issue has its line and column. */
export function parseProject(source: string): ParsedProject {
  const read = readSource(source, "yaml");
  if (!read.ok) return { ok: false, issues: read.faults.map((fault) => toPlacedIssue(fault, fault)) };
  // An empty file, or one with comments only, sets nothing.
  const value: Json = read.value ?? {};
  const faults: Fault[] = [...read.faults];
  const report: Report = (fault) => void faults.push(fault);
  checkSettings(value, [], report);
  if (faults.length > 0) return { ok: false, issues: toPlacedIssues(faults, read.locate) };
  return { ok: true, settings: value as ProjectSettings }; // reason: `checkSettings` has found it to be one
}

const amountUsd: Check = (value, path, report) => {
  const isNumber = typeof value === "number" && value >= 0;
  const isDecimal = typeof value === "string" && /^\d{1,12}(?:\.\d{1,12})?$/u.test(value);
  if (!isNumber && !isDecimal)
    report({ path, message: 'expected an amount of US dollars, not negative, such as 25 or "25.50".' });
};

/** An origin is a scheme, a host and perhaps a port, and nothing after them. */
const origin = text({
  check: (value) => {
    const isOrigin =
      URL.canParse(value) && /^https?:$/u.test(new URL(value).protocol) && new URL(value).origin === value;
    return isOrigin
      ? undefined
      : "is no origin. Write scheme, host and perhaps port, no path, such as `https://app.example.com`.";
  },
});

/** The message never shows the secret. */
const webhookSecret = text({
  check: (value) => {
    const bytes = /^whsec_[A-Za-z0-9+/]+={0,2}$/u.test(value)
      ? Buffer.from(value.slice("whsec_".length), "base64").length
      : 0;
    return bytes >= 24 && bytes <= 64
      ? undefined
      : "is no webhook secret. Write `whsec_` and the base64 of 24 to 64 random bytes.";
  },
});

const checkSettings = object({
  $schema: { check: text() },
  creditsUsd: { check: amountUsd },
  limits: {
    check: object({
      requestsPerMinute: { check: integer(1, 1_000_000) },
      concurrentRuns: { check: integer(1, 1_000_000) },
      tokensPerRun: { check: integer(1, 1_000_000_000) },
      usdPerRun: { check: amountUsd },
    }),
  },
  capture: { check: choice(...captureModes) },
  redact: { check: redactionRules },
  retention: { check: retention },
  corsOrigins: { check: list(origin, { least: 0, most: 100, of: "origins" }) },
  webhookSecret: { check: webhookSecret },
});
