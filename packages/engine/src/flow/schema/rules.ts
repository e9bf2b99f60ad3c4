import { Ajv2020 } from "ajv/dist/2020.js";
import type { JsonObject } from "../definition.ts";
import { formatPath, type Fault, type Path, type Report } from "../fault.ts";
import { isList, isObject, ownMember } from "../json.ts";
import { didYouMean, findNearest } from "../suggest.ts";
import { compilePattern } from "./pattern.ts";
import { toFaults } from "./issues.ts";
import { resolveLocalRef, schemaKeywords, walkSchema } from "./subschemas.ts";

/** Bound of a schema's JSON text, in UTF-16 units. */
export const maxSchemaLength = 32_768;
/** Bound of the instructions of all patterns in a schema: compiling them takes up to 5 µs each. */
const maxPatternsSize = 20_000;
/** Bound of the levels of objects and lists in a schema. */
export const maxSchemaDepth = 64;

/**
 * What is wrong with a tenant's schema before it may be compiled: beyond the caps, no schema of draft 2020-12, a `$ref` that leaves the
 * document, a pattern that cannot be matched in linear time, a keyword that is most likely a slip. Unknown keywords and `format` are
 * annotations, as the draft has it: kept, not checked.
 */
export function findSchemaFaults(schema: JsonObject): readonly Fault[] {
  const oversize = findOversize(schema);
  if (oversize !== undefined) return [{ path: [], message: oversize }];
  const faults: Fault[] = [...findShapeFaults(schema)];
  const report: Report = (fault) => void faults.push(fault);
  checkDialect(schema, report);
  const seen = new Set<unknown>();
  walkSchema(schema, (subschema) => seen.add(subschema));
  let patternsSize = 0;
  walkSchema(schema, (subschema, path) => {
    checkKeywords(subschema, path, report);
    checkRef(subschema, { path, root: schema, schemas: seen }, report);
    patternsSize = checkPatterns(subschema, { path, total: patternsSize }, report);
    checkRequired(subschema, path, report);
  });
  return faults;
}

function findOversize(schema: JsonObject): string | undefined {
  // Depth first: a text of a value nested too deeply cannot be made.
  if (isDeeperThan(schema, maxSchemaDepth))
    return `the schema is nested more than ${maxSchemaDepth} levels deep. Flatten it, or use \`$defs\`.`;
  if (JSON.stringify(schema).length > maxSchemaLength)
    return `the schema is longer than ${maxSchemaLength} characters of JSON. Make it smaller.`;
  return undefined;
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeperThan(inner, levels - 1));
}

/** Compiled once: the meta-schema of draft 2020-12. It holds no tenant's schema. */
const draft = new Ajv2020({ allErrors: true, strict: false, validateFormats: false, logger: false });

function findShapeFaults(schema: JsonObject): readonly Fault[] {
  // A `$schema` of its own would send ajv looking for another meta-schema.
  const { $schema: _, ...bare } = schema;
  if (draft.validateSchema(bare) === true) return [];
  const byPath = new Map<string, Fault>();
  for (const fault of toFaults(draft.errors ?? [], bare)) {
    // The first one at a place says most; those after it are the meta-schema's other forms.
    const place = formatPath(fault.path);
    if (!byPath.has(place)) byPath.set(place, { ...fault, message: `${fault.message} (JSON Schema, draft 2020-12).` });
  }
  return [...byPath.values()];
}

function checkDialect(schema: JsonObject, report: Report): void {
  const dialect = ownMember(schema, "$schema");
  if (dialect === undefined || dialect === "https://json-schema.org/draft/2020-12/schema") return;
  report({
    path: ["$schema"],
    message: "only draft 2020-12 is known. Remove `$schema`, or write `https://json-schema.org/draft/2020-12/schema`.",
  });
}

const refused: ReadonlySet<string> = new Set([
  "$async",
  "$anchor",
  "$dynamicAnchor",
  "$dynamicRef",
  "$recursiveRef",
  "$vocabulary",
]);

