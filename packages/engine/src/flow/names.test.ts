import { expect, test } from "vitest";
import { checkModel, checkSlug, checkStepId } from "./names.ts";

test.each(["ab", "grade-3", "0x", "a--b", "x".repeat(50)])("%j is a slug", (slug) => {
  expect(checkSlug(slug)).toBeUndefined();
});

test.each(["", "a", "-a", "a-", "Grade", "a_b", "a b", "ä-b", "x".repeat(51), "ab\n"])("%j is no slug", (slug) => {
  expect(checkSlug(slug)).toContain("is no slug. Use 2 to 50 lowercase letters");
});

test.each(["a", "_a", "Check-2_b", "x".repeat(64)])("%j is an id", (id) => {
  expect(checkStepId(id)).toBeUndefined();
});

test.each(["", "1", "-a", "a.b", "a b", "é", "x".repeat(65), "a\n"])("%j is no id", (id) => {
  expect(checkStepId(id)).toContain("is no id. Use at most 64 letters");
});

test.each(["openai/gpt-5-mini", "openrouter/meta-llama/llama-3:free", "my_ollama/llama3:8b", `a/${"x".repeat(198)}`])(
  "%j is a model",
  (model) => {
    expect(checkModel(model)).toBeUndefined();
  },
);

test.each(["", "gpt-5", "/gpt-5", "openai/", "open ai/gpt", "openai/gpt 5", `a/${"x".repeat(199)}`])(
  "%j is no model",
  (model) => {
    expect(checkModel(model)).toContain("is no model. Write `provider/model`");
  },
);
