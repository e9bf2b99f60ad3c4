import { compileSchema, type CompiledSchema } from "../schema.ts";
import { compileTemplate, compileValue, parsePath, type CompiledValue, type Name, type Template } from "../template.ts";
import { EngineError, TerminalError } from "../errors.ts";
import type {
  BranchNode,
  CodeNode,
  FlowDefinition,
  FlowNode,
  LlmNode,
  LoopNode,
  ParallelNode,
  PassthroughNode,
  StepNode,
} from "./definition.ts";
import { compileCondition, type Condition } from "./condition.ts";
import { createLru } from "./lru.ts";
import { maxSteps } from "./structure.ts";
import { maxTreeLevels } from "./validate.ts";

/** A definition in the form that the interpreter walks: everything that can be worked out before a run is. */
export interface CompiledFlow {
  readonly definition: FlowDefinition;
  readonly steps: readonly CompiledStep[];
  /** Every step of the tree, inner ones and those of sub-flows included. */
  readonly stepsById: ReadonlyMap<string, CompiledStep>;
  /** What its sub-flows were compiled from. */
  readonly subflows: Subflows;
  /** Number of top-level nodes. */
  readonly stepCount: number;
  /** Does any step of it run another flow? */
  readonly hasSubflows: boolean;
}

/** Definitions of sub-flows by `subflowKey`. */
export type Subflows = ReadonlyMap<string, FlowDefinition>;

/** What a step that runs another flow asks for. */
export function subflowKey({ flow, version = "production" }: Pick<FlowNode, "flow" | "version">): string {
  return `${flow}@${version}`;
}

export type CompiledStep =
  | CompiledLlm
  | CompiledPassthrough
  | CompiledCode
  | CompiledLoop
  | CompiledParallel
  | CompiledBranch
  | CompiledSubflow;

/** A step that does work of its own. */
export type LeafStep = CompiledLlm | CompiledPassthrough | CompiledCode;

/** A step that holds others. */
export type ContainerStep = Exclude<CompiledStep, LeafStep>;

export function isContainer(step: CompiledStep): step is ContainerStep {
  return step.kind !== "llm" && step.kind !== "passthrough" && step.kind !== "code";
}

/** The sequences that a step holds, in the order of the definition. */
export function innerSequences(step: CompiledStep): readonly (readonly CompiledStep[])[] {
  switch (step.kind) {
    case "loop":
      return [step.steps];
    case "parallel":
      return step.branches.map(({ steps }) => steps);
    case "branch":
      return [...step.cases.map(({ steps }) => steps), ...(step.otherwise === undefined ? [] : [step.otherwise])];
    case "llm":
    case "passthrough":
    case "code":
    case "flow":
      return [];
  }
}

interface CompiledBase {
  /** Unique in the run: inside a sub-flow behind the ids of the flow steps around it, as in `sub.check`. */
  readonly id: string;
  /** The node's name, else its id. */
  readonly name: string;
  /** The container around it; undefined at top level. */
  readonly parentId: string | undefined;
  /** Place of the top-level node that this is or lies in. */
  readonly stepIndex: number;
}

export interface CompiledLlm extends CompiledBase {
  readonly kind: "llm";
  readonly node: LlmNode;
  readonly system: Template | undefined;
  readonly prompt: Template;
  /** What the answer must satisfy; undefined when the output is `{text}`. */
  readonly output: CompiledSchema | undefined;
}

export interface CompiledPassthrough extends CompiledBase {
  readonly kind: "passthrough";
  readonly node: PassthroughNode;
}

export interface CompiledCode extends CompiledBase {
  readonly kind: "code";
  readonly node: CodeNode;
}

export interface CompiledLoop extends CompiledBase {
  readonly kind: "loop";
  readonly node: LoopNode;
  /** Path of the array in the loop's input. */
  readonly over: readonly Name[];
  readonly concurrency: number;
  readonly onError: "fail" | "skip" | "null";
  readonly steps: readonly CompiledStep[];
}

export interface CompiledParallel extends CompiledBase {
  readonly kind: "parallel";
  readonly node: ParallelNode;
  /** In the order of the definition. */
  readonly branches: readonly { readonly name: string; readonly steps: readonly CompiledStep[] }[];
}

export interface CompiledBranch extends CompiledBase {
  readonly kind: "branch";
  readonly node: BranchNode;
  readonly cases: readonly { readonly condition: Condition; readonly steps: readonly CompiledStep[] }[];
  readonly otherwise: readonly CompiledStep[] | undefined;
}

export interface CompiledSubflow extends CompiledBase {
  readonly kind: "flow";
  readonly node: FlowNode;
  /** Undefined: the sub-flow is given the node's own input. */
  readonly input: CompiledValue | undefined;
  /** Undefined while nobody has said which definition that is. */
  readonly flow: { readonly definition: FlowDefinition; readonly steps: readonly CompiledStep[] } | undefined;
}

const noSubflows: Subflows = new Map();

/**
 * Compiles a definition that `parseFlow` accepted, with the insides of those sub-flows that are given. Throws `TerminalError` (`INVALID_TREE`)
 * when it is faulty after all, or too large or too deep together with them.
 */
export function compileFlow(definition: FlowDefinition, subflows: Subflows = noSubflows): CompiledFlow {
  const stepsById = new Map<string, CompiledStep>();
  const steps = definition.steps.map((node, stepIndex) =>
    compileStep(node, { parentId: undefined, prefix: "", level: 1, stepIndex, stepsById, subflows }),
  );
  const hasSubflows = [...stepsById.values()].some(({ kind }) => kind === "flow");
  return { definition, steps, stepsById, subflows, stepCount: steps.length, hasSubflows };
}

