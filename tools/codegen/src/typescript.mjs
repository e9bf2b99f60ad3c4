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
  return header + astToString(types).replaceAll(" (enum property replaced by openapi-typescript)", "");
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
