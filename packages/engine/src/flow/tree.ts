import type { Json, JsonObject } from "./definition.ts";
import type { Path } from "./fault.ts";
import { isList, isObject, ownMember } from "./json.ts";

/** A sequence of nodes inside a container, as far as it can be read. */
export interface Sequence {
  /** From the container, such as `["branches", "tone"]`. */
  readonly path: Path;
  readonly steps: readonly Json[];
}

/** The sequences inside a node that may be faulty: what is no list of steps holds none. */
export function sequencesOf(node: JsonObject): readonly Sequence[] {
  const { branches, when } = node;
  return [
    toSequence(["steps"], ownMember(node, "steps")),
    ...(isObject(branches) ? Object.entries(branches) : []).map(([name, steps]) =>
      toSequence(["branches", name], steps),
    ),
    ...(isList(when) ? when : []).map((entry, index) =>
      toSequence(["when", index, "steps"], isObject(entry) ? ownMember(entry, "steps") : undefined),
    ),
    toSequence(["else"], ownMember(node, "else")),
  ].filter((sequence) => sequence !== undefined);
}

function toSequence(path: Path, steps: Json | undefined): Sequence | undefined {
  return isList(steps) ? { path, steps } : undefined;
}

/** One node of a tree that may be faulty. */
export interface TreeNode {
  readonly node: JsonObject;
  readonly path: Path;
  /** 1 at top level. */
  readonly level: number;
}

/** Every node in the order of the text, containers before what is inside them. */
export function* nodesOf(definition: JsonObject): Generator<TreeNode> {
  const steps = ownMember(definition, "steps");
  if (isList(steps)) yield* nodesIn(steps, ["steps"], 1);
}

function* nodesIn(steps: readonly Json[], path: Path, level: number): Generator<TreeNode> {
  for (const [index, node] of steps.entries()) {
    if (!isObject(node)) continue;
    const here = [...path, index];
    yield { node, path: here, level };
    for (const inner of sequencesOf(node)) yield* nodesIn(inner.steps, [...here, ...inner.path], level + 1);
  }
}

/** The id of a node that may be faulty. */
export function idOf(node: JsonObject): string | undefined {
  const id = ownMember(node, "id");
  return typeof id === "string" ? id : undefined;
}
