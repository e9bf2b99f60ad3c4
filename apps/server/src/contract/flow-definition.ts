import * as z from "zod";
import {
  zCaptureMode,
  zCodeStep,
  zExpression,
  zFlow,
  zFlowStep,
  zJsonSchema,
  zLlmStep,
  zPassthroughStep,
  zRedactionRules,
  zRetention,
  zSlug,
  zStepDescription,
  zStepId,
  zStepName,
} from "../generated/zod.gen.ts";

// The validators that the generator cannot write: the step tree, which contains itself, and what contains the tree. `flow-definition.test.ts`
// holds them against `openapi/schemas/definition.yaml`. They judge shape alone; whether a template names something, or two steps share an
// id, is the engine's to say.

interface NodeMembers {
  id: string;
  name?: string | undefined;
  description?: string | undefined;
}

/** One node of a definition that has the right shape. */
export type StepNode =
  | z.infer<typeof zLlmStep>
  | z.infer<typeof zCodeStep>
  | z.infer<typeof zPassthroughStep>
  | z.infer<typeof zFlowStep>
  | LoopNode
  | ParallelNode
  | BranchNode;

interface LoopNode extends NodeMembers {
  type: "loop";
  over: string;
  concurrency?: number | undefined;
  onError?: "fail" | "skip" | "null" | null | undefined;
  steps: StepNode[];
}

interface ParallelNode extends NodeMembers {
  type: "parallel";
  branches: Record<string, StepNode[]>;
}

interface BranchNode extends NodeMembers {
  type: "branch";
  when: { if: string; steps: StepNode[] }[];
  else?: StepNode[] | undefined;
}

const nodeMembers = { id: zStepId, name: zStepName.optional(), description: zStepDescription.optional() };

/** Runs its steps once per item of an array. */
export const zLoopStep = z.strictObject({
  ...nodeMembers,
  type: z.literal("loop"),
  over: z.string().min(1).max(500),
  concurrency: z.int().min(1).max(256).optional(),
  /** YAML reads a bare `null` as null, so that both it and the word mean "keep the place of a failed item". */
  onError: z.enum(["fail", "skip", "null"]).nullish(),
  get steps(): z.ZodType<StepNode[]> {
    return zSteps;
  },
});

/** Runs named sequences at the same time. */
export const zParallelStep = z.strictObject({
  ...nodeMembers,
  type: z.literal("parallel"),
  get branches(): z.ZodType<Record<string, StepNode[]>> {
    return z.record(zStepId, zSteps).refine(hasOneTo256Members, "needs 1 to 256 branches");
  },
});

/** One condition of a branch, and what to run when it holds. */
export const zBranchCase = z.strictObject({
  if: zExpression,
  get steps(): z.ZodType<StepNode[]> {
    return zSteps;
  },
});

/** Runs the steps of the first case that holds. */
export const zBranchStep = z.strictObject({
  ...nodeMembers,
  type: z.literal("branch"),
  when: z.array(zBranchCase).min(1).max(256),
  get else(): z.ZodOptional<z.ZodType<StepNode[]>> {
    return zSteps.optional();
  },
});

/** One node of the tree. */
export const zStep = z.discriminatedUnion("type", [
  zLlmStep,
  zCodeStep,
  zPassthroughStep,
  zLoopStep,
  zParallelStep,
  zBranchStep,
  zFlowStep,
]);

/** A sequence of nodes, never empty. */
export const zSteps = z.array(zStep).min(1);

/** A flow as data: what stands in a file, a draft and a version. */
export const zFlowDefinition = z.strictObject({
  $schema: z.string().optional(),
  name: z.string().min(1).max(200).optional(),
  description: z.string().max(2000).optional(),
  capture: zCaptureMode.optional(),
  redact: zRedactionRules.optional(),
  retention: zRetention.optional(),
  input: zJsonSchema.optional(),
  steps: zSteps,
});

/** The draft of a flow; null when none was written yet. */
export const zFlowDraft = z.object({ draft: zFlowDefinition.nullable() });

/** A flow with its draft. */
export const zFlowDetail = zFlow.and(zFlowDraft);

/** Body of `createFlow`. */
export const zFlowCreateRequest = z.object({
  slug: zSlug,
  name: z.string().max(200).nullish(),
  description: z.string().max(2000).nullish(),
  definition: zFlowDefinition,
});

/** Body of `replaceDraft`. */
export const zDraftUpdateRequest = z.object({ definition: zFlowDefinition });

function hasOneTo256Members(members: object): boolean {
  const count = Object.keys(members).length;
  return count >= 1 && count <= 256;
}
