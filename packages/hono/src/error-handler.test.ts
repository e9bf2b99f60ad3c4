import {
  AbortError,
  APIConnectionError,
  APITimeoutError,
  AuthenticationError,
  FlowExecutionError,
  FlowNotFoundError,
  InsufficientCreditsError,
  NoukaiError,
  RateLimitError,
  StreamTruncatedError,
  ValidationError,
  ValueError,
} from "@noukai/sdk";
import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { expect, test, vi } from "vitest";
import { onFlowError } from "./index.ts";

const told = (statusCode: number, code: string) => ({ statusCode, code });

test.each([
  [new ValidationError("secret", told(400, "INVALID_REQUEST")), 400, "INVALID_REQUEST"],
  [new AuthenticationError("secret", told(401, "UNAUTHENTICATED")), 502, "UPSTREAM_REFUSED"],
  [new InsufficientCreditsError("secret", told(402, "INSUFFICIENT_CREDITS")), 402, "INSUFFICIENT_CREDITS"],
  [new FlowNotFoundError("secret", told(404, "FLOW_NOT_FOUND")), 404, "FLOW_NOT_FOUND"],
  [new FlowExecutionError("secret", told(422, "STEP_FAILED")), 422, "STEP_FAILED"],
  [new FlowExecutionError("secret", told(500, "secret text")), 500, "UPSTREAM_ERROR"],
  [new APIConnectionError("secret"), 502, "UPSTREAM_UNAVAILABLE"],
  [new APITimeoutError("secret"), 504, "UPSTREAM_TIMEOUT"],
  [new StreamTruncatedError("secret"), 502, "UPSTREAM_UNAVAILABLE"],
  [new AbortError("secret"), 499, "CLIENT_CLOSED_REQUEST"],
])("a flow's failure is answered with its status and code alone (%#)", async (error, status, detail) => {
  const response = await appWith(error).onError(onFlowError()).request("/");
  expect([response.status, await response.json()]).toEqual([status, { detail }]);
});

test("a limit says when to come again", async () => {
  const error = new RateLimitError("secret", { ...told(429, "RATE_LIMITED"), retryAfter: 1.2 });
  const response = await appWith(error).onError(onFlowError()).request("/");
  expect([response.status, response.headers.get("retry-after")]).toEqual([429, "2"]);
});

test.each([new ValueError("our mistake"), new NoukaiError("what is this"), new Error("a bug")])(
  "what is no failure of a call goes to the app (%#)",
  async (error) => {
    const app = appWith(error).onError(onFlowError((given, c) => c.text(given.message, 500)));
    const response = await app.request("/");
    expect([response.status, await response.text()]).toEqual([500, error.message]);
  },
);

test("without a handler of the app's Hono's own rules hold", async () => {
  const log = vi.spyOn(console, "error").mockReturnValue();
  const bug = await appWith(new Error("a bug")).onError(onFlowError()).request("/");
  expect([bug.status, await bug.text(), log.mock.calls.length]).toEqual([500, "Internal Server Error", 1]);
  const teapot = await appWith(new HTTPException(418, { message: "teapot" }))
    .onError(onFlowError())
    .request("/");
  expect([teapot.status, await teapot.text(), log.mock.calls.length]).toEqual([418, "teapot", 1]);
  log.mockRestore();
});

function appWith(error: Error): Hono {
  return new Hono().get("/", () => {
    throw error;
  });
}
