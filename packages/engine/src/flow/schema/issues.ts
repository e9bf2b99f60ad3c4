import type { ErrorObject } from "ajv";
import type { Json } from "../definition.ts";
import type { Fault, Path } from "../fault.ts";
import { isList, isObject, ownMember } from "../json.ts";

/** No report is longer: past this, more lines do not help. */
export const maxIssues = 20;

/** ajv's errors about `value` as faults with a path in it. Messages quote the schema, never the value. */
export function toFaults(errors: readonly ErrorObject[], value: Json): readonly Fault[] {
  const faults = new Map<string, Fault>();
  for (const error of withoutAlternatives(errors)) {
    const fault = toFault(error, value);
    faults.set(JSON.stringify(fault), fault);
    if (faults.size === maxIssues) break;
  }
  return [...faults.values()];
}

/**
 * An `anyOf` that fails comes with one error per alternative. Those about the same value say only which alternatives there are, so they
 * go; those about its members stay.
 */
function withoutAlternatives(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  // A hostile schema makes a hundred thousand errors, so only the first unions are looked at.
  const unions = errors.filter(({ keyword }) => keyword === "anyOf" || keyword === "oneOf").slice(0, maxIssues);
  if (unions.length === 0) return errors;
  const isAlternative = (error: ErrorObject): boolean =>
    unions.some(
      (union) => error.instancePath === union.instancePath && error.schemaPath.startsWith(`${union.schemaPath}/`),
    );
  return errors.filter((error) => !isAlternative(error));
}

function toFault(error: ErrorObject, value: Json): Fault {
  const path = fromPointer(error.instancePath, value);
  const { params } = error;
  switch (error.keyword) {
    case "type":
      return {
        path,
        message: `expected ${[params["type"]].flat().join(" or ")}, got ${typeName(valueAt(value, path))}`,
      };
    case "required":
      return { path: [...path, String(params["missingProperty"])], message: "is required" };
    case "additionalProperties":
      return { path: [...path, String(params["additionalProperty"])], message: "is not a declared name", at: "name" };
    case "unevaluatedProperties":
      return { path: [...path, String(params["unevaluatedProperty"])], message: "is not a declared name", at: "name" };
    case "enum":
      return { path, message: `expected one of ${quoteAll(params["allowedValues"])}` };
    case "const":
      return { path, message: `expected ${quote(params["allowedValue"])}` };
    case "anyOf":
    case "oneOf":
      return {
        path,
        message: `fits ${error.keyword === "oneOf" && params["passingSchemas"] ? "more than one" : "none"} of the forms that the schema allows`,
      };
    case "false schema":
      return { path, message: "is not allowed here" };
    default:
      return { path, message: (error.message ?? "does not fit the schema").replace("NOT", "not") };
  }
}

/** A JSON pointer into `value` as a path; list indices become numbers. */
function fromPointer(pointer: string, value: Json): Path {
  if (pointer === "") return [];
  const path: (string | number)[] = [];
  let current: Json | undefined = value;
  for (const escaped of pointer.slice(1).split("/")) {
    const name = escaped.replaceAll("~1", "/").replaceAll("~0", "~");
    const isIndex = isList(current);
    path.push(isIndex ? Number(name) : name);
    current = memberAt(current, isIndex ? Number(name) : name);
  }
  return path;
}

function valueAt(value: Json, path: Path): Json | undefined {
  return path.reduce<Json | undefined>(memberAt, value);
}

function memberAt(value: Json | undefined, segment: string | number): Json | undefined {
  if (isList(value)) return value[Number(segment)];
  return isObject(value) ? ownMember(value, String(segment)) : undefined;
}

/** JSON Schema's name of the value's type. */
function typeName(value: Json | undefined): string {
  if (value === null) return "null";
  if (isList(value)) return "array";
  return typeof value;
}

function quoteAll(values: unknown): string {
  const list: readonly unknown[] = Array.isArray(values) ? values : [];
  const shown = list.slice(0, 10).map(quote).join(", ");
  return list.length > 10 ? `${shown}, …` : shown;
}

function quote(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
