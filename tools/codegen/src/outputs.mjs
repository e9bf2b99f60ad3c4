import { bundleDocument } from "./bundle.mjs";
import { schemaFiles } from "./json-schema.mjs";
import { errorStatusTable, operationTable, servedDocument, servedSchemas } from "./server.mjs";
import { openapiTypes, sseEventTypes } from "./typescript.mjs";
import { sseEventValidators, zodValidators } from "./zod.mjs";

/** The folders that hold generated files and nothing else, from the repository's root. */
export const generatedFolders = ["packages/core/src/generated", "apps/server/src/generated", "schemas"];

/** Every generated file: its path from the repository's root, and its text. The same document gives the same texts. */
export async function generateOutputs() {
  const document = await bundleDocument();
  return new Map([
    ["packages/core/src/generated/openapi.ts", await openapiTypes(document)],
    ["packages/core/src/generated/sse-events.ts", sseEventTypes(document)],
    ["apps/server/src/generated/zod.gen.ts", await zodValidators(document)],
    ["apps/server/src/generated/sse-events.gen.ts", sseEventValidators(document)],
    ["apps/server/src/generated/operations.gen.ts", operationTable(document)],
    ["apps/server/src/generated/error-status.gen.ts", errorStatusTable(document)],
    ["apps/server/src/generated/openapi.gen.ts", servedDocument(document)],
    ["apps/server/src/generated/schemas.gen.ts", servedSchemas(document)],
    ...schemaFiles(document),
  ]);
}
