import { FlowExecutionError, ValueError } from "@noukai/core";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { SchemaIssuesError } from "../streaming.ts";

/** How many issues a message names; a long list of wrong items says the same again and again. */
const MAX_TOLD = 3;

/** What the schema makes of a call's inputs. Throws `ValueError` that names what does not fit. */
export async function parseInput(schema: StandardSchemaV1, inputs: object, operation: string): Promise<object> {
  const value = await read(schema, inputs, (cause) => {
    const message = `${operation}: the input does not fit the flow's \`input\` schema: ${cause.message}`;
    return new ValueError(message, { cause });
  });
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw new ValueError(
    `${operation}: the flow's \`input\` schema makes no object of the inputs. It must: name → value.`,
  );
}

/** Whose output it is. */
export interface OutputOrigin {
  readonly operation: string;
  readonly executionId: string | undefined;
}

/** What the schema makes of a run's output. Throws `FlowExecutionError` that names what does not fit; `responseBody` is the output. */
export async function parseOutput(
  schema: StandardSchemaV1,
  output: unknown,
  { operation, executionId }: OutputOrigin,
): Promise<unknown> {
  return read(schema, output, (cause) => {
    const message = `${operation}: the output does not fit the flow's \`output\` schema: ${cause.message}`;
    const code = "OUTPUT_SCHEMA_MISMATCH";
    return new FlowExecutionError(message, { code, executionId, responseBody: output, billed: "yes", cause });
  });
}

/** What the schema makes of the value; else throws what `toError` makes of its issues. */
async function read(
  schema: StandardSchemaV1,
  value: unknown,
  toError: (cause: SchemaIssuesError) => Error,
): Promise<unknown> {
  const result = await validate(schema, value);
  if (!result.issues) return result.value;
  throw toError(result instanceof SchemaIssuesError ? result : issuesError(result.issues));
}

/** A transform may throw by itself. Its message stays in `cause`: it may quote the value. */
async function validate(
  schema: StandardSchemaV1,
  value: unknown,
): Promise<StandardSchemaV1.Result<unknown> | SchemaIssuesError> {
  try {
    return await schema["~standard"].validate(value);
  } catch (cause) {
    return issuesError([{ message: "one of its checks or transforms threw, see `cause`" }], { cause });
  }
}

function issuesError(issues: readonly StandardSchemaV1.Issue[], options?: ErrorOptions): SchemaIssuesError {
  const told = issues.slice(0, MAX_TOLD).map(describe);
  const more = issues.length > MAX_TOLD ? `; and ${issues.length - MAX_TOLD} more` : "";
  return new SchemaIssuesError(told.join("; ") + more, issues, options);
}

function describe({ message, path = [] }: StandardSchemaV1.Issue): string {
  const keys = Array.from(path, (segment) => (typeof segment === "object" ? segment.key : segment));
  return keys.length === 0 ? message : `\`${keys.reduce<string>(append, "")}\`: ${message}`;
}

/** As `words[2].text`. */
function append(path: string, key: PropertyKey): string {
  if (typeof key === "number" || /^\d+$/.test(String(key))) return `${path}[${String(key)}]`;
  return path === "" ? String(key) : `${path}.${String(key)}`;
}
