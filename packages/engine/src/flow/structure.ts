import { checkSchema } from "../schema.ts";
import { parsePath, parseTemplate } from "../template.ts";
import { parseCondition } from "./condition.ts";
import { captureModes, type Json, type JsonObject } from "./definition.ts";
import type { Path, Report } from "./fault.ts";
import { describeKind, isObject, ownMember } from "./json.ts";
import { redactionRules, retention } from "./kept.ts";
import {
  checkMembers,
  choice,
  flag,
  integer,
  list,
  map,
  number,
  object,
  text,
  type Check,
  type Members,
} from "./members.ts";
import { checkModel, checkSlug, checkStepId } from "./names.ts";
import { didYouMean } from "./suggest.ts";

/** Bound of a loop's concurrency, a parallel node's branches and a branch node's cases. */
export const maxFanOut = 256;
/** Bound of a definition's steps, inner ones included. */
export const maxSteps = 10_000;

/** What a definition and each kind of node may hold, and what each member must be. What names mean to each other is `scope.ts`'s part. */
export const checkDefinition: Check = (value, path, report) => {
  if (isObject(value)) checkMembers(value, { members: definitionMembers, path }, report);
  else report({ path, message: `a definition is an object with \`steps\`, got ${describeKind(value)}.` });
};

const title = text({ minLength: 1, maxLength: 200 });
const description = text({ maxLength: 2000 });
const someText = text({ minLength: 1 });
const model = text({ check: checkModel });
const timeoutMs = integer(1, 86_400_000);
const retry = object({
  maxAttempts: { check: integer(1, 20) },
  initialMs: { check: integer(0, 3_600_000) },
  factor: { check: number(1, 10) },
});

/** Tells what cannot be read; whether the names exist is `scope.ts`'s part. */
const template: Check = (value, path, report) => {
  someText(value, path, report);
  reportTemplate(value, path, report);
};

const reportTemplate: Check = (value, path, report) => {
  if (typeof value !== "string") return;
  for (const message of parseTemplate(value, "").faults) report({ path, message });
};

/** A JSON value whose strings are templates. */
const templates: Check = (value, path, report) => {
  reportTemplate(value, path, report);
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    templates(inner, [...path, Array.isArray(value) ? Number(key) : key], report);
  }
};

const templatesObject: Check = (value, path, report) => {
  if (isObject(value)) templates(value, path, report);
  else report({ path, message: `expected an object of inputs, got ${describeKind(value)}.` });
};

const valuePath = text({
  minLength: 1,
  maxLength: 500,
  check: (source) => {
    const path = parsePath(source);
    return typeof path === "string" ? `\`${source.slice(0, 60)}\` cannot be read: ${path}.` : undefined;
  },
});

const objectSchema: Check = (value, path, report) => {
  if (!isObject(value)) return report({ path, message: `expected a JSON Schema, got ${describeKind(value)}.` });
  if (ownMember(value, "type") !== "object") {
    report({ path: [...path, "type"], message: "the schema must be that of an object. Write `type: object`." });
  }
  for (const fault of checkSchema(value)) {
    // Said above in simpler words.
    if (fault.path.length !== 1 || fault.path[0] !== "type") report({ ...fault, path: [...path, ...fault.path] });
  }
};

const inputSchema: Check = (value, path, report) => {
  objectSchema(value, path, report);
  const properties = isObject(value) ? ownMember(value, "properties") : undefined;
  if (!isObject(properties)) return;
  for (const name of Object.keys(properties)) {
    const message = checkInputName(name);
    if (message !== undefined) report({ path: [...path, "properties", name], at: "name", message });
  }
};

function checkInputName(name: string): string | undefined {
  if (name === "attachments")
    return "an input cannot be called `attachments`, which callers send beside the inputs. Choose another name.";
  // Objects keep whole numbers first, whatever the order of the text, and the first input is the one that `message` fills.
  if (/^\d+$/u.test(name)) return `an input's name cannot be a whole number. Write \`input${name}\` or the like.`;
  return name === "" ? "an input's name cannot be empty." : undefined;
}

/** Built anew for each list, since steps and containers are defined by each other. */
const steps: Check = (value, path, report) =>
  list(step, { least: 1, most: maxSteps, of: "steps" })(value, path, report);

