import * as sdk from "@noukai/sdk";
import * as express from "@noukai/sdk/adapters/express";
import type { NoukaiTraceMiddlewareOptions } from "@noukai/sdk/adapters/express";
import * as nextjs from "@noukai/sdk/adapters/nextjs";
import type { WithNoukaiTraceOptions } from "@noukai/sdk/adapters/nextjs";
import type {
  ExecuteRequest,
  ExecuteResult,
  FlowCompleted,
  JobAccepted,
  JobStatus,
  NoukaiOptions,
  PausedResult,
  RunStarted,
  RunSummary,
  ServerErrorCodeValue,
  StepAttempts,
  StepCompleted,
  StepFailed,
  StepInput,
  StepOutput,
  StepPaused,
  StepRequest,
  StepStarted,
  StepTrace,
  StreamEvent,
  TokenBreakdown,
  ToolCallsRequired,
  Trace,
  TraceScopeOptions,
} from "@noukai/sdk";
import { expect, expectTypeOf, test } from "vitest";

/** What `@noukai/sdk` 0.3 exported. */
const VALUES = [
  "APIConnectionError",
  "APITimeoutError",
  "AuthenticationError",
  "Flow",
  "FlowExecutionError",
  "FlowNotFoundError",
  "InsufficientCreditsError",
  "Job",
  "Noukai",
  "NoukaiError",
  "PermissionDeniedError",
  "RateLimitError",
  "ReplayDisabledError",
  "ReplayError",
  "ReplayForbiddenError",
  "ReplayInvalidSessionError",
  "ReplayLeftoverError",
  "ReplayMissError",
  "ReplayNoSnapshotsError",
  "ReplaySessionExpiredError",
  "ReplaySessionNotFoundError",
  "Run",
  "ServerErrorCode",
  "ToolCallLimitError",
  "VERSION",
  "currentScope",
  "currentSessionId",
  "traceScope",
] as const satisfies readonly (keyof typeof sdk)[];

/** Its types, each named in the import above. */
interface Types {
  readonly requests: [ExecuteRequest, StepRequest];
  readonly results: [ExecuteResult, PausedResult, JobAccepted, JobStatus];
  readonly options: [NoukaiOptions, TraceScopeOptions, NoukaiTraceMiddlewareOptions, WithNoukaiTraceOptions];
  readonly traces: [Trace, StepTrace, StepAttempts, RunSummary, TokenBreakdown];
  readonly events: [
    RunStarted,
    StepStarted,
    StepInput,
    StepOutput,
    StepCompleted,
    StepFailed,
    StepPaused,
    ToolCallsRequired,
    FlowCompleted,
  ];
}

const CODES: readonly ServerErrorCodeValue[] = [
  "FLOW_NOT_FOUND",
  "INVALID_TREE",
  "NO_STEPS",
  "INSUFFICIENT_CREDITS",
  "CREDITS_EXHAUSTED",
  "BILLING_UNAVAILABLE",
  "INTERNAL_ERROR",
  "TOOLS_NOT_ENABLED",
  "TOOLS_INVALID",
  "TOOL_NAME_INVALID",
  "TOOLS_IN_NON_SEQUENTIAL_STEP",
  "PAUSED_STEP_INVALID",
  "EXECUTION_ID_INVALID",
  "TOOL_RESULTS_MISMATCH",
  "TOOL_ITERATION_LIMIT",
  "MESSAGES_TOO_LARGE",
  "TOOLS_REQUIRE_SYNC_EXECUTE",
  "INVALID_STEP_INDEX",
  "INVALID_FIRST_CALL",
  "STALE_TREE",
  "MISSING_MESSAGE",
  "RUN_NOT_FOUND",
  "BYOK_KEY_REJECTED",
];

test.each(VALUES)("%s is still exported", (name) => {
  expect(sdk[name]).toBeDefined();
});

test("the types are still exported, and mean the same", () => {
  expectTypeOf<Types["events"][number]>().toExtend<StreamEvent>();
  expectTypeOf<Trace["flowRun"]["status"]>().toExtend<string>();
  expectTypeOf<Types["traces"][4]>().toEqualTypeOf<{ prompt: number; completion: number; total: number }>();
  expectTypeOf(sdk.currentSessionId).returns.toEqualTypeOf<string | null>();
  expectTypeOf(sdk.traceScope<string>).returns.resolves.toEqualTypeOf<string>();
});

test("the adapters are where they were", () => {
  expect(express.noukaiTraceMiddleware).toBeTypeOf("function");
  expect(nextjs.withNoukaiTrace).toBeTypeOf("function");
});

test("each code of the server is its own name", () => {
  const codes: Readonly<Record<string, string>> = sdk.ServerErrorCode;
  for (const code of CODES) expect(codes[code]).toBe(code);
  for (const [name, code] of Object.entries(codes)) expect(code).toBe(name);
});

test("a client can be closed, twice, and released by `await using`", async () => {
  await using noukai = new sdk.Noukai({ apiKey: "nk_test_k7Qm2xVa_0123456789abcdef0123456789abcdef" });
  await noukai.close();
  await noukai.close();
});
