import { hash } from "node:crypto";
import type { StoredDefinition } from "../store/store.ts";
import type { DefinitionIssue, FlowDefinition, Json } from "./definition.ts";
import { formatPath, type Fault } from "./fault.ts";
import { toJsonValue } from "./plain.ts";
import { maxSourceLength, readSource, type TextPlace } from "./source.ts";
import { validateDefinition } from "./validate.ts";

/** A definition without a fault. */
export interface ParsedFlow {
  readonly ok: true;
  readonly definition: FlowDefinition;
  /** JSON text of the definition, keys in their order, and its hash. */
  readonly stored: StoredDefinition;
}

export interface RefusedFlow {
  readonly ok: false;
  /** Every fault, in the order of the text when it came as one. */
  readonly issues: readonly DefinitionIssue[];
}

/** Reads and checks a definition that comes as text; each issue has its line and column. */
export function parseFlow(text: string, { format }: { readonly format: "yaml" | "json" }): ParsedFlow | RefusedFlow {
  const source = readSource(text, format);
  if (!source.ok) return { ok: false, issues: source.faults.map((fault) => toPlacedIssue(fault, fault)) };
  const faults = [...source.faults, ...validateDefinition(source.value)];
  return faults.length === 0 ? accept(source.value) : { ok: false, issues: toPlacedIssues(faults, source.locate) };
}

/** Issues with their places in a text, in its order. */
export function toPlacedIssues(
  faults: readonly Fault[],
  locate: (fault: Fault) => TextPlace,
): readonly DefinitionIssue[] {
  return faults
    .map((fault) => toPlacedIssue(fault, locate(fault)))
    .toSorted((a, b) => a.line - b.line || a.column - b.column);
}

/** The same for a definition that comes as a value, such as one from the API. It is copied: what the caller does to it later changes nothing. */
export function parseFlowObject(value: unknown): ParsedFlow | RefusedFlow {
  const read = toJsonValue(value);
  if (!read.ok) return { ok: false, issues: [toIssue(read.fault)] };
  const faults = validateDefinition(read.value);
  return faults.length === 0 ? accept(read.value) : { ok: false, issues: faults.map(toIssue) };
}

function accept(value: Json): ParsedFlow | RefusedFlow {
  const text = JSON.stringify(value);
  if (text.length > maxSourceLength) {
    return {
      ok: false,
      issues: [
        {
          path: "",
          message: `the definition is ${text.length} characters of JSON; the limit is ${maxSourceLength}. Make it smaller.`,
        },
      ],
    };
  }
  const definition = value as unknown as FlowDefinition; // reason: `validateDefinition` has found it to be one
  return { ok: true, definition, stored: { hash: hash("sha256", text, "hex"), text } };
}

function toIssue({ path, message }: Fault): DefinitionIssue {
  return { path: formatPath(path), message };
}

export function toPlacedIssue(fault: Fault, { line, column }: TextPlace): DefinitionIssue & TextPlace {
  return { ...toIssue(fault), line, column };
}
