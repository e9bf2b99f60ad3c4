import type { DefinitionIssue, FlowDefinition, JsonObject } from "./definition.ts";
import { formatPath } from "./fault.ts";
import { isList, isObject } from "./json.ts";
import { maxFanOut } from "./structure.ts";
import { nodesOf, type TreeNode } from "./tree.ts";
import { maxTreeLevels } from "./validate.ts";

/** Bounds of a definition that a server may set lower than the contract's, which no definition may exceed anywhere. */
export interface DefinitionLimits {
  /** Levels of steps. */
  readonly treeDepth: number;
  /** A parallel node's branches, a branch node's cases, a loop's concurrency. */
  readonly fanOut: number;
}

export const defaultDefinitionLimits: DefinitionLimits = { treeDepth: maxTreeLevels, fanOut: maxFanOut };

/** Where a definition that is valid in itself is larger than this server allows. */
export function limitIssues(definition: FlowDefinition, limits: DefinitionLimits): readonly DefinitionIssue[] {
  const issues: DefinitionIssue[] = [];
  for (const node of nodesOf(definition as unknown as JsonObject)) issues.push(...issuesOf(node, limits)); // reason: a definition is JSON, which its interfaces do not say
  return issues;
}

function issuesOf(
  { node, path, level }: TreeNode,
  { treeDepth, fanOut }: DefinitionLimits,
): readonly DefinitionIssue[] {
  const issues: DefinitionIssue[] = [];
  // Told once, where the tree first goes too deep.
  if (level === treeDepth + 1) {
    const message = `lies ${level} levels deep; this server's limit is ${treeDepth}. Move inner steps into a flow of their own.`;
    issues.push({ path: formatPath(path), message });
  }
  for (const [member, count] of Object.entries(fansOf(node))) {
    if (count <= fanOut) continue;
    const message = `is ${count} wide; this server's limit is ${fanOut}. Use fewer, or a loop.`;
    issues.push({ path: formatPath([...path, member]), message });
  }
  return issues;
}

function fansOf({ branches, when, concurrency }: JsonObject): Readonly<Record<string, number>> {
  return {
    ...(isObject(branches) && { branches: Object.keys(branches).length }),
    ...(isList(when) && { when: when.length }),
    ...(typeof concurrency === "number" && { concurrency }),
  };
}
