import { operationsOf, resolve } from "./document.mjs";
import { header } from "./header.mjs";
import { fileSchemas } from "./json-schema.mjs";

/** @typedef {import("./document.mjs").Node} Node */

/** The document as the server sends it. A module and not a JSON file, so that it is found the same way from source and from `dist`. @param {Node} document */
export function servedDocument(document) {
  return `${header}/** The whole contract in one OpenAPI 3.1 document. */
export const openapiDocument: Readonly<Record<string, unknown>> = ${JSON.stringify(document, null, 2)};
`;
}

/** The schemas that editors complete from, as the server sends them; a module for the same reason. @param {Node} document */
export function servedSchemas(document) {
  return `${header}/** File name → the JSON Schema that editors complete from; \`schemas/\` holds the same as files. */
export const fileSchemas = ${JSON.stringify(fileSchemas(document), null, 2)};
`;
}

/** The table that the server mounts its routes from. @param {Node} document */
export function operationTable(document) {
  const rows = operationsOf(document).map(({ path, method, item, operation }) => {
    const server = (item["servers"] ?? document["servers"])[0].url;
    const requirements = operation.security ?? document["security"];
    const [status = "", success = {}] = Object.entries(operation.responses).find(([code]) => /^[12]/.test(code)) ?? [];
    return {
      operationId: operation.operationId,
      method,
      path: (server + path).replace("//", "/"),
      successStatus: Number(status),
      isStream: "text/event-stream" in (resolve(document, success)["content"] ?? {}),
      isPublic: requirements.length === 0,
      scopes: requirements.flatMap((/** @type {Node} */ requirement) => requirement["apiKey"] ?? []),
    };
  });
  return `${header}/** Every operation of the contract. \`path\` begins at the origin; \`scopes\` lists those that open it, one of which suffices; none means any key. */
export const operations = [
${rows.map((row) => `  ${JSON.stringify(row)},`).join("\n")}
] as const;
`;
}

/** Error code → HTTP status. Throws when a code has no status, or two, or is not declared. @param {Node} document */
export function errorStatusTable(document) {
  const statuses = new Map();
  for (const [status, code] of codesByStatus(document)) {
    if (statuses.has(code) && statuses.get(code) !== status) throw new Error(`${code} has two statuses`);
    statuses.set(code, status);
  }
  /** @type {string[]} */
  const declared = document["components"].schemas.ErrorCode.enum;
  const odd = new Set(declared).symmetricDifference(statuses);
  if (odd.size > 0) throw new Error(`ErrorCode and x-error-codes do not both name ${[...odd].join(", ")}`);
  return `${header}/** The HTTP status that each error code travels with. */
export const errorStatus = {
${declared.map((code) => `  ${code}: ${statuses.get(code)},`).join("\n")}
} as const;

/** Every error code that this server writes. */
export type ErrorCode = keyof typeof errorStatus;
`;
}

/** @param {Node} document @returns {[status: number, code: string][]} */
function codesByStatus(document) {
  const answers = operationsOf(document).flatMap(({ operation }) => Object.entries(operation.responses));
  const ofOperations = answers.map(([status, answer]) => [status, resolve(document, answer)["x-error-codes"] ?? []]);
  return [...ofOperations, ...Object.entries(document["x-route-errors"])].flatMap(([status, codes]) =>
    codes.map((/** @type {string} */ code) => [Number(status), code]),
  );
}
