import type { StandardSchemaV1 } from "@standard-schema/spec";

/**
 * What a flow takes and gives, as Standard Schemas (zod, valibot, arktype and others make them). `input` is of an object of the flow's
 * inputs by name; `output` is of the last step's output.
 */
export interface FlowSchemas {
  readonly input?: StandardSchemaV1 | undefined;
  readonly output?: StandardSchemaV1 | undefined;
}

/** The inputs of a flow of which nothing is known. */
export type AnyInput = Record<string, unknown>;

/** What calls of a flow with these schemas are given: what `input` accepts, before it transforms it. */
export type InputOf<Schemas extends FlowSchemas> = Schemas extends {
  readonly input: infer Schema extends StandardSchemaV1;
}
  ? StandardSchemaV1.InferInput<Schema>
  : AnyInput;

/** What calls of a flow with these schemas give: what `output` makes of the last step's output. */
export type OutputOf<Schemas extends FlowSchemas> = Schemas extends {
  readonly output: infer Schema extends StandardSchemaV1;
}
  ? StandardSchemaV1.InferOutput<Schema>
  : unknown;
