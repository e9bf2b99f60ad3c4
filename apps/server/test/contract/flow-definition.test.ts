import { describe, expect, test } from "vitest";
import * as byHand from "../../src/contract/flow-definition.ts";
import * as generated from "../../src/generated/zod.gen.ts";
import { isValid, nameOf, schemas } from "./document.ts";

const { zBranchCase, zBranchStep, zDraftUpdateRequest, zFlowCreateRequest, zFlowDefinition, zFlowDraft } = byHand;
const { zLoopStep, zParallelStep, zStep } = byHand;

describe("the validators written by hand", () => {
  test("are those that the generator leaves out, and no more", () => {
    // A stream is text on the wire; its frames have validators of their own, by event.
    const notMessages = ["EventFrame", "EventStream"];
    const leftOut = Object.keys(schemas).filter((name) => !(`z${name}` in generated) && !notMessages.includes(name));
    const written = Object.keys(byHand).map((name) => name.slice(1));
    expect(written.toSorted()).toEqual(leftOut.toSorted());
  });

  test.each(
    Object.entries({
      LoopStep: zLoopStep,
      ParallelStep: zParallelStep,
      BranchStep: zBranchStep,
      BranchCase: zBranchCase,
      FlowDefinition: zFlowDefinition,
      FlowDraft: zFlowDraft,
      FlowCreateRequest: zFlowCreateRequest,
      DraftUpdateRequest: zDraftUpdateRequest,
    }),
  )("%s has the document's members, and requires the same ones", (name, { shape }) => {
    const { properties = {}, required = [] } = schemas[name] ?? {};
    const members = Object.entries(shape);
    expect(members.map(([member]) => member).toSorted()).toEqual(Object.keys(properties).toSorted());
    const demanded = members.filter(([, member]) => !member.safeParse(undefined).success).map(([member]) => member);
    expect(demanded.toSorted()).toEqual(required.toSorted());
  });

  test("know the document's kinds of node", () => {
    const mapping = schemas["Step"]?.discriminator?.mapping ?? {};
    const kinds = zStep.options.flatMap(({ shape }) =>
      Object.keys(mapping).filter((kind) => shape.type.safeParse(kind).success),
    );
    expect(kinds.toSorted()).toEqual(Object.keys(mapping).toSorted());
    expect(schemas["Step"]?.oneOf?.map(({ $ref = "" }) => nameOf($ref))).toEqual(Object.values(mapping).map(nameOf));
  });
});

const llm = { id: "ask", type: "llm", model: "noukai/echo", prompt: "{{message}}" };
const keep = { id: "keep", type: "passthrough" };
const loop = { id: "each", type: "loop", over: "items", steps: [llm] };
const parallel = { id: "fan", type: "parallel", branches: { one: [llm], two: [keep] } };
const branch = { id: "route", type: "branch", when: [{ if: "score > 0.5", steps: [llm] }] };
const flow = { id: "sub", type: "flow", flow: "grade-3" };
const code = { id: "tidy", type: "code", language: "javascript", code: "return {}" };

/** A tree `depth` loops deep. */
function nested(depth: number, innermost: object): object {
  return depth === 0 ? innermost : { ...loop, id: `loop-${depth}`, steps: [nested(depth - 1, innermost)] };
}

