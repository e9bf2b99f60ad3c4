import type { Json, JsonObject } from "../definition.ts";
import { isList, isObject, ownMember } from "../json.ts";
import { resolveLocalRef } from "./subschemas.ts";

/** Fills absent members with their schema's `default`. Gives the value itself when nothing is absent, else a copy of what changed; never touches what it was given. */
export type ApplyDefaults = (value: Json) => Json;

/** Defaults are taken from `properties` and `items`, through local `$ref`s; those inside `anyOf`, `if` and their like may not apply and are left alone. */
export function compileDefaults(schema: JsonObject): ApplyDefaults {
  const plan = planFor(schema, schema, new Map());
  return (value) => complete(value, plan);
}

interface Plan {
  readonly members: { readonly name: string; readonly fallback: Json | undefined; readonly inner: Plan | undefined }[];
  items: Plan | undefined;
}

/** `plans` holds those begun, so that a recursive schema gives a recursive plan. */
function planFor(schema: Json | undefined, root: JsonObject, plans: Map<Json, Plan>): Plan | undefined {
  const target = followRefs(schema, root);
  if (target === undefined) return undefined;
  const known = plans.get(target);
  if (known !== undefined) return known;
  const plan: Plan = { members: [], items: undefined };
  plans.set(target, plan);
  const properties = ownMember(target, "properties");
  for (const [name, property] of isObject(properties) ? Object.entries(properties) : []) {
    const fallback = isObject(property) ? ownMember(property, "default") : undefined;
    const inner = planFor(property, root, plans);
    if (fallback !== undefined || inner !== undefined) plan.members.push({ name, fallback, inner });
  }
  plan.items = planFor(ownMember(target, "items"), root, plans);
  return plan.members.length === 0 && plan.items === undefined ? undefined : plan;
}

/** The schema at the end of a chain of `$ref`s; undefined for a boolean, a cycle or a dead end. */
function followRefs(schema: Json | undefined, root: JsonObject): JsonObject | undefined {
  let current = schema;
  for (let hops = 0; hops < 32 && isObject(current); hops += 1) {
    const ref = ownMember(current, "$ref");
    if (typeof ref !== "string") return current;
    current = resolveLocalRef(ref, root);
  }
  return undefined;
}

/** Deeper levels of a value keep what they have; only a recursive schema gets there. */
const maxDepth = 200;

function complete(value: Json, plan: Plan | undefined, depth = 0): Json {
  if (plan === undefined || depth > maxDepth) return value;
  if (isList(value)) return completeList(value, plan.items, depth + 1);
  return isObject(value) ? completeObject(value, plan, depth + 1) : value;
}

function completeObject(value: JsonObject, plan: Plan, depth: number): JsonObject {
  let copy: Record<string, Json> | undefined;
  for (const { name, fallback, inner } of plan.members) {
    const member = ownMember(value, name);
    const completed = member === undefined ? fallback : complete(member, inner, depth);
    if (completed === undefined || completed === member) continue;
    copy ??= { ...value };
    copy[name] = completed;
  }
  return copy ?? value;
}

function completeList(value: readonly Json[], items: Plan | undefined, depth: number): readonly Json[] {
  if (items === undefined) return value;
  let copy: Json[] | undefined;
  for (const [index, item] of value.entries()) {
    const completed = complete(item, items, depth);
    if (completed === item) continue;
    copy ??= [...value];
    copy[index] = completed;
  }
  return copy ?? value;
}
