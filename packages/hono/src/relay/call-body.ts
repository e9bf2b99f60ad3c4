import { ValueError } from "@noukai/sdk";
import { RelayRefusal } from "../refusal.ts";
import type { Received } from "./input.ts";
import { type FlowPath, type Grant, isVersion, type RelayOptions } from "./options.ts";

/** The version that the caller asked for, where it may; else the relay's. */
export function versionOf({ version }: Received, flow: FlowPath): FlowPath["version"] {
  if (version === undefined) return flow.version;
  if (isVersion(version)) return version;
  throw new RelayRefusal(400, "INVALID_VERSION");
}

/** The relay's parameters and the grant's. Throws `ValueError` for a name that could not be found again in what a flow makes of it. */
export function addedParameters(options: RelayOptions, grant: Grant): Readonly<Record<string, unknown>> {
  const added = { ...options.parameters, ...grant.parameters };
  const strange = Object.keys(added).find((name) => JSON.stringify(name) !== `"${name}"` || name === "");
  if (strange === undefined) return added;
  throw new ValueError("A relay adds parameters whose names have no quotes, backslashes and control characters.");
}

export interface BodyParts {
  readonly grant: Grant;
  /** Parameters of the relay's and of the grant's. */
  readonly added: Readonly<Record<string, unknown>>;
  /** A step's later segments do not repeat what the run was begun with. */
  readonly isLaterSegment: boolean;
}

/**
 * What the server is sent: what the caller gave, or the grant instead, and over its parameters those that it does not see. A caller who writes
 * prompts could ask for each of these by name: then `blockOverrides` are refused with 403, whatever the relay allows.
 */
export function bodyFor({ input, place, allowed }: Received, { grant, added, isLaterSegment }: BodyParts): string {
  const given = grant.input ?? input;
  const hasAdded = Object.keys(added).length > 0;
  if (hasAdded && "blockOverrides" in allowed) throw new RelayRefusal(403, "blockOverrides is not allowed here.");
  const parameters = hasAdded && !isLaterSegment ? { parameters: { ...given.parameters, ...added } } : {};
  return JSON.stringify({ ...given, ...parameters, ...place, ...allowed });
}
