import { checkSchema, compileSchema } from "../schema.ts";
import type { Json, JsonObject } from "./definition.ts";
import { formatPath, type Fault, type Path, type Report } from "./fault.ts";
import { isObject, ownMember } from "./json.ts";
import { checkScopes } from "./scope.ts";
import { checkDefinition, maxSteps } from "./structure.ts";
import { idOf, nodesOf } from "./tree.ts";

/** Bound of the levels of steps: 1 at top level, one more inside each container. */
export const maxTreeLevels = 32;

/** More help nobody, and finding the names that a faulty one may have meant takes time. */
export const maxFaults = 200;

class TooManyFaults extends Error {}

/** Everything that is wrong with a definition, up to `maxFaults`; empty when nothing is. */
export function validateDefinition(value: Json): readonly Fault[] {
  const faults: Fault[] = [];
  const report: Report = (fault) => {
    if (faults.length === maxFaults) throw new TooManyFaults();
    faults.push(fault);
  };
  try {
    checkAll(value, report);
  } catch (error) {
    if (!(error instanceof TooManyFaults)) throw error;
    faults.push({ path: [], message: `has more than ${maxFaults} faults; the others are left out. Mend these first.` });
  }
  return faults;
}

function checkAll(value: Json, report: Report): void {
  if (isObject(value) && schemasLength(value) > maxSchemasLength) {
    // Nothing else is looked at, since compiling them is what takes time.
    return report({
      path: [],
      message: `the schemas in this flow are longer than ${maxSchemasLength} characters of JSON together. Make them smaller, or use flows of their own.`,
    });
  }
  checkDefinition(value, [], report);
  if (!isObject(value)) return;
  checkTree(value, report);
  checkScopes(value, report);
  checkDefaults(value, report);
}

/** Bound of the JSON text of all schemas in a definition: compiling them takes up to 10 µs a character. */
export const maxSchemasLength = 131_072;

function schemasLength(definition: JsonObject): number {
  const schemas = [ownMember(definition, "input")];
  for (const { node } of nodesOf(definition)) schemas.push(ownMember(node, "output"));
  return schemas.reduce<number>((sum, schema) => sum + (isObject(schema) ? JSON.stringify(schema).length : 0), 0);
}

/** Ids that are taken twice, and the tree's size. */
function checkTree(definition: JsonObject, report: Report): void {
  const taken = new Map<string, Path>();
  let count = 0;
  for (const { node, path, level } of nodesOf(definition)) {
    count += 1;
    if (level === maxTreeLevels + 1) {
      report({
        path,
        message: `lies ${level} levels deep; the limit is ${maxTreeLevels}. Move inner steps into a flow of their own.`,
      });
    }
    const id = idOf(node);
    const first = id === undefined ? undefined : taken.get(id);
    if (id === undefined) continue;
    if (first === undefined) taken.set(id, path);
    else
      report({
        path: [...path, "id"],
        message: `the id \`${id}\` is taken by ${formatPath(first)}. Ids are unique in the whole tree; rename one of the two.`,
      });
  }
  if (count > maxSteps)
    report({
      path: ["steps"],
      message: `the flow has ${count} steps in all; the limit is ${maxSteps}. Use a loop, or flows of their own.`,
    });
}

/** A `default` that its own schema refuses would fail every run that relies on it. */
function checkDefaults(definition: JsonObject, report: Report): void {
  const schema = ownMember(definition, "input");
  const properties = isObject(schema) ? ownMember(schema, "properties") : undefined;
  if (!isObject(schema) || !isObject(properties) || checkSchema(schema).length > 0) return;
  const { validate, applyDefaults } = compileSchema(schema);
  const withDefault = Object.entries(properties).filter(
    ([, property]) => isObject(property) && ownMember(property, "default") !== undefined,
  );
  const issues = validate(applyDefaults({}));
  for (const [name] of withDefault) {
    const prefix = formatPath([name]);
    const issue = issues.find(
      ({ path }) => path === prefix || path.startsWith(`${prefix}.`) || path.startsWith(`${prefix}[`),
    );
    if (issue !== undefined)
      report({
        path: ["input", "properties", name, "default"],
        message: `the default does not fit: ${issue.message}. Change it or the schema.`,
      });
  }
}
