import { readFileSync, readdirSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import * as z from "zod";
import * as byHand from "../../src/contract/flow-definition.ts";
import { openapiDocument } from "../../src/generated/openapi.gen.ts";
import * as generated from "../../src/generated/zod.gen.ts";

/** A JSON Schema of the document. Only what the tests read is typed. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: string;
  /** Of each frame of a stream. */
  readonly contentSchema?: Schema;
  readonly discriminator?: { readonly mapping: Readonly<Record<string, string>> };
}

interface Answer {
  readonly content?: Readonly<Record<string, Body>>;
}

/** A parameter of an operation, or of all of a path's. */
export interface Parameter {
  readonly $ref?: string;
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required?: boolean;
  readonly schema: Schema;
  readonly example: unknown;
}

/** A JSON body that an operation takes or gives. */
export interface Body {
  readonly schema: Schema;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: Answer & { readonly $ref?: string };
  readonly responses: Readonly<Record<string, Answer & { readonly $ref?: string }>>;
}

const methods = ["get", "put", "post", "delete"] as const;

interface Document {
  readonly paths: Readonly<
    Record<
      string,
      { readonly parameters?: readonly Parameter[] } & { readonly [Method in (typeof methods)[number]]?: Operation }
    >
  >;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly responses: Readonly<Record<string, Answer>>;
    readonly requestBodies: Readonly<Record<string, Answer>>;
    readonly parameters: Readonly<Record<string, { readonly schema: Schema; readonly example: unknown }>>;
  };
}

/** The document that the server serves, as who asks for it reads it. */
export const document: Document = JSON.parse(JSON.stringify(openapiDocument));

export const schemas = document.components.schemas;

/** The last part of a reference: `#/components/schemas/Trace` → `Trace`. */
export function nameOf(ref: string): string {
  return ref.slice(ref.lastIndexOf("/") + 1);
}

/** With the parameters that hold for all operations of their path. */
export const operations: readonly Operation[] = Object.values(document.paths).flatMap((item) =>
  methods.flatMap((method) => {
    const operation = item[method];
    if (operation === undefined) return [];
    return [{ ...operation, parameters: [...(item.parameters ?? []), ...(operation.parameters ?? [])] }];
  }),
);

/** What a reference leads to; anything else is itself. */
export function resolved<Value extends object>(value: Value & { readonly $ref?: string }): Value {
  if (value.$ref === undefined) return value;
  const steps = value.$ref.split("/").slice(1);
  const found = steps.reduce<unknown>((at, step) => Reflect.get(Object(at), step), document);
  return found as Value; // as: what the document puts behind such a reference
}

/** Every JSON body that an operation takes or gives. */
export function jsonBodies(): readonly Body[] {
  return operations.flatMap((operation) => {
    const request = operation.requestBody;
    const taken = request?.$ref === undefined ? request : document.components.requestBodies[nameOf(request.$ref)];
    const given = Object.values(operation.responses).map((answer) =>
      answer.$ref === undefined ? answer : document.components.responses[nameOf(answer.$ref)],
    );
    return [taken, ...given].flatMap((body) => body?.content?.["application/json"] ?? []);
  });
}

const ajv = new Ajv2020({ allowUnionTypes: true, strictRequired: false });
addFormats.default(ajv);
ajv.addVocabulary(["components", "discriminator", "x-also-spelled"]);
ajv.addSchema({ $id: "noukai", components: { schemas } });
const compiled = new Map<string, ValidateFunction>();

/** Does `value` satisfy the document's schema? */
export function isValid(schemaName: string, value: unknown): boolean {
  return validatorOf(schemaName)(value);
}

/** Why `value` does not satisfy a schema that stands in place or refers to a named one; empty when it does. */
export function faultsIn(schema: Schema, value: unknown): readonly string[] {
  if (schema.$ref !== undefined) return faultsOf(nameOf(schema.$ref), value);
  const validate = inPlace.get(schema) ?? ajv.compile(withPlaces(schema));
  inPlace.set(schema, validate);
  return validate(value) ? [] : [ajv.errorsText(validate.errors)];
}

/** Compiled schemas that stand in place. */
const inPlace = new WeakMap<Schema, ValidateFunction>();

/** The schema with its references as they are found outside the document. */
function withPlaces(schema: Schema): Schema {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"noukai#/components/')) as Schema; // as: it was one
}

/** Why it does not. */
export function faultsOf(schemaName: string, value: unknown): readonly string[] {
  const validate = validatorOf(schemaName);
  return validate(value)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

function validatorOf(schemaName: string): ValidateFunction {
  const known = compiled.get(schemaName);
  if (known !== undefined) return known;
  const validate = ajv.compile({ $ref: `noukai#/components/schemas/${schemaName}` });
  compiled.set(schemaName, validate);
  return validate;
}

const zodValidators: Readonly<Record<string, unknown>> = { ...generated, ...byHand };

/** The server's validator of that name; undefined when there is none. */
export function zodOf(schemaName: string): z.ZodType | undefined {
  const found = zodValidators[`z${schemaName}`];
  return found instanceof z.ZodType ? found : undefined;
}

/** A message from `openapi/examples`. `schemaName` is the file's name up to its first dot. */
export interface Example {
  readonly file: string;
  readonly schemaName: string;
  readonly value: unknown;
}

const folder = new URL("../../../../openapi/examples/", import.meta.url);

export const examples: readonly Example[] = readdirSync(folder)
  .toSorted()
  .map((file) => ({
    file,
    schemaName: file.slice(0, file.indexOf(".")),
    value: JSON.parse(readFileSync(new URL(file, folder), "utf8")) as unknown,
  }));

const replacements: readonly unknown[] = [null, true, -1, 0, 1.5, 1e12, "", "?!", [], {}];

/** Copies of `value` with one thing changed: a value of another kind or out of all bounds, a member gone, a member too many. */
export function* mutantsOf(value: unknown): Generator<{ readonly change: string; readonly mutant: unknown }> {
  for (const replacement of replacements) {
    yield { change: `becomes ${JSON.stringify(replacement)}`, mutant: replacement };
  }
  if (typeof value === "string") yield { change: "becomes very long", mutant: value.repeat(2500) };
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value))
    yield { change: "gets very long", mutant: Array.from({ length: 300 }, () => value[0] as unknown) };
  else yield { change: "gets a member", mutant: { ...value, unexpectedMember: 1 } };
  for (const [key, member] of Object.entries(value)) {
    if (!Array.isArray(value)) yield { change: `loses ${key}`, mutant: withMember(value, key, undefined) };
    for (const { change, mutant } of mutantsOf(member)) {
      yield { change: `${key} ${change}`, mutant: withMember(value, key, mutant) };
    }
  }
}

/** A copy with `key` set, or without it when `member` is undefined. */
function withMember(value: object, key: string, member: unknown): unknown {
  if (Array.isArray(value)) return value.with(Number(key), member) as unknown;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, kept]) => {
      if (name !== key) return [[name, kept]];
      return member === undefined ? [] : [[name, member]];
    }),
  );
}