describe("a definition", () => {
  test.each<[string, unknown]>([
    ["every kind of node", [llm, code, keep, loop, parallel, branch, flow]],
    ["loops within loops within loops", [nested(20, llm)]],
    ["a branch with else", [{ ...branch, else: [keep] }]],
    ["a loop that keeps the place of a failed item, as YAML reads it", [{ ...loop, onError: null }]],
    ["a loop that keeps the place of a failed item, as a word", [{ ...loop, onError: "null" }]],
    ["a pinned sub-flow", [{ ...flow, version: 7, input: { message: "{{text}}", strict: true, tags: ["a"] } }]],
    ["a retry policy with one member", [{ ...llm, retry: { factor: 1.5 } }]],
    ["256 branches", [{ ...parallel, branches: branches(256) }]],
  ])("is accepted by document and server: %s", (_, steps) => {
    expect(judge({ steps })).toEqual({ document: true, server: true });
  });

  test.each<[string, unknown]>([
    ["no steps", []],
    ["steps that are no list", { 0: llm }],
    ["an unknown kind", [{ id: "ask", type: "agent" }]],
    ["a node without a kind", [{ id: "ask", model: "noukai/echo", prompt: "x" }]],
    ["a node without an id", [{ type: "passthrough" }]],
    ["an id with a dot", [{ ...keep, id: "a.b" }]],
    ["an id of 65 characters", [{ ...keep, id: "a".repeat(65) }]],
    ["a misspelt member", [{ ...llm, promt: "x" }]],
    ["a misspelt member deep inside", [nested(5, { ...keep, nmae: "x" })]],
    ["an llm step without a prompt", [{ id: "ask", type: "llm", model: "noukai/echo" }]],
    ["a model without a provider", [{ ...llm, model: "gpt-5-mini" }]],
    ["a temperature above 2", [{ ...llm, temperature: 2.1 }]],
    ["a token bound that is no integer", [{ ...llm, maxOutputTokens: 1.5 }]],
    ["a timeout of 0", [{ ...llm, timeoutMs: 0 }]],
    ["no attempt at all", [{ ...llm, retry: { maxAttempts: 0 } }]],
    ["an unknown member of a retry policy", [{ ...llm, retry: { jitter: true } }]],
    ["eleven fallbacks", [{ ...llm, fallback: Array.from({ length: 11 }, () => "noukai/echo") }]],
    ["code in another language", [{ ...code, language: "python" }]],
    ["a loop over nothing", [{ id: "each", type: "loop", steps: [llm] }]],
    ["an empty loop", [{ ...loop, steps: [] }]],
    ["a concurrency above the fan-out bound", [{ ...loop, concurrency: 257 }]],
    ["an unknown way to take errors", [{ ...loop, onError: "stop" }]],
    ["a parallel step without branches", [{ ...parallel, branches: {} }]],
    ["257 branches", [{ ...parallel, branches: branches(257) }]],
    ["a branch name that is no identifier", [{ ...parallel, branches: { "a b": [keep] } }]],
    ["an empty branch", [{ ...parallel, branches: { one: [] } }]],
    ["a branch without cases", [{ ...branch, when: [] }]],
    ["a case without a condition", [{ ...branch, when: [{ steps: [keep] }] }]],
    ["an empty else", [{ ...branch, else: [] }]],
    ["a sub-flow by its whole path", [{ ...flow, flow: "acme/spelling/grade-3" }]],
    ["a sub-flow's version 0", [{ ...flow, version: 0 }]],
    ["a sub-flow's version by an unknown word", [{ ...flow, version: "latest" }]],
  ])("is refused by document and server: %s", (_, steps) => {
    expect(judge({ steps })).toEqual({ document: false, server: false });
  });

  test("is refused with an unknown member, or without steps", () => {
    expect(judge({ steps: [keep], stpes: [] })).toEqual({ document: false, server: false });
    expect(judge({ name: "Nothing" })).toEqual({ document: false, server: false });
    expect(judge({ steps: [keep], capture: "some" })).toEqual({ document: false, server: false });
  });

  test("is refused with the path of its fault", () => {
    const faulty = { steps: [keep, { ...parallel, branches: { tone: [nested(1, { ...llm, prompt: "" })] } }] };
    const issues = zFlowDefinition.safeParse(faulty).error?.issues ?? [];
    expect(issues.map(({ path }) => path.join("."))).toEqual(["steps.1.branches.tone.0.steps.0.prompt"]);
  });
});

function branches(count: number): object {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`branch-${index}`, [keep]]));
}

function judge(definition: unknown): { readonly document: boolean; readonly server: boolean } {
  return {
    document: isValid("FlowDefinition", definition),
    server: zFlowDefinition.safeParse(definition).success,
  };
}
