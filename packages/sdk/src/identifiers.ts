import { ValueError } from "@noukai/core";

/** Where a flow is: organisation, project and the flow's own slug. */
export interface FlowAddress {
  readonly org: string;
  readonly project: string;
  readonly flow: string;
}

/** As `acme/spelling/grade-3`. A relay's flow has no organisation and no project that a browser could know. */
export function flowName({ org, project, flow }: FlowAddress): string {
  return [org, project, flow].filter((part) => part !== "").join("/");
}

/** Which version runs: `"draft"`, `"production"` (the draft while none was promoted), or a published version's number from 1. */
export type FlowVersion = "draft" | "production" | number;

/** The number that stands in a path, 0 for the draft; `undefined` for production, whose path has none. */
export function versionNumber(version: FlowVersion = "draft"): number | undefined {
  if (version === "production") return undefined;
  if (version === "draft") return 0;
  if (Number.isInteger(version) && version >= 1) return version;
  throw new ValueError(
    `\`version\` is ${show(version)}. It is "draft", "production", or a published version's number from 1.`,
  );
}

/** Checks a run's id before it goes into a path. */
export function checkExecutionId(executionId: string): string {
  // Dots alone would climb to another path.
  if (typeof executionId === "string" && !/^\.*$/.test(executionId)) return executionId;
  throw new ValueError(`The execution id is ${show(executionId)}. Pass the \`executionId\` of a result or event.`);
}

/** How much of a text a message quotes: it may be a whole document that stands in the wrong place. */
const SHOWN = 100;

/** What was given, in words for a message; of an object only that it is one, of a long text how it begins. */
export function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > SHOWN ? `${value.slice(0, SHOWN)}…` : value);
  return typeof value === "object" && value !== null ? "an object" : String(value);
}
