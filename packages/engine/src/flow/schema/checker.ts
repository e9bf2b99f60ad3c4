import { Ajv2020 } from "ajv/dist/2020.js";
import type { ErrorObject, ValidateFunction } from "ajv";
import type { Json, JsonObject, JsonSchema } from "../definition.ts";
import { isList, isObject } from "../json.ts";
import { compilePattern } from "./pattern.ts";
import { mapSubschemas, resolveLocalRef, walkSchema } from "./subschemas.ts";

/** `exhausted`: the check was given up, because it took more than its budget or the value is nested too deeply. */
export type Verdict = "fits" | "exhausted" | readonly ErrorObject[];
export type Checker = (value: Json) => Verdict;

export interface CheckerOptions {
  /** Go on after the first error? */
  readonly allErrors: boolean;
  /** Schemas that one check may evaluate by repetition or reference, the values of their `enum`s counted too. */
  readonly budget: number;
}

class BudgetExhausted extends Error {}

/**
 * Turns a schema that `findSchemaFaults` has passed into code. Each schema has an ajv of its own, since an ajv never forgets what it
 * compiled. Throws ajv's error when it cannot.
 */
export function createChecker(schema: JsonSchema, { allErrors, budget }: CheckerOptions): Checker {
  let left = 0;
  const charge = (amount: number): void => {
    left -= amount;
    if (left < 0) throw new BudgetExhausted();
  };
  const validate = createAjv(allErrors, charge).compile(withCharges(schema));
  return (value) => {
    left = budget;
    try {
      return validate(value) ? "fits" : takeErrors(validate);
    } catch (error) {
      // A RangeError is a stack overflow: the value, or the schema's recursion, is too deep.
      if (error instanceof BudgetExhausted || error instanceof RangeError) return "exhausted";
      throw error;
    }
  };
}

/** The errors of the last call; ajv must not hold on to them. */
function takeErrors(validate: ValidateFunction): readonly ErrorObject[] {
  const errors = validate.errors ?? [];
  validate.errors = null;
  return errors;
}

/** Our own keyword in a copy of the tenant's schema: what one evaluation of the schema that holds it costs. */
const chargeKeyword = "noukai:charge";

function createAjv(allErrors: boolean, charge: (amount: number) => void): Ajv2020 {
  const ajv = new Ajv2020({
    allErrors,
    // `findSchemaFaults` is the strict mode here; ajv's would run tenants' patterns on the language's own engine.
    strict: false,
    meta: false,
    validateSchema: false,
    validateFormats: false,
    // Inlining would multiply the code by a thousand references to a large definition.
    inlineRefs: false,
    // Else `required: [constructor]` is met by every object.
    ownProperties: true,
    logger: false,
    // ajv's own optimizing takes quadratic time and gains nothing that the engine does not.
    code: {
      optimize: false,
      regExp: Object.assign((source: string) => compilePattern(source), { code: "compilePattern" }),
    },
  });
  ajv.addKeyword({
    keyword: chargeKeyword,
    before: "$ref",
    errors: false,
    validate: (amount: number) => {
      charge(amount);
      return true;
    },
  });
  // ajv's own compares every item with every other.
  ajv.removeKeyword("uniqueItems");
  ajv.addKeyword({
    keyword: "uniqueItems",
    type: "array",
    schemaType: "boolean",
    validate: (isWanted: boolean, items: readonly Json[]) => !isWanted || areDistinct(items),
    error: { message: "must not have the same item twice" },
  });
  return ajv;
}

function areDistinct(items: readonly Json[]): boolean {
  return new Set(items.map((item) => JSON.stringify(item, sortMembers))).size === items.length;
}

/** A `JSON.stringify` replacer: objects that differ only in the order of their members give the same text. */
function sortMembers(_name: string, value: Json): Json {
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** A copy of the schema in which everything that may be evaluated more than once, by repetition or by reference, charges for itself. */
function withCharges(root: JsonSchema): JsonObject {
  const targets = new Set<Json | undefined>();
  walkSchema(root, ({ $ref }) => {
    if (typeof $ref === "string") targets.add(resolveLocalRef($ref, root));
  });
  const copyObject = (schema: JsonObject, isRepeated: boolean): JsonObject => {
    const { [chargeKeyword]: _, ...own } = schema;
    const copied = mapSubschemas(own, copy);
    return isRepeated || targets.has(schema) ? { ...copied, [chargeKeyword]: countValues(schema) } : copied;
  };
  const copy = (schema: Json, isRepeated: boolean): Json =>
    isObject(schema) ? copyObject(schema, isRepeated) : schema;
  // Names of the document would only move what `#` means; nothing outside refers to it.
  const { $id: _id, $schema: _schema, ...bare } = copyObject(root, false);
  return bare;
}

function countValues(value: Json): number {
  if (isList(value)) return value.reduce<number>((sum, inner) => sum + countValues(inner), 1);
  return isObject(value) ? countValues(Object.values(value)) : 1;
}
