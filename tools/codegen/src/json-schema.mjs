import { nameOf } from "./document.mjs";

/** @typedef {import("./document.mjs").Node} Node */

/** The files that editors complete from: name → the component that it describes, and what an editor calls it. */
const files = {
  "flow.schema.json": { component: "FlowDefinition", title: "A Noukai flow" },
  "project.schema.json": { component: "ProjectSettings", title: "The settings of a Noukai project" },
};

/** File name → JSON Schema (draft 2020-12). @param {Node} document @returns {Readonly<Record<string, Node>>} */
export function fileSchemas(document) {
  return Object.fromEntries(
    Object.entries(files).map(([file, { component, title }]) => [file, standAlone(document, component, title)]),
  );
}

/** The same as texts of files. @param {Node} document @returns {[path: string, text: string][]} */
export function schemaFiles(document) {
  return Object.entries(fileSchemas(document)).map(([file, schema]) => [
    `schemas/${file}`,
    `${JSON.stringify(schema, null, 2)}\n`,
  ]);
}

/** One component with all that it refers to in `$defs`, without what only OpenAPI knows. @param {Node} document @param {string} component @param {string} title */
function standAlone(document, component, title) {
  const components = document["components"].schemas;
  /** @type {Record<string, Node>} */
  const definitions = {};
  /** @param {unknown} value @returns {any} */
  const convert = (value) => {
    if (Array.isArray(value)) return value.map(convert);
    if (typeof value !== "object" || value === null) return value;
    const members = Object.entries(value).filter(([name]) => name !== "discriminator" && !name.startsWith("x-"));
    return Object.fromEntries(members.map(([name, inner]) => [name, name === "$ref" ? refer(inner) : convert(inner)]));
  };
  /** @param {string} ref */
  const refer = (ref) => {
    const name = nameOf(ref);
    if (!(name in definitions)) {
      // Taken before it is filled, since the tree of steps refers to itself.
      definitions[name] = {};
      Object.assign(definitions[name], convert(components[name]));
    }
    return `#/$defs/${name}`;
  };
  const root = convert(components[component]);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $comment: "Generated from openapi/ by `npm run generate`; do not edit.",
    title,
    ...root,
    $defs: Object.fromEntries(Object.entries(definitions).toSorted(([a], [b]) => (a < b ? -1 : 1))),
  };
}
