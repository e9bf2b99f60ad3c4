import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";

const root = join(import.meta.dirname, "../../../..");
const flowsFolder = join(root, "flows/acme/demo");
const demoFlows = readdirSync(flowsFolder).map((name) => ({
  name,
  text: readFileSync(join(flowsFolder, name), "utf8"),
}));

/** As much of a JSON Schema as is looked at here. */
interface Described {
  readonly description?: string;
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Described>>;
}

interface FileSchema extends Described {
  readonly $defs?: Readonly<Record<string, Described>>;
}

function schemaOf(kind: "flow" | "project"): FileSchema {
  return JSON.parse(readFileSync(join(root, `schemas/${kind}.schema.json`), "utf8"));
}

/** As an editor reads it: strict about the schema itself. */
function validatorOf(kind: "flow" | "project") {
  return new Ajv2020({ allErrors: true, strict: true, strictTypes: false }).compile(schemaOf(kind));
}

const isFlow = validatorOf("flow");
const isProject = validatorOf("project");

describe("the schema of flow definitions", () => {
  test.each(demoFlows.filter(({ name }) => !name.startsWith("project.")))("takes the demo flow $name", ({ text }) => {
    isFlow(parse(text));
    expect(isFlow.errors).toBeNull();
  });

  test.each(demoFlows)("is what the first line of $name leads an editor to", ({ name, text }) => {
    const path = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text)?.[1] ?? "";
    const kind = name.startsWith("project.") ? "project" : "flow";
    expect(join(flowsFolder, path)).toBe(join(root, `schemas/${kind}.schema.json`));
  });

  test.each([
    ["a misspelt member", { stepz: [] }],
    ["no steps", { name: "a" }],
    ["an unknown kind", { steps: [{ id: "a", type: "lllm" }] }],
    ["a misspelt member of a step", { steps: [{ id: "a", type: "llm", model: "noukai/echo", promt: "b" }] }],
    ["a member of another kind", { steps: [{ id: "a", type: "passthrough", prompt: "b" }] }],
    ["an unknown capture mode", { capture: "some", steps: [{ id: "a", type: "passthrough" }] }],
    ["a rule without a pattern", { redact: [{ name: "a" }], steps: [{ id: "a", type: "passthrough" }] }],
    ["a fault deep inside", { steps: [{ id: "a", type: "loop", over: "b", steps: [{ id: "c", type: "code" }] }] }],
  ])("refuses %s", (_, flow) => {
    expect(isFlow(flow)).toBe(false);
  });
});

describe("the schema of projects' settings", () => {
  test("takes what a project may say and nothing else", () => {
    const example: unknown = JSON.parse(readFileSync(join(root, "openapi/examples/ProjectSettings.json"), "utf8"));
    expect([isProject(example), isProject({}), isProject({ creditUsd: 1 })]).toEqual([true, true, false]);
  });
});

test.each(["flow", "project"] as const)(
  "every member that a %s may have is described, so that completion tells what it does",
  (kind) => {
    const { $defs = {}, ...top } = schemaOf(kind);
    const isDescribed = (member: Described): boolean =>
      member.description !== undefined || isDefined($defs[member.$ref?.replace("#/$defs/", "") ?? ""]);
    const isDefined = (definition: Described | undefined): boolean =>
      definition !== undefined && isDescribed(definition);
    const silent = Object.entries({ ...$defs, "": top }).flatMap(([name, { properties = {}, ...definition }]) => [
      ...(isDescribed(definition) ? [] : [name]),
      ...Object.entries(properties).flatMap(([member, value]) => (isDescribed(value) ? [] : [`${name}.${member}`])),
    ]);
    expect(silent).toEqual([]);
  },
);
