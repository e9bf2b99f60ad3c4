import { createClient } from "@hey-api/openapi-ts";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventSchemas, nameOf } from "./document.mjs";
import { header } from "./header.mjs";

/** @typedef {import("./document.mjs").Node} Node */

/**
 * A zod validator per schema, `z` and its name. They only judge: defaults are left out, so that nothing appears in a message that was not sent.
 * Left out too is what `isWrittenByHand` names, and the frame of a stream, which is text on the wire.
 * @param {Node} document
 */
export async function zodValidators(document) {
  const byHand = writtenByHand(document);
  const schemas = Object.entries(document["components"].schemas).filter(
    ([name]) => !byHand.has(name) && name !== "EventStream" && name !== "EventFrame",
  );
  const folder = await mkdtemp(join(tmpdir(), "noukai-zod-"));
  try {
    await createClient({
      input: {
        openapi: document["openapi"],
        info: document["info"],
        paths: {},
        components: { schemas: withoutDefaults(Object.fromEntries(schemas)) },
      },
      output: { path: folder, header: "" },
      logs: { level: "silent" },
      plugins: [
        {
          name: "zod",
          compatibilityVersion: 4,
          dates: { offset: true },
          requests: false,
          responses: false,
          "~resolvers": { object: objectOf },
        },
      ],
    });
    return header + (await readFile(join(folder, "zod.gen.ts"), "utf8")).trimStart();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Event name → validator of its data. @param {Node} document */
export function sseEventValidators(document) {
  const events = eventSchemas(document);
  const names = events.map(([, schema]) => `z${schema}`).toSorted();
  return `${header}import {
${names.map((name) => `  ${name},`).join("\n")}
} from "./zod.gen.ts";

/** The name behind \`event:\` in a frame → what the JSON behind its \`data:\` must be. */
export const zSseEventData = {
${events.map(([event, schema]) => `  ${event}: z${schema},`).join("\n")}
} as const;
`;
}

/**
 * The schemas that are part of the step tree's recursion or lead into it. The generator loses their types (\`any\`), so
 * \`apps/server/src/contract/flow-definition.ts\` writes them by hand.
 * @param {Node} document @returns {ReadonlySet<string>}
 */
export function writtenByHand(document) {
  const schemas = document["components"].schemas;
  const direct = new Map(Object.keys(schemas).map((name) => [name, referencesIn(schemas[name])]));
  const reachable = new Map([...direct.keys()].map((name) => [name, reach(name, direct)]));
  const recursive = [...reachable].filter(([name, reached]) => reached.has(name)).map(([name]) => name);
  const names = [...reachable].filter(([, reached]) => recursive.some((name) => reached.has(name)));
  return new Set(names.map(([name]) => name));
}

/** Names reachable from \`start\` by at least one reference. @param {string} start @param {ReadonlyMap<string, readonly string[]>} direct */
function reach(start, direct) {
  const reached = new Set();
  const open = [...(direct.get(start) ?? [])];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    open.push(...(direct.get(name) ?? []));
  }
  return reached;
}

/** @param {unknown} value @returns {string[]} */
function referencesIn(value) {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "$ref" && typeof inner === "string" ? [nameOf(inner)] : referencesIn(inner),
  );
}

/** @param {unknown} value @returns {any} */
function withoutDefaults(value) {
  if (Array.isArray(value)) return value.map(withoutDefaults);
  if (typeof value !== "object" || value === null) return value;
  const isSchema = !("properties" in value && typeof value.properties !== "object");
  const kept = Object.entries(value).filter(([key]) => !(isSchema && key === "default"));
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutDefaults(inner)]));
}

/**
 * Objects that say what they do with unknown members: `additionalProperties: true` keeps them (the generator would drop them, and opaque
 * messages with them), `false` refuses them (it would not). Anything else is left to the generator.
 * @param {any} context the generator's, typed only where it is not exported
 */
function objectOf(context) {
  const { $, nodes, plugin, schema } = context;
  if (Object.keys(schema.properties ?? {}).length === 0) return undefined;
  const unknownMembers = schema.additionalProperties?.type;
  if (unknownMembers === "unknown") return $(plugin.imports.z).attr("looseObject").call(nodes.shape(context));
  if (unknownMembers === "never") return $(plugin.imports.z).attr("strictObject").call(nodes.shape(context));
  return undefined;
}
