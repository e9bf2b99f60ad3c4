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
import { createLru } from "./lru.ts";

/** A definition in the form that the interpreter walks: everything that can be worked out before a run is. */
export interface CompiledFlow {
  readonly definition: FlowDefinition;
  readonly steps: readonly CompiledStep[];
  /** Every step of the tree, inner ones included. */
  readonly stepsById: ReadonlyMap<string, CompiledStep>;
  /** Number of top-level nodes. */
  readonly stepCount: number;
}

export type CompiledStep =
  | CompiledLlm
  | CompiledPassthrough
  | CompiledCode
  | CompiledLoop
  | CompiledParallel
  | CompiledBranch
  | CompiledSubflow;

interface CompiledBase {
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
  readonly cases: readonly { readonly condition: string; readonly steps: readonly CompiledStep[] }[];
  readonly otherwise: readonly CompiledStep[] | undefined;
}

export interface CompiledSubflow extends CompiledBase {
  readonly kind: "flow";
  readonly node: FlowNode;
  /** Undefined: the sub-flow is given the node's own input. */
  readonly input: CompiledValue | undefined;
}

/** Compiles a definition that `parseFlow` accepted. Throws `TerminalError` (`INVALID_TREE`) when it is faulty after all. */
export function compileFlow(definition: FlowDefinition): CompiledFlow {
  const stepsById = new Map<string, CompiledStep>();
  const steps = definition.steps.map((node, stepIndex) =>
    compileStep(node, { parentId: undefined, stepIndex, stepsById }),
  );
  return { definition, steps, stepsById, stepCount: steps.length };
}

interface Surroundings {
  readonly parentId: string | undefined;
  readonly stepIndex: number;
  readonly stepsById: Map<string, CompiledStep>;
}

function compileStep(node: StepNode, around: Surroundings): CompiledStep {
  const step = compileKind(node, around);
  around.stepsById.set(step.id, step);
  return step;
}

function compileKind(node: StepNode, around: Surroundings): CompiledStep {
  const base = { id: node.id, name: node.name ?? node.id, parentId: around.parentId, stepIndex: around.stepIndex };
  const inside = (nodes: readonly StepNode[]): readonly CompiledStep[] =>
    nodes.map((inner) => compileStep(inner, { ...around, parentId: node.id }));
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
        cases: node.when.map(({ if: condition, steps }) => ({ condition, steps: inside(steps) })),
        otherwise: node.else && inside(node.else),
      };
    case "flow":
      return {
        ...base,
        kind: "flow",
        node,
        input: node.input && compileValue(node.input, templatePlace(node.id, "input")),
      };
  }
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

/** Compiled flows by the hash of their definition. */
export interface FlowCache {
  /** Compiles each definition once, also when many ask at the same time. Rejects when `load` does, and with `INTERNAL_ERROR` when it finds nothing. */
  get(hash: string): Promise<CompiledFlow>;
}

/** Keeps the `capacity` flows that were asked for last. `load` gives the stored text of a definition. */
export function createFlowCache(load: (hash: string) => Promise<string | undefined>, capacity = 500): FlowCache {
  const flows = createLru<string, Promise<CompiledFlow>>(capacity);

  async function compileStored(hash: string): Promise<CompiledFlow> {
    const text = await load(hash);
    if (text === undefined) throw new EngineError("INTERNAL_ERROR", `The definition ${hash} is not in the store.`);
    return compileFlow(JSON.parse(text) as FlowDefinition); // reason: only checked definitions are stored, and the hash says this is one
  }

  return {
    get(hash) {
      const known = flows.get(hash);
      if (known !== undefined) return known;
      const compiling = compileStored(hash);
      flows.set(hash, compiling);
      // What failed is tried again by the next one who asks.
      compiling.catch(() => flows.delete(hash));
      return compiling;
    },
  };
}
