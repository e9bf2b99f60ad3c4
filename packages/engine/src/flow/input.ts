import { compileSchema, type SchemaIssue } from "../schema.ts";
import type { CompiledFlow } from "./compile.ts";
import type { FlowDefinition, Json, JsonObject, JsonSchema } from "./definition.ts";
import { formatPath } from "./fault.ts";
import { isObject, ownMember } from "./json.ts";

/** What a caller sends for a flow's input; an empty `message` is as good as none. */
export interface InputRequest {
  readonly message?: string | null | undefined;
  readonly parameters?: JsonObject | null | undefined;
}

export type ResolvedInput =
  | { readonly ok: true; readonly input: JsonObject }
  | {
      readonly ok: false;
      /** From the contract's table. */
      readonly code: "INVALID_REQUEST" | "MISSING_MESSAGE" | "PARAMETER_NAME_RESERVED";
      readonly message: string;
      /** Paths are those of the request: `message`, `parameters.difficulty`. */
      readonly issues: readonly SchemaIssue[];
    };

/** What a flow takes that declares nothing. */
const defaultSchema: JsonSchema = { type: "object", properties: { message: { type: "string" } } };

/**
 * Completes what a caller sent to the flow's input, or tells everything that is wrong with it. `message` fills the input of that name, else
 * the first declared one; defaults fill what is absent. Names that the flow does not declare are tolerated: they are kept, unless its schema
 * says `additionalProperties: false`. The request is left as it is; the input may share values with it.
 */
export function resolveInput(flow: Pick<CompiledFlow, "definition">, request: InputRequest): ResolvedInput {
  const declared = declaredInput(flow.definition);
  const parameters = request.parameters ?? {};
  const message = request.message === "" ? undefined : (request.message ?? undefined);
  if (Object.hasOwn(parameters, "attachments")) return reserved;
  const given = message === undefined ? undefined : ownMember(parameters, declared.messageName);
  if (given !== undefined && given !== message) return contradiction(declared.messageName);
  const filled = message === undefined ? parameters : { ...parameters, [declared.messageName]: message };
  const input = declared.complete(filled);
  const issues = declared.validate(input);
  if (issues.length === 0) return { ok: true, input };
  return refuse(issues, { declared, hasMessage: message !== undefined });
}

/** Completes an input that is there whole, as one flow hands it to another; issues are told by the names of the inputs. */
export function completeInput(
  definition: FlowDefinition,
  parameters: JsonObject,
): { readonly ok: true; readonly input: JsonObject } | { readonly ok: false; readonly issues: readonly SchemaIssue[] } {
  const declared = declaredInput(definition);
  const input = declared.complete(parameters);
  const issues = declared.validate(input);
  return issues.length === 0 ? { ok: true, input } : { ok: false, issues };
}

/** What there is to know of a flow's input schema, once per definition. */
interface DeclaredInput {
  /** The input that `message` fills. */
  readonly messageName: string;
  readonly complete: (parameters: JsonObject) => JsonObject;
  readonly validate: (input: Json) => readonly SchemaIssue[];
}

const declaredInputs = new WeakMap<FlowDefinition, DeclaredInput>();

function declaredInput(definition: FlowDefinition): DeclaredInput {
  const known = declaredInputs.get(definition);
  if (known !== undefined) return known;
  const declared = readDeclared(definition.input ?? defaultSchema);
  declaredInputs.set(definition, declared);
  return declared;
}

function readDeclared(schema: JsonSchema): DeclaredInput {
  const { validate, applyDefaults } = compileSchema(schema);
  const properties = ownMember(schema, "properties");
  const names = isObject(properties) ? Object.keys(properties) : [];
  const isClosed = schema["additionalProperties"] === false && schema["patternProperties"] === undefined;
  const known = new Set(names);
  return {
    messageName: known.has("message") ? "message" : (names[0] ?? "message"),
    complete: (parameters) => applyDefaults(isClosed ? pick(parameters, known) : parameters) as JsonObject, // reason: an object's completion is an object
    validate,
  };
}

function pick(parameters: JsonObject, names: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => names.has(name)));
}

const reserved: ResolvedInput = {
  ok: false,
  code: "PARAMETER_NAME_RESERVED",
  message: "An input cannot be called `attachments`. Send attachments beside `parameters`.",
  issues: [{ path: "parameters.attachments", message: "is a reserved name. Send attachments beside `parameters`." }],
};

function contradiction(name: string): ResolvedInput {
  const path = formatPath(["parameters", name]);
  const message = `\`message\` and \`${path}\` both fill the input \`${name}\`, with different values. Send one of them.`;
  const issue = `differs from \`${path}\`, which fills the same input. Send one of them.`;
  return { ok: false, code: "INVALID_REQUEST", message, issues: [{ path: "message", message: issue }] };
}

interface RefusalContext {
  readonly declared: DeclaredInput;
  readonly hasMessage: boolean;
}

function refuse(
  found: readonly SchemaIssue[],
  { declared: { messageName }, hasMessage }: RefusalContext,
): ResolvedInput {
  const messagePath = formatPath([messageName]);
  const bare = found.map(withoutPath);
  const isMissing = bare.some(({ path, message }) => path === messagePath && message === "is required");
  const issues = bare.map(({ path, message }): SchemaIssue => {
    if (path === messagePath && (hasMessage || isMissing)) return { path: "message", message };
    const parent = path === "" || path.startsWith("[") ? `parameters${path}` : `parameters.${path}`;
    return { path: parent, message };
  });
  if (isMissing) {
    const message = `The input \`${messageName}\` is missing. Send it as \`message\` or as \`${formatPath(["parameters", messageName])}\`.`;
    return { ok: false, code: "MISSING_MESSAGE", message, issues };
  }
  return {
    ok: false,
    code: "INVALID_REQUEST",
    message: `The input does not fit the flow: ${issues.map(({ path, message }) => `${path}: ${message}`).join("; ")}.`,
    issues,
  };
}

/** A schema's messages begin with their path, which an issue has beside it. */
function withoutPath({ path, message }: SchemaIssue): SchemaIssue {
  return { path, message: path === "" ? message : message.slice(`${path}: `.length) };
}
