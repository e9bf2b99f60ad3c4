import { EngineError, RequestError, StoreUnavailableError } from "@noukai/engine";
import { expect, test } from "vitest";
import { ApiError, refusalOf, RunFailedError, toAnswer } from "./errors.ts";

test.each([
  ["MODEL_PROVIDER_ERROR", 422],
  ["INTERNAL_ERROR", 422],
  ["constructor", 422],
  ["CANCELLED", 409],
  ["TOOL_ITERATION_LIMIT", 409],
  ["INSUFFICIENT_CREDITS", 402],
  ["CREDITS_EXHAUSTED", 402],
])("a run that failed with %s is %i, never to be repeated", (code, status) => {
  const failed = new RunFailedError({ code, message: "why" }, { runId: "run", stepId: "step" });
  expect(toAnswer(failed)).toMatchObject({
    status,
    body: { detail: { code, message: "why", executionId: "run", stepId: "step" } },
    headers: { "x-noukai-execution-id": "run", "x-should-retry": "false" },
    isForeseen: true,
  });
});

test("a refusal names the run that it is about, with all its issues", () => {
  const issues = [{ path: "toolCallMessages", message: "has no answer" }];
  const refused = refusalOf(new RequestError("TOOL_RESULTS_MISMATCH", "why", issues), "run");
  expect(toAnswer(refused)).toMatchObject({
    status: 400,
    body: { detail: { code: "TOOL_RESULTS_MISMATCH", message: "why", executionId: "run", issues } },
    headers: { "x-noukai-execution-id": "run" },
  });
});

test.each([
  new StoreUnavailableError("gone"),
  new EngineError("SHUTTING_DOWN", "stopping"),
  new EngineError("UNHEARD_OF", "?"),
  new ApiError("FORBIDDEN", "no"),
  new TypeError("bug"),
])("what is not about the run stays what it is: %s", (error) => {
  expect(refusalOf(error, "run")).toBe(error);
});
