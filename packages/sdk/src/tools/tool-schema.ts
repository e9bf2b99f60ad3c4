import { ValueError } from "@noukai/core";
import type { JsonSchema } from "@noukai/core/schema";
import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec";

type Converter = StandardJSONSchemaV1.Converter;

/** A tool's arguments as JSON Schema, for the model. Throws `ValueError` when neither the schema's library nor `explicit` gives one. */
export function describeInput(toolName: string, input: StandardSchemaV1, explicit: JsonSchema | undefined): JsonSchema {
  // Untyped code may give anything; some libraries' schemas are functions.
  const standard = (input as Partial<StandardSchemaV1 & StandardJSONSchemaV1> | null | undefined)?.["~standard"];
  if (typeof standard?.validate !== "function") {
    throw new ValueError(
      `\`input\` of the tool ${toolName} is no Standard Schema. Give one of zod, valibot or arktype.`,
    );
  }
  // The version of JSON Schema is the contract's; saying so in each tool would only cost tokens.
  const { $schema: _version, ...schema } = explicit ?? convert(toolName, standard.vendor, standard.jsonSchema);
  if (schema["type"] === undefined || schema["type"] === "object") return schema;
  throw new ValueError(`\`input\` of the tool ${toolName} is no object. A model gives arguments by their names.`);
}

function convert(toolName: string, vendor: string, converter: Converter | undefined): JsonSchema {
  if (converter === undefined) {
    const hint =
      vendor === "valibot" ? " Wrap it in `toStandardJsonSchema` of @valibot/to-json-schema, or give" : " Give";
    throw new ValueError(
      `\`input\` of the tool ${toolName}: its library (${vendor}) tells no JSON Schema for the model.${hint} \`inputSchema\` beside it.`,
    );
  }
  try {
    return converter.input({ target: "draft-2020-12" });
  } catch (cause) {
    throw new ValueError(
      `\`input\` of the tool ${toolName} has no JSON Schema: ${messageOf(cause)} Give \`inputSchema\` beside it.`,
      { cause },
    );
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.replace(/\.?$/, ".") : "";
}

/** Arguments as a tool takes them, or what is wrong with them. */
export type ReadArguments = { readonly args: unknown } | { readonly fault: string };

/** Reads what the model wrote. A model that means "none" may write nothing at all. */
export async function readArguments(text: string, schema: StandardSchemaV1): Promise<ReadArguments> {
  let given: unknown;
  try {
    given = text.trim() === "" ? {} : JSON.parse(text);
  } catch {
    return { fault: "The arguments are not JSON." };
  }
  try {
    const result = await schema["~standard"].validate(given);
    if (!result.issues) return { args: result.value };
    return { fault: `The arguments do not fit: ${describeIssues(result.issues)}` };
  } catch (error) {
    return { fault: `The arguments cannot be read. ${messageOf(error)}`.trim() };
  }
}

function describeIssues(issues: readonly StandardSchemaV1.Issue[]): string {
  return issues
    .map(({ path, message }) => (path?.length ? `${path.map(keyOf).join(".")}: ${message}` : message))
    .join("; ");
}

function keyOf(segment: PropertyKey | StandardSchemaV1.PathSegment): string {
  return String(typeof segment === "object" ? segment.key : segment);
}
