import { describe, expect, test } from "vitest";
import { zSseEventData } from "../../src/generated/sse-events.gen.ts";
import {
  document,
  examples,
  faultsIn,
  faultsOf,
  isValid,
  jsonBodies,
  mutantsOf,
  nameOf,
  schemas,
  zodOf,
  type Schema,
} from "./document.ts";

describe("the examples of the contract", () => {
  test("each names a schema of the document", () => {
    expect(examples.filter(({ schemaName }) => !(schemaName in schemas)).map(({ file }) => file)).toEqual([]);
  });

  test("there is one for every message that travels", () => {
    const shown = new Set(examples.map(({ schemaName }) => schemaName));
    expect(travellingSchemas().filter((name) => !shown.has(name))).toEqual([]);
  });

  test("every member that the document declares is shown by one of them", () => {
    const seen = new Set<string>();
    for (const { schemaName, value } of examples) noteMembers(schemaName, value, seen);
    const declared = Object.entries(schemas).flatMap(([name, schema]) =>
      Object.keys(schema.properties ?? {}).map((member) => `${name}.${member}`),
    );
    expect(declared.filter((member) => !seen.has(member))).toEqual([]);
  });

  test.each(examples)("$file satisfies the document", ({ schemaName, value }) => {
    expect(faultsOf(schemaName, value)).toEqual([]);
  });

  test.each(examples)("$file passes the server's validator unchanged", ({ schemaName, value }) => {
    expect(zodOf(schemaName)?.parse(value)).toEqual(value);
  });

  test.each(examples)("document and validator judge every broken copy of $file alike", ({ schemaName, value }) => {
    const validator = zodOf(schemaName);
    const judged = [...mutantsOf(value)].map(({ change, mutant }) => ({
      change,
      byDocument: isValid(schemaName, mutant),
      byValidator: validator?.safeParse(mutant).success,
    }));
    expect(judged.filter(({ byDocument, byValidator }) => byDocument !== byValidator)).toEqual([]);
    expect(judged.filter(({ byDocument }) => !byDocument)).not.toHaveLength(0);
  });

  test.each(examples.filter(({ schemaName }) => schemaName.startsWith("Execute") && schemaName.endsWith("Response")))(
    "$file is an answer to execute",
    ({ value }) => {
      expect(faultsOf("ExecuteResponse", value)).toEqual([]);
      expect(zodOf("ExecuteResponse")?.safeParse(value).error).toBeUndefined();
    },
  );

  test("stand in the document only where their schema does", () => {
    const shown = jsonBodies().flatMap(({ schema, examples: inPlace = {} }) =>
      Object.entries(inPlace).map(([name, { value }]) => ({
        name,
        faults: faultsOf(nameOf(schema.$ref ?? ""), value),
      })),
    );
    expect(shown.filter(({ faults }) => faults.length > 0)).toEqual([]);
    expect(shown.length).toBeGreaterThan(40);
  });

  test.each(Object.entries(document.components.parameters))(
    "of the parameter %s satisfies its schema",
    (_, parameter) => {
      expect(faultsIn(parameter.schema, parameter.example)).toEqual([]);
    },
  );

  test("opaque members of a tool exchange survive the validator", () => {
    const opaque = { role: "assistant", content: null, "x-provider": { signature: "Ab/12=" } };
    expect(zodOf("ToolCallMessage")?.parse(opaque)).toEqual(opaque);
  });
});

describe("the events of the contract", () => {
  const frames = schemas["EventFrame"]?.oneOf ?? [];

  test("each has its validator", () => {
    const names = frames.map((frame) => frame.properties?.["event"]?.enum?.[0]);
    expect(Object.keys(zSseEventData)).toEqual(names);
    expect(names).toHaveLength(13);
  });

  test.each(Object.entries(zSseEventData))(
    "%s takes the example of its data and no other event's",
    (event, validator) => {
      const dataRef = frames.find((frame) => frame.properties?.["event"]?.enum?.[0] === event)?.properties?.["data"]
        ?.$ref;
      const own = examples.filter(({ schemaName }) => schemaName === nameOf(dataRef ?? ""));
      expect(own).not.toHaveLength(0);
      for (const { value } of own) expect(validator.safeParse(value).error).toBeUndefined();
      expect(validator.safeParse({ error: "boom" }).success).toBe(false);
    },
  );
});

/** Names of what operations take and give, the variants instead of a union, and of what events carry. The document itself is not a message. */
function travellingSchemas(): readonly string[] {
  const events = (schemas["EventFrame"]?.oneOf ?? []).flatMap((frame) => frame.properties?.["data"] ?? []);
  const nodes = schemas["Step"]?.oneOf ?? [];
  const names = [...jsonBodies().map(({ schema }) => schema), ...events, ...nodes].flatMap(variantNames);
  return [...new Set(names)].filter((name) => name !== "JsonObject");
}

function variantNames(schema: Schema): readonly string[] {
  if (schema.$ref === undefined) throw new Error("A body is described in place instead of by a named schema.");
  const name = nameOf(schema.$ref);
  const variants = schemas[name]?.oneOf ?? schemas[name]?.anyOf;
  return variants === undefined ? [name] : variants.flatMap(variantNames);
}

/** Adds `Schema.member` to `seen` for every declared member that `value` has, at any depth. */
function noteMembers(schemaName: string, value: unknown, seen: Set<string>): void {
  const schema = schemas[schemaName];
  if (schema === undefined || !isValid(schemaName, value)) return;
  if (typeof value === "object" && value !== null) {
    for (const member of Object.keys(schema.properties ?? {})) {
      if (member in value) seen.add(`${schemaName}.${member}`);
    }
  }
  noteInside(schema, value, seen);
}

function noteInside(schema: Schema, value: unknown, seen: Set<string>): void {
  if (schema.$ref !== undefined) return noteMembers(nameOf(schema.$ref), value, seen);
  for (const part of [...(schema.oneOf ?? []), ...(schema.anyOf ?? []), ...(schema.allOf ?? [])]) {
    noteInside(part, value, seen);
  }
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) noteInside(schema.items ?? {}, item, seen);
    return;
  }
  const others = typeof schema.additionalProperties === "object" ? schema.additionalProperties : {};
  for (const [key, member] of Object.entries(value)) noteInside(schema.properties?.[key] ?? others, member, seen);
}