interface Surroundings {
  readonly parentId: string | undefined;
  /** Of the ids inside a sub-flow. */
  readonly prefix: string;
  /** 1 at top level. */
  readonly level: number;
  readonly stepIndex: number;
  readonly stepsById: Map<string, CompiledStep>;
  readonly subflows: Subflows;
}

function compileStep(node: StepNode, around: Surroundings): CompiledStep {
  if (around.level > maxTreeLevels || around.stepsById.size >= maxSteps) {
    throw new TerminalError(
      "INVALID_TREE",
      `With its sub-flows the flow has more than ${maxTreeLevels} levels or ${maxSteps} steps. Make it smaller.`,
    );
  }
  const step = compileKind(node, around);
  around.stepsById.set(step.id, step);
  return step;
}

function compileKind(node: StepNode, around: Surroundings): CompiledStep {
  const { parentId, prefix, stepIndex } = around;
  const id = prefix + node.id;
  const base = { id, name: node.name ?? node.id, parentId, stepIndex };
  const inside = (nodes: readonly StepNode[], innerPrefix = prefix): readonly CompiledStep[] =>
    nodes.map((inner) => compileStep(inner, { ...around, parentId: id, prefix: innerPrefix, level: around.level + 1 }));
  switch (node.type) {
    case "llm":
      return { ...base, kind: "llm", node, ...compileLlm(node) };
    case "passthrough":
      return { ...base, kind: "passthrough", node };
    case "code":
      return { ...base, kind: "code", node };
    case "loop":
      return { ...base, kind: "loop", node, ...compileLoop(node), steps: inside(node.steps) };
    case "parallel":
      return {
        ...base,
        kind: "parallel",
        node,
        branches: Object.entries(node.branches).map(([name, nodes]) => ({ name, steps: inside(nodes) })),
      };
    case "branch":
      return {
        ...base,
        kind: "branch",
        node,
        cases: node.when.map(({ if: source, steps }, index) => ({
          condition: compileCondition(source, templatePlace(node.id, `when[${index}].if`)),
          steps: inside(steps),
        })),
        otherwise: node.else && inside(node.else),
      };
    case "flow":
      return {
        ...base,
        kind: "flow",
        node,
        input: node.input && compileValue(node.input, templatePlace(node.id, "input")),
        flow: compileSubflow(around.subflows.get(subflowKey(node)), (steps) => inside(steps, `${id}.`)),
      };
  }
}

function compileSubflow(
  definition: FlowDefinition | undefined,
  inside: (steps: readonly StepNode[]) => readonly CompiledStep[],
): CompiledSubflow["flow"] {
  return definition && { definition, steps: inside(definition.steps) };
}

function compileLlm({ id, system, prompt, output }: LlmNode): Pick<CompiledLlm, "system" | "prompt" | "output"> {
  return {
    system: system === undefined ? undefined : compileTemplate(system, templatePlace(id, "system")),
    prompt: compileTemplate(prompt, templatePlace(id, "prompt")),
    output: output && compileSchema(output),
  };
}

function compileLoop({
  id,
  over,
  concurrency,
  onError,
}: LoopNode): Pick<CompiledLoop, "over" | "concurrency" | "onError"> {
  const path = parsePath(over);
  if (typeof path === "string") throw new TerminalError("INVALID_TREE", `${templatePlace(id, "over")}: ${path}`);
  return { over: path, concurrency: concurrency ?? 1, onError: onError === null ? "null" : (onError ?? "fail") };
}

/** How messages about a template name it. */
function templatePlace(stepId: string, member: string): string {
  return `step \`${stepId}\`, ${member}`;
}

/** Compiled flows by the hash of their definition, and of those of their sub-flows. */
export interface FlowCache {
  /**
   * Compiles each definition once, also when many ask at the same time. `pins` are the hashes of its sub-flows' definitions by `subflowKey`; without
   * them their insides are left out. Rejects when `load` does, with `INTERNAL_ERROR` when it finds nothing, and as `compileFlow` throws.
   */
  get(hash: string, pins?: { readonly [key: string]: string }): Promise<CompiledFlow>;
}

/** Keeps the `capacity` flows that were asked for last. `load` gives the stored text of a definition. */
export function createFlowCache(load: (hash: string) => Promise<string | undefined>, capacity = 500): FlowCache {
  const flows = createLru<string, Promise<CompiledFlow>>(capacity);

  async function compileStored(hash: string): Promise<CompiledFlow> {
    const text = await load(hash);
    if (text === undefined) throw new EngineError("INTERNAL_ERROR", `The definition ${hash} is not in the store.`);
    return compileFlow(JSON.parse(text) as FlowDefinition); // reason: only checked definitions are stored, and the hash says this is one
  }

  async function compilePinned(hash: string, pins: { readonly [key: string]: string }): Promise<CompiledFlow> {
    const pinned = Object.entries(pins).map(async ([key, pin]) => [key, (await get(pin)).definition] as const);
    return compileFlow((await get(hash)).definition, new Map(await Promise.all(pinned)));
  }

  function get(hash: string, pins: { readonly [key: string]: string } = {}): Promise<CompiledFlow> {
    const isPinned = Object.keys(pins).length > 0;
    const key = isPinned ? JSON.stringify([hash, pins]) : hash;
    const known = flows.get(key);
    if (known !== undefined) return known;
    const compiling = isPinned ? compilePinned(hash, pins) : compileStored(hash);
    flows.set(key, compiling);
    // What failed is tried again by the next one who asks.
    compiling.catch(() => flows.delete(key));
    return compiling;
  }

  return { get };
}
