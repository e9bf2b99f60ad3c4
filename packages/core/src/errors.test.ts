import { describe, expect, test, vi } from "vitest";
import * as errors from "./errors.ts";
import { NoukaiError, RateLimitError, ValidationError, ValueError } from "./errors.ts";

/** The contract's tree: class → parent. */
const TREE = {
  APIConnectionError: "NoukaiError",
  APITimeoutError: "APIConnectionError",
  AbortError: "NoukaiError",
  AuthenticationError: "NoukaiError",
  InsufficientCreditsError: "NoukaiError",
  PermissionDeniedError: "NoukaiError",
  FlowNotFoundError: "NoukaiError",
  RateLimitError: "NoukaiError",
  NotImplementedError: "NoukaiError",
  FlowExecutionError: "NoukaiError",
  ValidationError: "FlowExecutionError",
  AlreadyResumedError: "FlowExecutionError",
  ValueError: "NoukaiError",
  ToolCallLimitError: "NoukaiError",
  StreamTruncatedError: "NoukaiError",
  StreamDecodeError: "NoukaiError",
  ReplayError: "NoukaiError",
  ReplayDisabledError: "ReplayError",
  ReplayInvalidSessionError: "ReplayError",
  ReplayForbiddenError: "ReplayError",
  ReplaySessionNotFoundError: "ReplayError",
  ReplaySessionExpiredError: "ReplayError",
  ReplayNoSnapshotsError: "ReplayError",
  ReplayMissError: "ReplayError",
  ReplayLeftoverError: "ReplayError",
} as const;

/** A second copy of the module, as a second bundle in the same program would hold. */
async function secondCopy(): Promise<typeof errors> {
  vi.resetModules();
  const copy = await import("./errors.ts");
  expect(copy.NoukaiError).not.toBe(NoukaiError);
  return copy;
}

describe("the error tree", () => {
  test.each(Object.entries(TREE))("%s extends %s and is named so", (name, parent) => {
    const ErrorClass = errors[name as keyof typeof TREE]; // the table's own keys
    const error = new ErrorClass("told");
    expect(error).toBeInstanceOf(Error);
    expect(error).toBeInstanceOf(errors[parent]);
    expect(error.name).toBe(name);
    expect(String(error)).toBe(`${name}: told`);
    expect(error.stack).toMatch(new RegExp(`^${name}: told`));
  });

  test("has no class that the contract does not name", () => {
    expect(new Set(Object.keys(errors))).toEqual(new Set(["NoukaiError", ...Object.keys(TREE)]));
  });

  test("carries what it is given, and says the least about what it is not", () => {
    const cause = new Error("why");
    const full = {
      statusCode: 422,
      code: "STEP_FAILED",
      requestId: "req_1",
      executionId: "run",
      retryable: true,
      billed: "yes",
      cause,
    } as const;
    expect(new NoukaiError("m", full)).toMatchObject(full);
    const bare = new NoukaiError("m");
    expect(bare).toMatchObject({ statusCode: undefined, code: undefined, retryable: false, billed: "no" });
    expect("cause" in bare).toBe(false);
    expect(new RateLimitError("m", { retryAfter: 2 }).retryAfter).toBe(2);
  });

  test("keeps the body readable and out of what is printed", () => {
    const error = new NoukaiError("m", { responseBody: { secret: "canary" } });
    expect(error.responseBody).toEqual({ secret: "canary" });
    expect(JSON.stringify(error)).not.toContain("canary");
    expect(Object.keys(error)).not.toContain("responseBody");
  });
});

describe("instanceof", () => {
  test("holds between two bundled copies, up the tree and not down it", async () => {
    const copy = await secondCopy();
    const error = new copy.ValidationError("m");
    expect(error).toBeInstanceOf(ValidationError);
    expect(error).toBeInstanceOf(errors.FlowExecutionError);
    expect(error).toBeInstanceOf(NoukaiError);
    expect(error).not.toBeInstanceOf(ValueError);
    expect(new copy.FlowExecutionError("m")).not.toBeInstanceOf(ValidationError);
    expect(new copy.APITimeoutError("m")).toBeInstanceOf(errors.APIConnectionError);
  });

  test.each([undefined, null, 0, "NoukaiError", {}, [], new Error("m"), { kind: "NoukaiError" }, () => {}])(
    "is false for %s",
    (value) => {
      expect(value instanceof NoukaiError).toBe(false);
      expect(value instanceof ValueError).toBe(false);
    },
  );

  test("works as for any class on a subclass of one's own", () => {
    class QuotaError extends RateLimitError {}
    class OtherError extends RateLimitError {}
    expect(new QuotaError("m")).toBeInstanceOf(RateLimitError);
    expect(new QuotaError("m")).toBeInstanceOf(QuotaError);
    expect(new OtherError("m")).not.toBeInstanceOf(QuotaError);
    expect(new RateLimitError("m")).not.toBeInstanceOf(QuotaError);
  });
});
