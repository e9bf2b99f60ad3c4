import { describe, expect, test } from "vitest";
import { errorFromResponse, errorFromRun } from "./error-from-answer.ts";
import type { Billed } from "./errors.ts";

const OPERATION = "POST acme/spelling/grade-3/execute";

interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly readOnly?: boolean;
}

function errorOf({ status, body, headers = {}, readOnly = false }: Answer) {
  return errorFromResponse(new Response(null, { status, headers }), { operation: OPERATION, readOnly, body, now: 0 });
}

function detail(code: string, message = "What is wrong, and what to do."): unknown {
  return { detail: { code, message } };
}

describe("the class, by status and code", () => {
  test.each<[number, string, string, Billed]>([
    [400, "INVALID_REQUEST", "ValidationError", "no"],
    [400, "MESSAGES_ROLE_INVALID", "ValidationError", "no"],
    [401, "UNAUTHENTICATED", "AuthenticationError", "no"],
    [402, "INSUFFICIENT_CREDITS", "InsufficientCreditsError", "no"],
    [402, "CREDITS_EXHAUSTED", "InsufficientCreditsError", "yes"],
    [403, "FORBIDDEN", "PermissionDeniedError", "no"],
    [404, "FLOW_NOT_FOUND", "FlowNotFoundError", "no"],
    [404, "RUN_NOT_FOUND", "FlowNotFoundError", "no"],
    [409, "ALREADY_RESUMED", "AlreadyResumedError", "no"],
    [409, "STALE_CURSOR", "FlowExecutionError", "no"],
    [409, "CANCELLED", "FlowExecutionError", "yes"],
    [413, "BODY_TOO_LARGE", "FlowExecutionError", "no"],
    [415, "UNSUPPORTED_MEDIA_TYPE", "FlowExecutionError", "no"],
    [422, "STEP_FAILED", "FlowExecutionError", "yes"],
    [422, "OUTPUT_SCHEMA_MISMATCH", "FlowExecutionError", "yes"],
    [422, "INVALID_TREE", "FlowExecutionError", "no"],
    [422, "IDEMPOTENCY_KEY_REUSED", "FlowExecutionError", "no"],
    [429, "RATE_LIMITED", "RateLimitError", "no"],
    [500, "INTERNAL_ERROR", "FlowExecutionError", "possibly"],
    [501, "NOT_IMPLEMENTED", "NotImplementedError", "no"],
    [503, "SHUTTING_DOWN", "FlowExecutionError", "no"],
    [418, "SOMETHING_NEW", "FlowExecutionError", "no"],
  ])("%i %s is a %s, billed: %s", (status, code, name, billed) => {
    expect(errorOf({ status, body: detail(code) })).toMatchObject({ name, statusCode: status, code, billed });
  });

  test("a read costs nothing, however it failed", () => {
    expect(errorOf({ status: 500, readOnly: true }).billed).toBe("no");
  });
});

describe("whether the same call may be made again", () => {
  test.each<[number, string | undefined, boolean, boolean]>([
    [429, undefined, false, true],
    [503, "SHUTTING_DOWN", false, true],
    [503, undefined, false, false],
    [503, undefined, true, true],
    [500, "INTERNAL_ERROR", false, false],
    [500, "INTERNAL_ERROR", true, true],
    [502, undefined, true, true],
    [501, "NOT_IMPLEMENTED", true, false],
    [404, "FLOW_NOT_FOUND", true, false],
    [422, "STEP_FAILED", false, false],
  ])("after %i %s (a read: %s) it is %s", (status, code, readOnly, retryable) => {
    expect(errorOf({ status, readOnly, body: code && detail(code) }).retryable).toBe(retryable);
  });

  test("a proxy's 503 may hide a run, the server's own does not", () => {
    expect(errorOf({ status: 503 }).billed).toBe("possibly");
    expect(errorOf({ status: 503, body: detail("SHUTTING_DOWN") }).billed).toBe("no");
  });
});

