import type { DocumentedOperation } from "./answers.ts";
import type { Call } from "./calls.ts";
import { examples, isValid, mutantsOf, type Parameter, resolved, type Schema } from "./document.ts";

/** A call that the document forbids. */
export interface FaultyCall extends Call {
  /** Such as `limit=0`, or a body's `attachments 0 url becomes -1`. */
  readonly fault: string;
  /** What a refusal is to name; undefined for a body that is faulty as a whole. */
  readonly field: string | undefined;
}

/** Every call that is in order but for one parameter. */
export function callsWithFaultyParameter(operation: DocumentedOperation, call: Call): readonly FaultyCall[] {
  return operation.parameters.flatMap((parameter) =>
    faultyValues(parameter).map((value) => ({
      ...withParameter(operation, call, { parameter, value }),
      fault: `${parameter.name}=${value?.slice(0, 30)}`,
      field: parameter.name,
    })),
  );
}

/** Values that the parameter's schema forbids; undefined: none at all. Empty ones count as absent. */
function faultyValues({
  name,
  required = false,
  in: place,
  schema: reference,
}: Parameter): readonly (string | undefined)[] {
  // Its date is never a reason to refuse a call.
  if (name === "X-Noukai-API-Version") return [];
  const absent = required && place !== "path" ? [undefined] : [];
  return [...absent, ...forbidden(reference)];
}

function forbidden(reference: Schema): readonly string[] {
  const schema = resolved<Schema>(reference);
  const { type, minimum, maximum, maxLength, pattern, format, anyOf } = schema;
  // Of several forms, what none of them has.
  if (anyOf !== undefined) return ["no-such-thing", "0", "-1"];
  if (type === "array") return forbidden(schema.items ?? {});
  if (schema.enum !== undefined || format === "date-time") return ["no-such-thing"];
  if (type === "boolean") return ["2", "yes"];
  if (type !== "integer" && type !== "number") {
    return [...(maxLength === undefined ? [] : ["x".repeat(maxLength + 1)]), ...(pattern === undefined ? [] : ["!?"])];
  }
  const bounds = [minimum === undefined ? [] : [minimum - 1], maximum === undefined ? [] : [maximum + 1]].flat();
  return ["x", "1.5", "1e1", ...bounds.map(String)];
}

function withParameter(
  { path }: DocumentedOperation,
  call: Call,
  { parameter: { name, in: place }, value }: { readonly parameter: Parameter; readonly value: string | undefined },
): Call {
  if (place === "header") return { ...call, headers: { ...call.headers, [name]: value ?? "" } };
  const [before = "", query] = call.path.split("?");
  if (place === "path") {
    const index = path.split("/").findIndex((segment) => segment.endsWith(`{${name}}`));
    const prefix = name === "version" ? "v" : "";
    const segments = before.split("/").with(index, `${prefix}${encodeURIComponent(value ?? "")}`);
    return { ...call, path: [segments.join("/"), query].filter((part) => part !== undefined).join("?") };
  }
  const wanted = new URLSearchParams(query);
  wanted.delete(name);
  if (value !== undefined) wanted.set(name, value);
  return { ...call, path: `${before}?${wanted}` };
}

/** What the document forbids and the server bears. */
const borne: readonly { readonly change: RegExp; readonly in: (example: object) => boolean }[] = [
  // Clients in the field write null for what they leave out.
  { change: /^attachments \d+ (kind|filename) becomes null$/, in: () => true },
  // What the request calls the flow stands in place of what its definition does.
  { change: /^definition name /, in: (example) => "name" in example },
  { change: /^definition description /, in: (example) => "description" in example },
  // A resume echoes what the call before it sent; the run's log has that already, and wins.
  { change: /^(tools|toolChoice) /, in: (example) => "executionId" in example },
];

/** Every call whose body is one of the document's examples but for one thing, which makes it one that the document forbids. */
export function callsWithFaultyBody({ bodySchema }: DocumentedOperation, call: Call): readonly FaultyCall[] {
  if (bodySchema === undefined) return [];
  const own = examples.filter(({ schemaName }) => schemaName === bodySchema).map(({ value }) => fitted(value, call));
  return own.flatMap((value) =>
    [...mutantsOf(value)]
      .filter(({ mutant }) => !isValid(bodySchema, asRead(mutant, bodySchema)))
      .filter(({ change }) => !borne.some((rule) => rule.change.test(change) && rule.in(value)))
      .map(({ change, mutant }) => ({ ...call, body: JSON.stringify(mutant), fault: change, field: fieldOf(change) })),
  );
}

/** An example as it fits this server: names that it must not or must have are those of the call. */
function fitted(example: unknown, { body }: Call): object {
  const { slug, flow_id: flowId } = Object(body) as Readonly<Record<string, unknown>>; // as: a body is an object
  return { ...Object(example), ...(slug !== undefined && { slug }), ...(flowId !== undefined && { flow_id: flowId }) };
}

/** `attachments 0 url becomes -1` → `attachments`; `loses name` → `name`. */
function fieldOf(change: string): string | undefined {
  const [first, second] = change.split(" ");
  if (first === "loses") return second;
  return first === "becomes" || first === "gets" ? undefined : first;
}

/** Members of these mean what they are, empty or not. */
const exactBodies = new Set(["FlowExecutionCreateRequest", "TaskOutputRequest"]);

/** A body without the members that count as absent. */
function asRead(body: unknown, schemaName: string): unknown {
  if (exactBodies.has(schemaName) || typeof body !== "object" || body === null || Array.isArray(body)) return body;
  return Object.fromEntries(Object.entries(body).filter(([, value]) => !isEmpty(value)));
}

function isEmpty(value: unknown): boolean {
  return value === null || value === "" || (typeof value === "object" && Object.keys(value).length === 0);
}
