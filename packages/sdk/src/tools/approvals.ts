import { ValueError } from "@noukai/core";
import type { ToolCall } from "@noukai/core/schema";
import { show } from "../identifiers.ts";
import { namesOf } from "./tool-results.ts";

/** A tool call that a person must decide on before it runs. */
export interface PendingApproval {
  readonly toolCallId: string;
  /** The tool's name. */
  readonly name: string;
  /** What it would be called with, as the tool's schema reads it. After `toJSON()`, as the model wrote it. */
  readonly args: unknown;
}

/** Run it, or tell the model that a person refused, and why. */
export type Approval = boolean | { readonly approved: boolean; readonly reason?: string | undefined };

/** Decisions by the call's id. */
export type Approvals = Readonly<Record<string, Approval>>;

/** What the model is told of a call that a person refused; `undefined` when it may run. */
export function refusalOf(approval: Approval): string | undefined {
  const { approved, reason } = typeof approval === "boolean" ? { approved: approval, reason: undefined } : approval;
  if (approved) return undefined;
  return reason === undefined ? "A person refused this call." : `A person refused this call: ${reason}`;
}

/** Throws `ValueError` for decisions on calls that nobody asked for, and for what is no decision. */
export function checkApprovals({ approvals }: Given, calls: readonly ToolCall[]): void {
  for (const [toolCallId, approval] of Object.entries(approvals ?? {})) {
    if (!calls.some(({ id }) => id === toolCallId)) {
      throw new ValueError(
        `\`approvals\` decides on ${show(toolCallId)}, which nobody asked for. These wait: ${namesOf(calls)}.`,
      );
    }
    const approved: unknown =
      typeof approval === "object" ? (approval as Partial<typeof approval> | null)?.approved : approval; // untyped code may give null
    if (typeof approved === "boolean") continue;
    throw new ValueError(
      `\`approvals\`: the decision on ${show(toolCallId)} is ${show(approval)}. Give true, false or { approved, reason }.`,
    );
  }
}

/** The decision on a call; `undefined` while there is none. */
export function approvalOf({ id }: ToolCall, { approvals }: Given): Approval | undefined {
  return approvals && Object.hasOwn(approvals, id) ? approvals[id] : undefined;
}

interface Given {
  readonly approvals?: Approvals | undefined;
}