function checkKeywords(schema: JsonObject, path: Path, report: Report): void {
  for (const keyword of Object.keys(schema)) {
    const at: Fault["at"] = "name";
    if (refused.has(keyword) || (keyword === "$id" && path.length > 0)) {
      report({
        path: [...path, keyword],
        at,
        message: `\`${keyword}\` is not supported. Point at \`$defs\` with \`$ref: "#/$defs/<name>"\`.`,
      });
    } else if (!schemaKeywords.has(keyword) && findNearest(keyword, schemaKeywords) !== undefined) {
      report({
        path: [...path, keyword],
        at,
        message: `\`${keyword}\` is no keyword of JSON Schema.${didYouMean(keyword, schemaKeywords)}`,
      });
    }
  }
}

interface RefPlace {
  readonly path: Path;
  readonly root: JsonObject;
  /** Every schema of the document; anything else is data, such as a `default`. */
  readonly schemas: ReadonlySet<unknown>;
}

function checkRef(schema: JsonObject, { path, root, schemas }: RefPlace, report: Report): void {
  const ref = ownMember(schema, "$ref");
  if (typeof ref !== "string") return;
  const target = resolveLocalRef(ref, root);
  if (typeof target === "boolean" || schemas.has(target)) return;
  const reason = ref.startsWith("#")
    ? "points at no schema in this document"
    : "leaves this document; nothing is fetched";
  const names = Object.keys(isObject(root["$defs"]) ? root["$defs"] : {}).map((name) => `#/$defs/${name}`);
  report({
    path: [...path, "$ref"],
    message: `the reference ${reason}. Put the schema under \`$defs\` and write \`#/$defs/<name>\`.${didYouMean(ref, names)}`,
  });
}

/** Gives the sum of the sizes, the patterns of `schema` added. Past the bound, no further one is compiled. */
function checkPatterns(
  schema: JsonObject,
  { path, total }: { readonly path: Path; readonly total: number },
  report: Report,
): number {
  const pattern = ownMember(schema, "pattern");
  const byPattern = ownMember(schema, "patternProperties");
  const places: readonly (readonly [string, Omit<Fault, "message">])[] = [
    ...(typeof pattern === "string" ? [[pattern, { path: [...path, "pattern"] }] as const] : []),
    ...Object.keys(isObject(byPattern) ? byPattern : {}).map(
      (source) => [source, { path: [...path, "patternProperties", source], at: "name" }] as const,
    ),
  ];
  let size = total;
  for (const [source, place] of places) {
    if (size > maxPatternsSize) break;
    size += checkPattern(source, place, report);
    if (size > maxPatternsSize) {
      report({
        ...place,
        message: `the schema's patterns are too large together; the limit is ${maxPatternsSize} instructions. Repeat less in them.`,
      });
    }
  }
  return size;
}

/** Gives the pattern's size, 0 when it cannot be used. */
function checkPattern(source: string, place: Omit<Fault, "message">, report: Report): number {
  try {
    return compilePattern(source).size;
  } catch (error) {
    report({
      ...place,
      message: `the pattern cannot be used: ${error instanceof Error ? error.message : "it cannot be read"}.`,
    });
    return 0;
  }
}

/** A required name that nothing declares may be meant (the schema may be open), unless it is a slip of a declared one. */
function checkRequired(schema: JsonObject, path: Path, report: Report): void {
  const { required, properties } = schema;
  if (!isList(required) || !isObject(properties)) return;
  // Every missing name is compared with every declared one; a hundred of each is more than people write.
  const names = Object.keys(properties).slice(0, 100);
  for (const [index, name] of required.slice(0, 100).entries()) {
    if (typeof name !== "string" || Object.hasOwn(properties, name) || findNearest(name, names) === undefined) continue;
    report({
      path: [...path, "required", index],
      message: `\`${name}\` is required and not declared.${didYouMean(name, names)}`,
    });
  }
}
