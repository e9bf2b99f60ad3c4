import { hash } from "node:crypto";
import { InvalidDefinitionError } from "./errors.ts";
import type { Json, JsonSchema } from "./flow/definition.ts";
import { formatPath, type Fault } from "./flow/fault.ts";
import { createLru } from "./flow/lru.ts";
import { createChecker, type Checker, type Verdict } from "./flow/schema/checker.ts";
import { compileDefaults, type ApplyDefaults } from "./flow/schema/defaults.ts";
import { toFaults } from "./flow/schema/issues.ts";
import { findSchemaFaults } from "./flow/schema/rules.ts";

/** What is wrong with a value. */
export interface SchemaIssue {
  /** Where in the value, such as `items[2].name`; empty for the value itself. */
  readonly path: string;
  /** Stands on its own, such as `difficulty: expected string, got number`. Quotes the schema, never the value. */
  readonly message: string;
}

/** A tenant's schema, ready to check values. Both methods leave their argument as it is. */
export interface CompiledSchema {
  /** Empty when the value fits; at most 20 issues otherwise. Never throws. */
  validate(value: Json): readonly SchemaIssue[];
  readonly applyDefaults: ApplyDefaults;
}

/** Compiled by what they say, so that the same schema in a thousand flows is one. */
const byHash = createLru<string, CompiledSchema>(200);
/** Schemas are not changed once they are made, so one object has one meaning; this saves the hash on the hot path. */
const byObject = new WeakMap<JsonSchema, CompiledSchema>();

/** Compiles a schema within the caps of `findSchemaFaults`; throws `InvalidDefinitionError` with every fault. The same schema is compiled once. */
export function compileSchema(schema: JsonSchema): CompiledSchema {
  const known = byObject.get(schema);
  if (known !== undefined) return known;
  const faults = findSchemaFaults(schema);
  if (faults.length > 0) throw invalid(faults);
  const key = hash("sha256", JSON.stringify(schema), "hex");
  const compiled = byHash.get(key) ?? compile(schema);
  byHash.set(key, compiled);
  byObject.set(schema, compiled);
  return compiled;
}

/** What keeps the schema from being compiled; empty when nothing does. */
export function checkSchema(schema: JsonSchema): readonly Fault[] {
  if (byObject.has(schema)) return [];
  const faults = findSchemaFaults(schema);
  if (faults.length > 0) return faults;
  try {
    compileSchema(schema);
    return [];
  } catch (error) {
    if (error instanceof InvalidDefinitionError) return error.issues.map(({ message }) => ({ path: [], message }));
    throw error;
  }
}

function invalid(faults: readonly Fault[]): InvalidDefinitionError {
  return new InvalidDefinitionError(faults.map(({ path, message }) => ({ path: formatPath(path), message })));
}

/**
 * What one check may cost, in schemas evaluated (an `enum`'s values counted too). Some schemas take exponential time (`allOf` of two
 * references to itself) or multiply a long list by thousands of alternatives; past this the value is refused, after about a second at the
 * most. A model's answer or a caller's input takes some hundred.
 */
const quickBudget = 5_000_000;
/** For the second check, which goes on after the first fault to tell them all, and makes an error object for each. */
const thoroughBudget = 100_000;

function compile(schema: JsonSchema): CompiledSchema {
  const quick = compileChecker(schema, { allErrors: false, budget: quickBudget });
  // Made at the first value that does not fit: most schemas never need it.
  let thorough: Checker | undefined;
  return {
    validate(value) {
      const first = quick(value);
      if (first === "fits") return [];
      thorough ??= compileChecker(schema, { allErrors: true, budget: thoroughBudget });
      const all = thorough(value);
      return toIssues(typeof all === "string" ? first : all, value);
    },
    applyDefaults: compileDefaults(schema),
  };
}

function compileChecker(schema: JsonSchema, options: Parameters<typeof createChecker>[1]): Checker {
  try {
    return createChecker(schema, options);
  } catch (error) {
    throw invalid([
      {
        path: [],
        message: `the schema cannot be compiled: ${error instanceof Error ? error.message : "unknown reason"}.`,
      },
    ]);
  }
}

function toIssues(verdict: Verdict, value: Json): readonly SchemaIssue[] {
  if (typeof verdict === "string")
    return [
      {
        path: "",
        message: "the value is too large, or nested too deeply, to be checked. Make it smaller, or its schema simpler",
      },
    ];
  return toFaults(verdict, value).map((fault) => {
    const path = formatPath(fault.path);
    return { path, message: path === "" ? fault.message : `${path}: ${fault.message}` };
  });
}
