import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FlowDefinition, Json, JsonObject, JsonSchema } from "./definition.ts";
import { resolveInput, type InputRequest } from "./input.ts";

function flowOf(input?: JsonSchema): { readonly definition: FlowDefinition } {
  return { definition: { ...(input && { input }), steps: [{ id: "keep", type: "passthrough" }] } };
}

const grader = flowOf({
  type: "object",
  properties: {
    difficulty: { type: "string", default: "easy" },
    message: { type: "string" },
    count: { type: "integer" },
  },
  required: ["message"],
});
const article = flowOf({
  type: "object",
  properties: { text: { type: "string" }, message2: { type: "string" } },
  required: ["text"],
});

describe("a message", () => {
  test.each<[string, { readonly definition: FlowDefinition }, InputRequest, JsonObject]>([
    ["fills the input of that name", grader, { message: "hi" }, { message: "hi", difficulty: "easy" }],
    ["fills the first declared input when none has that name", article, { message: "hi" }, { text: "hi" }],
    ["fills the one input of a flow that declares none", flowOf(), { message: "hi" }, { message: "hi" }],
    ["may be a parameter instead", article, { parameters: { text: "hi" } }, { text: "hi" }],
    ["may be said twice", article, { message: "hi", parameters: { text: "hi" } }, { text: "hi" }],
    ["is absent when it is empty", article, { message: "", parameters: { text: "hi" } }, { text: "hi" }],
    ["is absent when it is null", article, { message: null, parameters: { text: "hi" } }, { text: "hi" }],
    ["may be left out of a flow that declares nothing", flowOf(), { message: null, parameters: null }, {}],
    ["is kept by a flow whose schema names nothing", flowOf({ type: "object" }), { message: "hi" }, { message: "hi" }],
  ])("%s", (_what, flow, request, input) => {
    expect(resolveInput(flow, request)).toEqual({ ok: true, input });
  });

  test("beside another value for the same input is refused", () => {
    expect(resolveInput(article, { message: "a", parameters: { text: "b" } })).toEqual({
      ok: false,
      code: "INVALID_REQUEST",
      message: "`message` and `parameters.text` both fill the input `text`, with different values. Send one of them.",
      issues: [
        { path: "message", message: "differs from `parameters.text`, which fills the same input. Send one of them." },
      ],
    });
  });

  test("that is required and missing has a code of its own", () => {
    expect(resolveInput(article, {})).toEqual({
      ok: false,
      code: "MISSING_MESSAGE",
      message: "The input `text` is missing. Send it as `message` or as `parameters.text`.",
      issues: [{ path: "message", message: "is required" }],
    });
  });

  test("of the wrong type is shown where it was sent", () => {
    const counting = flowOf({ type: "object", properties: { n: { type: "integer" } } });
    expect(resolveInput(counting, { message: "3" })).toMatchObject({
      code: "INVALID_REQUEST",
      message: "The input does not fit the flow: message: expected integer, got string.",
      issues: [{ path: "message", message: "expected integer, got string" }],
    });
    expect(resolveInput(counting, { parameters: { n: "3" } })).toMatchObject({ issues: [{ path: "parameters.n" }] });
  });
});

describe("parameters", () => {
  test("that do not fit are all reported with their names", () => {
    expect(resolveInput(grader, { message: "hi", parameters: { difficulty: 3, count: 1.5 } })).toEqual({
      ok: false,
      code: "INVALID_REQUEST",
      message:
        "The input does not fit the flow: parameters.difficulty: expected string, got number; parameters.count: expected integer, got number.",
      issues: [
        { path: "parameters.difficulty", message: "expected string, got number" },
        { path: "parameters.count", message: "expected integer, got number" },
      ],
    });
  });

  test("may have names that the flow does not declare", () => {
    expect(resolveInput(grader, { message: "hi", parameters: { other: [1] } })).toEqual({
      ok: true,
      input: { message: "hi", difficulty: "easy", other: [1] },
    });
  });

  test("lose such names when the flow's schema is closed", () => {
    const closed = flowOf({ type: "object", properties: { message: { type: "string" } }, additionalProperties: false });
    expect(resolveInput(closed, { message: "hi", parameters: { other: 1 } })).toEqual({
      ok: true,
      input: { message: "hi" },
    });
  });

  test("cannot be called attachments", () => {
    expect(resolveInput(grader, { message: "hi", parameters: { attachments: [] } })).toMatchObject({
      ok: false,
      code: "PARAMETER_NAME_RESERVED",
      issues: [
        { path: "parameters.attachments", message: "is a reserved name. Send attachments beside `parameters`." },
      ],
    });
  });

  test("are left as they were", () => {
    const parameters = Object.freeze({ count: 2 });
    resolveInput(grader, { message: "hi", parameters });
    expect(parameters).toEqual({ count: 2 });
  });
});

test("an input without a fault holds the message, each parameter and each default", () => {
  const values = fc.dictionary(
    fc.constantFrom("count", "other", "difficulty", "x"),
    fc.oneof(fc.string(), fc.integer()),
  );
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), values, (message, parameters) => {
      const resolved = resolveInput(grader, { message, parameters });
      const isFine =
        typeof (parameters["count"] ?? 1) === "number" && typeof (parameters["difficulty"] ?? "") === "string";
      const expected: Json = { difficulty: "easy", ...parameters, message };
      expect(resolved.ok ? resolved.input : "refused").toEqual(isFine ? expected : "refused");
    }),
  );
});
