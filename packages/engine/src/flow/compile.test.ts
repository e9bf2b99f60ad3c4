import { describe, expect, test } from "vitest";
import { EngineError } from "../errors.ts";
import { render } from "../template.ts";
import { compileFlow, createFlowCache } from "./compile.ts";
import { parseFlowObject } from "./parse.ts";

function parsed(steps: readonly unknown[]) {
  const result = parseFlowObject({ steps });
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  return result;
}

const every = parsed([
  {
    id: "check",
    name: "Check it",
    type: "llm",
    model: "a/b",
    system: "Be {{initial.message}}.",
    prompt: "{{message}}",
    output: { type: "object", properties: { list: { type: "array" } }, required: ["list"] },
  },
  {
    id: "each",
    type: "loop",
    over: "list",
    onError: null,
    steps: [{ id: "in", type: "llm", model: "a/b", prompt: "{{item}}" }],
  },
  {
    id: "fan",
    type: "parallel",
    branches: { z: [{ id: "z1", type: "passthrough" }], a: [{ id: "a1", type: "code", code: "return {}" }] },
  },
  {
    id: "route",
    type: "branch",
    when: [{ if: "true", steps: [{ id: "w1", type: "passthrough" }] }],
    else: [{ id: "e1", type: "passthrough" }],
  },
  { id: "sub", type: "flow", flow: "other", input: { text: "{{initial.message}}" } },
]);

describe("a compiled flow", () => {
  const flow = compileFlow(every.definition);

  test("counts its top-level steps and finds every step by id, with its place", () => {
    expect(flow.stepCount).toBe(5);
    const places = [...flow.stepsById.values()].map(
      ({ id, name, kind, parentId, stepIndex }) => [id, [name, kind, parentId, stepIndex]] as const,
    );
    expect(Object.fromEntries(places)).toEqual({
      check: ["Check it", "llm", undefined, 0],
      each: ["each", "loop", undefined, 1],
      in: ["in", "llm", "each", 1],
      fan: ["fan", "parallel", undefined, 2],
      z1: ["z1", "passthrough", "fan", 2],
      a1: ["a1", "code", "fan", 2],
      route: ["route", "branch", undefined, 3],
      w1: ["w1", "passthrough", "route", 3],
      e1: ["e1", "passthrough", "route", 3],
      sub: ["sub", "flow", undefined, 4],
    });
  });

  test("has templates that render and schemas that check", () => {
    const check = flow.stepsById.get("check");
    if (check?.kind !== "llm" || check.system === undefined)
      throw new Error("check is an llm step with a system prompt");
    expect(render(check.system, { input: {}, initial: { message: "kind" }, steps: {} })).toBe("Be kind.");
    expect(check.output?.validate({})).toEqual([{ path: "list", message: "list: is required" }]);
  });

  test("has its settings worked out", () => {
    expect(flow.stepsById.get("each")).toMatchObject({ concurrency: 1, onError: "null", over: [{ text: "list" }] });
    expect(flow.stepsById.get("fan")).toMatchObject({ branches: [{ name: "z" }, { name: "a" }] });
    expect(flow.stepsById.get("route")).toMatchObject({
      cases: [{ condition: { source: "true" }, steps: [{ id: "w1" }] }],
      otherwise: [{ id: "e1" }],
    });
    expect(flow.stepsById.get("sub")).toMatchObject({ input: { kind: "object" } });
  });
});

test("a definition that was never checked is refused when it is compiled", () => {
  expect(() => compileFlow({ steps: [{ id: "a", type: "llm", model: "a/b", prompt: "{{" }] })).toThrow(
    "step `a`, prompt",
  );
  expect(() => compileFlow({ steps: [{ id: "a", type: "loop", over: "a b", steps: [] }] })).toThrow("step `a`, over");
});

describe("the cache of compiled flows", () => {
  function counting(texts: ReadonlyMap<string, string>) {
    const loads: string[] = [];
    const load = async (hash: string): Promise<string | undefined> => {
      loads.push(hash);
      return texts.get(hash);
    };
    return { loads, load };
  }
  const { hash, text } = every.stored;

  test("loads and compiles a definition once, also for callers at the same time", async () => {
    const { loads, load } = counting(new Map([[hash, text]]));
    const flows = createFlowCache(load);
    const [first, second] = await Promise.all([flows.get(hash), flows.get(hash)]);
    expect(second).toBe(first);
    expect(await flows.get(hash)).toBe(first);
    expect(first.definition).toEqual(every.definition);
    expect(loads).toEqual([hash]);
  });

  test("forgets what was not asked for the longest", async () => {
    const { loads, load } = counting(new Map(["a", "b", "c"].map((name) => [name, text])));
    const flows = createFlowCache(load, 2);
    for (const name of ["a", "b", "a", "c", "a", "b"]) await flows.get(name);
    expect(loads).toEqual(["a", "b", "c", "b"]);
  });

  test("asks again for what was not there", async () => {
    const texts = new Map<string, string>();
    const { loads, load } = counting(texts);
    const flows = createFlowCache(load);
    await expect(flows.get(hash)).rejects.toThrow(EngineError);
    texts.set(hash, text);
    expect((await flows.get(hash)).stepCount).toBe(5);
    expect(loads).toEqual([hash, hash]);
  });
});
