/** Reading the bundled document: what the generators ask of it. */

/** @typedef {Record<string, any>} Node a JSON object of the document; its shape is OpenAPI's, which no type here repeats */

export const methods = ["get", "put", "post", "delete", "patch"];

/** The name that a local reference ends with. @param {string} ref */
export function nameOf(ref) {
  const name = ref.split("/").at(-1);
  if (!ref.startsWith("#/components/") || name === undefined) throw new Error(`${ref} does not lead into components`);
  return name;
}

/** What `node` is, references followed. @param {Node} document @param {Node} node @returns {Node} */
export function resolve(document, node) {
  let found = node;
  while (typeof found["$ref"] === "string") {
    const keys = found["$ref"].replace(/^#\//, "").split("/");
    found = keys.reduce((/** @type {Node} */ value, key) => value[key], document);
  }
  return found;
}

/** Event name → name of the schema of its data, in the document's order. @param {Node} document @returns {[event: string, schema: string][]} */
export function eventSchemas(document) {
  return document["components"].schemas.EventFrame.oneOf.map((/** @type {Node} */ frame) => [
    frame["properties"].event.enum[0],
    nameOf(frame["properties"].data.$ref),
  ]);
}

/** Every operation with its path, in the document's order. @param {Node} document @returns {{ path: string, method: string, item: Node, operation: Node }[]} */
export function operationsOf(document) {
  return Object.entries(document["paths"]).flatMap(([path, item]) =>
    methods.filter((method) => method in item).map((method) => ({ path, method, item, operation: item[method] })),
  );
}
