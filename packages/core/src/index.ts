export type { Call, Exchange, WireInit } from "./attempt.ts";
export { CallScope, type CallScopeOptions } from "./call-scope.ts";
export { type Clock, systemClock } from "./clock.ts";
export { type Config, type ConfigOptions, type Fetch, parseTimeout, resolveConfig } from "./config.ts";
export { errorFromRun, type RunFailure } from "./error-from-answer.ts";
export {
  AbortError,
  AlreadyResumedError,
  APIConnectionError,
  APITimeoutError,
  AuthenticationError,
  type Billed,
  FlowExecutionError,
  FlowNotFoundError,
  InsufficientCreditsError,
  NotImplementedError,
  NoukaiError,
  type NoukaiErrorOptions,
  PermissionDeniedError,
  RateLimitError,
  ReplayDisabledError,
  ReplayError,
  ReplayForbiddenError,
  ReplayInvalidSessionError,
  ReplayLeftoverError,
  ReplayMissError,
  ReplayNoSnapshotsError,
  ReplaySessionExpiredError,
  ReplaySessionNotFoundError,
  StreamDecodeError,
  StreamTruncatedError,
  ToolCallLimitError,
  ValidationError,
  ValueError,
} from "./errors.ts";
export { emitLog, type LogEvent, type OnLog } from "./log.ts";
export { backoffMs } from "./retry.ts";
export { type Frame, FrameReader, type FrameReaderOptions } from "./sse.ts";
export { type JsonAnswer, type StreamAnswer, Transport, type WireClient } from "./transport.ts";
export { newUuid } from "./uuid.ts";
export { API_VERSION, VERSION } from "./version.ts";
