import type { StandardSchemaV1 } from "@standard-schema/spec";

/** Why a value does not fit its schema: the `cause` of the error that says so. */
export class SchemaIssuesError extends Error {
  override readonly name = "SchemaIssuesError";
  /** As the validator gave them, in its order. */
  readonly issues: readonly StandardSchemaV1.Issue[];

  /** Obtained as the `cause` of an error. */
  constructor(message: string, issues: readonly StandardSchemaV1.Issue[], options?: ErrorOptions) {
    super(message, options);
    this.issues = [...issues]; // some validators' lists are more than lists
  }
}
