import openapiTS, { astToString } from "openapi-typescript";
import { eventSchemas } from "./document.mjs";
import { header } from "./header.mjs";

/**
 * The clients' types. Without `default-non-nullable`, so that a member with a default stays optional for who sends it; neither immutable
 * nor with tuples, which openapi-fetch's `Readable` cannot read.
 * @param {import("./document.mjs").Node} document
 */
export async function openapiTypes(document) {
  const types = await openapiTS(structuredClone(document), {
    alphabetize: true,
    defaultNonNullable: false,
    rootTypes: true,
    rootTypesNoSchemaPrefix: true,
    silent: true,
  });
  const text = astToString(types).replaceAll(" (enum property replaced by openapi-typescript)", "");
  return header + describeRootTypes(text, document["components"].schemas);
}

/**
 * Says of each root type what the document says of its schema: editors show what stands at the name that is imported, and nothing of what
 * it stands for.
 * @param {string} text @param {import("./document.mjs").Node} schemas
 */
function describeRootTypes(text, schemas) {
  return text.replaceAll(/^export type (\w+) = components\['schemas'\]\['\1'\];$/gm, (line, name) => {
    const { description } = schemas[name];
    return description === undefined
      ? line
      : `/** ${description
          .trim()
          .replaceAll(/\s*\n\s*/g, "\n * ")
          .replaceAll("*/", "*\\/")} */\n${line}`;
  });
}

/** Event name → type of its data. @param {import("./document.mjs").Node} document */
export function sseEventTypes(document) {
  const events = eventSchemas(document);
  const names = events.map(([, schema]) => schema).toSorted();
  return `${header}import type { ${names.join(", ")} } from "./openapi.ts";

/** The name behind \`event:\` in a frame, and what the JSON behind its \`data:\` is. */
export interface SseEventDataByName {
${events.map(([event, schema]) => `  ${event}: ${schema};`).join("\n")}
}
`;
}
