import type { FlowVersionRef, ResolvedFlow } from "./catalog.ts";
import { EngineError } from "./errors.ts";
import { subflowKey } from "./flow/compile.ts";
import type { DefinitionIssue, FlowDefinition, FlowNode, JsonObject } from "./flow/definition.ts";
import { formatPath, type Path } from "./flow/fault.ts";
import { nodesOf } from "./flow/tree.ts";

/** Which definition each sub-flow of a run is pinned to: its hash by `subflowKey`. */
export type SubflowPins = { readonly [key: string]: string };

/** The flows of one project. */
export interface SubflowSource {
  /** Throws `FLOW_NOT_FOUND` and `VERSION_NOT_FOUND`. */
  resolve: (slug: string, version: FlowVersionRef) => Promise<Pick<ResolvedFlow, "definitionHash">>;
  definition: (hash: string) => Promise<FlowDefinition>;
}

/** The nodes of a definition that run other flows. */
export function subflowNodes(definition: FlowDefinition): readonly FlowNode[] {
  return placedSubflowNodes(definition).map(({ node }) => node);
}

function placedSubflowNodes(definition: FlowDefinition): readonly { readonly node: FlowNode; readonly path: Path }[] {
  const tree = definition as unknown as JsonObject; // reason: a definition is JSON, which its interfaces do not say
  return [...nodesOf(tree)].flatMap(({ node, path }) => {
    return node["type"] === "flow" ? [{ node: node as unknown as FlowNode, path }] : []; // reason: likewise, the other way round
  });
}

/**
 * Pins what `flow` runs, and what that runs in turn, to the definitions of now. Throws `INVALID_TREE` for a flow or version that is not there,
 * and for a flow that runs itself.
 */
export async function pinSubflows(
  flow: FlowDefinition,
  { slug, definitionHash }: { readonly slug: string; readonly definitionHash: string },
  source: SubflowSource,
): Promise<SubflowPins> {
  const pins: Record<string, string> = {};

  async function pin(nodes: readonly FlowNode[], around: readonly Pinned[]): Promise<void> {
    for (const node of nodes) {
      const hash = await hashOf(node, source);
      const here = [...around, { slug: node.flow, hash }];
      if (around.some((other) => other.hash === hash)) throw runsItself(here);
      const key = subflowKey(node);
      // Known ones were followed to their ends, and none of them came back here.
      if (pins[key] !== undefined) continue;
      await pin(subflowNodes(await source.definition(hash)), here);
      pins[key] = hash;
    }
  }

  await pin(subflowNodes(flow), [{ slug, hash: definitionHash }]);
  return pins;
}

interface Pinned {
  readonly slug: string;
  readonly hash: string;
}

async function hashOf({ id, flow, version }: FlowNode, { resolve }: SubflowSource): Promise<string> {
  try {
    return (await resolve(flow, version ?? "production")).definitionHash;
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new EngineError("INVALID_TREE", `Step "${id}": ${error.message}`, { cause: error });
  }
}

/** Is the error that a flow, or a version of it, is not there? */
function isMissing(error: unknown): error is EngineError {
  return error instanceof EngineError && (error.code === "FLOW_NOT_FOUND" || error.code === "VERSION_NOT_FOUND");
}

function runsItself(chain: readonly Pinned[]): EngineError {
  const way = chain.map(({ slug }) => `"${slug}"`).join(" → ");
  return new EngineError(
    "INVALID_TREE",
    `The flow runs itself, and would never end: ${way}. Take one of the steps out.`,
  );
}

/** What keeps a definition from being that of flow `slug`: flows that are not there, and those through which it would run itself. */
export async function subflowIssues(
  definition: FlowDefinition,
  slug: string,
  source: SubflowSource,
): Promise<readonly DefinitionIssue[]> {
  const issues: DefinitionIssue[] = [];
  for (const { node, path } of placedSubflowNodes(definition)) {
    const message = await faultOf(node, slug, source);
    if (message !== undefined) issues.push({ path: formatPath([...path, "flow"]), message });
  }
  return issues;
}

async function faultOf(node: FlowNode, slug: string, source: SubflowSource): Promise<string | undefined> {
  try {
    if (node.flow !== slug) await source.resolve(node.flow, node.version ?? "production");
  } catch (error) {
    if (isMissing(error)) return `${error.message} Make it first.`;
    throw error;
  }
  const way = await wayBack(node, { slug, source, seen: new Set() });
  if (way === undefined) return undefined;
  return `the flow would run itself, and never end: ${[slug, ...way].map((name) => `\`${name}\``).join(" → ")}. Take one of the steps out.`;
}

interface Search {
  readonly slug: string;
  readonly source: SubflowSource;
  readonly seen: Set<string>;
}

/** The flows through which a node leads back to the flow `slug`, in whatever of its definitions comes to be run; undefined when it does not. */
async function wayBack(node: FlowNode, search: Search): Promise<readonly string[] | undefined> {
  const { slug, source, seen } = search;
  if (node.flow === slug && typeof node.version !== "number") return [slug];
  const key = subflowKey(node);
  if (seen.has(key)) return undefined;
  seen.add(key);
  for (const inner of await nodesWithin(node, source)) {
    const way = await wayBack(inner, search);
    if (way !== undefined) return [node.flow, ...way];
  }
  return undefined;
}

/** None for a flow that is not there: that is a fault of the flow that names it. */
async function nodesWithin(
  { flow, version }: FlowNode,
  { resolve, definition }: SubflowSource,
): Promise<readonly FlowNode[]> {
  try {
    const { definitionHash } = await resolve(flow, version ?? "production");
    return subflowNodes(await definition(definitionHash));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