const step: Check = (value, path, report) => {
  if (!isObject(value))
    return report({ path, message: `expected a step with \`id\` and \`type\`, got ${describeKind(value)}.` });
  const type = ownMember(value, "type");
  const members = typeof type === "string" ? kinds.get(type) : undefined;
  if (members !== undefined) return checkMembers(value, { members, path }, report);
  reportKind(type, [...path, "type"], report);
  checkId(value, path, report);
};

/** Of a step whose kind is not known only the id can be judged. */
function checkId(value: JsonObject, path: Path, report: Report): void {
  const id = ownMember(value, "id");
  if (id === undefined) report({ path: [...path, "id"], message: "is missing. Add it." });
  else commonMembers.id.check(id, [...path, "id"], report);
}

function reportKind(type: Json | undefined, path: Path, report: Report): void {
  const names = [...kinds.keys()];
  const allowed = `one of ${names.map((name) => `\`${name}\``).join(", ")}`;
  if (type === undefined) report({ path, message: `is missing. Add ${allowed}.` });
  else if (typeof type !== "string") report({ path, message: `expected ${allowed}, got ${describeKind(type)}.` });
  else
    report({
      path,
      message: `\`${type.slice(0, 40)}\` is no kind of step.${didYouMean(type, names)} Write ${allowed}.`,
    });
}

const required = true;

const commonMembers = {
  id: { check: text({ check: checkStepId }), isRequired: required },
  type: { check: () => {}, isRequired: required },
  name: { check: title },
  description: { check: description },
} as const satisfies Members;

const definitionMembers: Members = {
  $schema: { check: text() },
  name: { check: title },
  description: { check: description },
  capture: { check: choice(...captureModes) },
  redact: { check: redactionRules },
  retention: { check: retention },
  input: { check: inputSchema },
  steps: { check: steps, isRequired: required },
};

const condition = text({
  minLength: 1,
  maxLength: 4096,
  check: (source) => {
    const read = parseCondition(source);
    return typeof read === "string" ? read : undefined;
  },
});

const branchCase = object({
  if: { check: condition, isRequired: required },
  steps: { check: steps, isRequired: required },
});

const flowVersion: Check = (value, path, report) => {
  const isFine = value === "draft" || value === "production" || (Number.isInteger(value) && Number(value) >= 1);
  if (!isFine) report({ path, message: "expected `production`, `draft` or a version's number from 1." });
};

const kinds: ReadonlyMap<string, Members> = new Map<string, Members>([
  [
    "llm",
    {
      ...commonMembers,
      model: { check: model, isRequired: required },
      system: { check: template },
      prompt: { check: template, isRequired: required },
      temperature: { check: number(0, 2) },
      maxOutputTokens: { check: integer(1, 10_000_000) },
      tools: { check: flag },
      output: { check: objectSchema },
      timeoutMs: { check: timeoutMs },
      retry: { check: retry },
      fallback: { check: list(model, { least: 0, most: 10, of: "models" }) },
    },
  ],
  ["passthrough", commonMembers],
  [
    "code",
    {
      ...commonMembers,
      language: { check: choice("javascript") },
      code: { check: text({ minLength: 1, maxLength: 262_144 }), isRequired: required },
      timeoutMs: { check: timeoutMs },
      retry: { check: retry },
    },
  ],
  [
    "loop",
    {
      ...commonMembers,
      over: { check: valuePath, isRequired: required },
      concurrency: { check: integer(1, maxFanOut) },
      onError: { check: choice("fail", "skip", "null", null) },
      steps: { check: steps, isRequired: required },
    },
  ],
  [
    "parallel",
    {
      ...commonMembers,
      branches: {
        check: map(steps, { least: 1, most: maxFanOut, of: "branches", name: checkStepId }),
        isRequired: required,
      },
    },
  ],
  [
    "branch",
    {
      ...commonMembers,
      when: { check: list(branchCase, { least: 1, most: maxFanOut, of: "cases" }), isRequired: required },
      else: { check: steps },
    },
  ],
  [
    "flow",
    {
      ...commonMembers,
      flow: { check: text({ check: checkSlug }), isRequired: required },
      version: { check: flowVersion },
      input: { check: templatesObject },
    },
  ],
]);