describe("the message", () => {
  test("says what was tried, what came and what to do", () => {
    const error = errorOf({
      status: 404,
      body: detail("FLOW_NOT_FOUND", "No flow grade-3 in acme/spelling. Check the slug."),
    });
    expect(error.message).toBe(`${OPERATION}: 404 FLOW_NOT_FOUND. No flow grade-3 in acme/spelling. Check the slug.`);
  });

  test.each([
    [401, "Is the API key right, and not revoked?"],
    [404, "Is the slug right, and the flow published?"],
    [502, "The server, or a proxy before it, is at fault."],
    [307, "Redirects are not followed. Is `baseUrl` right?"],
    [418, "The answer does not say why."],
  ])("has advice of its own for a bare %i", (status, advice) => {
    expect(errorOf({ status }).message).toBe(`${OPERATION}: ${status}. ${advice}`);
  });

  test("does not repeat a proxy's page, which stays at hand", () => {
    const page = "<html><body>canary 502 Bad Gateway</body></html>";
    const error = errorOf({ status: 502, body: page, headers: { "x-request-id": "req_9" } });
    expect(error).toMatchObject({ name: "FlowExecutionError", statusCode: 502, requestId: "req_9", code: undefined });
    expect(error.message).not.toContain("canary");
    expect(error.responseBody).toBe(page);
  });

  test("reads a relay's plain text, which may be a code", () => {
    expect(errorOf({ status: 403, body: { detail: "not today" } }).message).toBe(`${OPERATION}: 403. not today`);
    const large = errorOf({ status: 413, body: { detail: "BODY_TOO_LARGE" } });
    expect(large).toMatchObject({ code: "BODY_TOO_LARGE", billed: "no" });
    expect(large.message).toMatch(/: 413 BODY_TOO_LARGE\. /);
  });

  test("reads the execution API's envelope", () => {
    const body = { error: { code: "NOT_FOUND", message: "No such execution." }, request_id: "req_7" };
    expect(errorOf({ status: 404, body })).toMatchObject({
      code: "NOT_FOUND",
      requestId: "req_7",
      name: "FlowNotFoundError",
    });
  });

  test.each([
    ["INPUT_INVALID", "ValidationError"],
    ["MODEL_PROVIDER_ERROR", "FlowExecutionError"],
  ])("what the execution API refuses with 422 %s has not run", (code, name) => {
    const body = { error: { code, message: "m" }, request_id: "req_7" };
    expect(errorOf({ status: 422, body })).toMatchObject({ name, billed: "no" });
  });

  test.each([
    undefined,
    null,
    7,
    "text",
    [],
    { detail: null },
    { detail: [{ msg: "m" }] },
    { detail: { code: 7, message: "" } },
  ])("bears a body of %j", (body) => {
    expect(errorOf({ status: 500, body })).toMatchObject({ name: "FlowExecutionError", code: undefined });
  });
});

test("ids come from the body and from the headers", () => {
  const headers = { "x-request-id": "req_1", "x-noukai-execution-id": "run-1" };
  expect(errorOf({ status: 422, headers })).toMatchObject({ requestId: "req_1", executionId: "run-1" });
  const body = { detail: { code: "STEP_FAILED", message: "m", executionId: "run-2" } };
  expect(errorOf({ status: 422, body, headers }).executionId).toBe("run-2");
});

test("a limit tells how many seconds to wait", () => {
  expect(errorOf({ status: 429, headers: { "retry-after": "7" } })).toMatchObject({ retryAfter: 7 });
  expect(errorOf({ status: 429 })).toMatchObject({ retryAfter: undefined });
});

describe("a run's own failure", () => {
  test("is a FlowExecutionError that names the run", () => {
    const error = errorFromRun({
      operation: OPERATION,
      code: "STEP_FAILED",
      message: "Step check failed.",
      executionId: "run-1",
    });
    expect(error).toMatchObject({
      name: "FlowExecutionError",
      code: "STEP_FAILED",
      executionId: "run-1",
      billed: "yes",
      retryable: false,
    });
    expect(error.message).toBe(`${OPERATION}: the run failed with STEP_FAILED. Step check failed.`);
  });

  test("is an InsufficientCreditsError when the credits ran out", () => {
    const error = errorFromRun({
      operation: OPERATION,
      code: "CREDITS_EXHAUSTED",
      message: "m",
      executionId: undefined,
    });
    expect(error.name).toBe("InsufficientCreditsError");
  });

  test("is told without a reason too", () => {
    const error = errorFromRun({ operation: OPERATION, code: undefined, message: undefined, executionId: "run-1" });
    expect(error.message).toBe(`${OPERATION}: the run failed. Its trace says where.`);
  });
});
