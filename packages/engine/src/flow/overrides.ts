import { RequestError } from "../errors.ts";
import { compileFlow, type CompiledFlow } from "./compile.ts";
import type { FlowDefinition, Json, JsonObject, StepKind, StepNode } from "./definition.ts";
import { formatPath, type Fault, type Path } from "./fault.ts";
import { describeKind, isObject } from "./json.ts";
import { didYouMean } from "./suggest.ts";
import { idOf, nodesOf } from "./tree.ts";
import { validateDefinition } from "./validate.ts";

/** What one run may change of a step. The tree itself, its ids and its schemas stay: later steps and clients rely on them. */
const overridable: { readonly [Kind in StepKind]: readonly string[] } = {
  llm: ["model", "system", "prompt", "temperature", "maxOutputTokens", "timeoutMs", "retry", "fallback"],
  code: ["code", "timeoutMs", "retry"],
  loop: ["concurrency", "onError"],
  flow: ["version", "input"],
  passthrough: [],
  parallel: [],
  branch: [],
};

/**
 * The flow with `{stepId: {field: value}}` put in, checked and compiled like any other; the given one stays as it is. Throws
 * `RequestError` (`INVALID_REQUEST`) with every fault, each under `blockOverrides`.
 */
export function applyBlockOverrides(flow: CompiledFlow, overrides: Json): CompiledFlow {
  const { faults, accepted } = readOverrides(flow, overrides);
  if (accepted.size === 0 && faults.length === 0) return flow;
  const definition = { ...flow.definition, steps: override(flow.definition.steps, accepted) };
  const broken = validateDefinition(definition as unknown as Json); // reason: a definition is JSON, which its interfaces do not say
  const all = [...faults, ...broken.map((fault) => toOverrideFault(fault, definition, accepted))];
  if (all.length > 0) throw refusal(all);
  return compileFlow(definition, flow.subflows);
}

function refusal(faults: readonly Fault[]): RequestError {
  const issues = faults.map(({ path, message }) => ({ path: formatPath(path), message }));
  return new RequestError(
    "INVALID_REQUEST",
    `blockOverrides cannot be applied: ${issues.map(({ path, message }) => `${path}: ${message}`).join(" ")}`,
    issues,
  );
}

/** What may be put in, by step id. */
type Overrides = ReadonlyMap<string, JsonObject>;

function readOverrides(
  flow: CompiledFlow,
  overrides: Json,
): { readonly faults: readonly Fault[]; readonly accepted: Overrides } {
  const accepted = new Map<string, JsonObject>();
  if (!isObject(overrides)) {
    return {
      faults: [
        { path: ["blockOverrides"], message: `expected an object of step ids, got ${describeKind(overrides)}.` },
      ],
      accepted,
    };
  }
  const faults = Object.entries(overrides).flatMap(([stepId, fields]): readonly Fault[] => {
    const path: Path = ["blockOverrides", stepId];
    const step = flow.stepsById.get(stepId);
    // The steps of a sub-flow are another flow's.
    if (step === undefined || step.id !== step.node.id) {
      return [
        {
          path,
          message: `names no step of this flow.${didYouMean(stepId, ownIds(flow))}`,
        },
      ];
    }
    if (!isObject(fields)) return [{ path, message: `expected an object of fields, got ${describeKind(fields)}.` }];
    const allowed = overridable[step.kind];
    accepted.set(stepId, Object.fromEntries(Object.entries(fields).filter(([field]) => allowed.includes(field))));
    return checkFields(fields, { kind: step.kind, path });
  });
  return { faults, accepted };
}

function ownIds({ stepsById }: CompiledFlow): readonly string[] {
  return [...stepsById.values()].flatMap(({ id, node }) => (id === node.id ? [id] : []));
}

function checkFields(
  fields: JsonObject,
  { kind, path }: { readonly kind: StepKind; readonly path: Path },
): readonly Fault[] {
  const allowed = overridable[kind];
  const unknown = Object.keys(fields).filter((field) => !allowed.includes(field));
  const fix =
    allowed.length === 0
      ? "It has nothing that can."
      : `These can: ${allowed.map((name) => `\`${name}\``).join(", ")}.`;
  return unknown.map((field) => ({
    path: [...path, field],
    message: `cannot be overridden on a step of type ${kind}.${didYouMean(field, allowed)} ${fix}`,
  }));
}

function override(steps: readonly StepNode[], overrides: Overrides): readonly StepNode[] {
  return steps.map((node) => overrideInside({ ...node, ...overrides.get(node.id) }, overrides));
}

function overrideInside(node: StepNode, overrides: Overrides): StepNode {
  switch (node.type) {
    case "loop":
      return { ...node, steps: override(node.steps, overrides) };
    case "parallel":
      return {
        ...node,
        branches: Object.fromEntries(
          Object.entries(node.branches).map(([name, steps]) => [name, override(steps, overrides)]),
        ),
      };
    case "branch":
      return {
        ...node,
        when: node.when.map((entry) => ({ ...entry, steps: override(entry.steps, overrides) })),
        ...(node.else && { else: override(node.else, overrides) }),
      };
    case "llm":
    case "code":
    case "passthrough":
    case "flow":
      return node;
  }
}

/** `steps[0].temperature` → `blockOverrides.check.temperature`, when the override brought the fault in. */
function toOverrideFault(fault: Fault, definition: FlowDefinition, overrides: Overrides): Fault {
  for (const { node, path } of nodesOf(definition as unknown as JsonObject)) {
    // reason: a definition is JSON, which its interfaces do not say
    const id = idOf(node);
    const field = fault.path[path.length];
    const isInNode = path.every((segment, depth) => fault.path[depth] === segment);
    if (isInNode && id !== undefined && typeof field === "string" && Object.hasOwn(overrides.get(id) ?? {}, field)) {
      return { ...fault, path: ["blockOverrides", id, ...fault.path.slice(path.length)] };
    }
  }
  return fault;
}
