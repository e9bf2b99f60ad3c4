import type { JsonObject } from "../flow/definition.ts";

/** An output that somebody put in place of what a step of the latest run gave. */
export interface OutputEdit {
  /** The step's place among the top-level ones. */
  readonly stepIndex: number;
  readonly output: JsonObject;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** By step id. */
export type OutputEdits = Readonly<Record<string, OutputEdit>>;

/** The edits with one more. Those behind it were made for an input that is no longer so: they go. */
export function withEdit(edits: OutputEdits, stepId: string, edit: OutputEdit): OutputEdits {
  const before = Object.entries(edits).filter(([, { stepIndex }]) => stepIndex < edit.stepIndex);
  return Object.fromEntries([...before, [stepId, edit]]);
}

/** Is the output of the step at `stepIndex` out of date: was one before it edited, and it not since? */
export function isOutdated(edits: OutputEdits, stepId: string, stepIndex: number): boolean {
  if (Object.hasOwn(edits, stepId)) return false;
  return Object.values(edits).some((edit) => edit.stepIndex < stepIndex);
}
