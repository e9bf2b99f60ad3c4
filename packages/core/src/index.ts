export type { Call, Exchange, WireInit } from "./attempt.ts";
export { CallScope, type CallScopeOptions } from "./call-scope.ts";
export { type Clock, systemClock } from "./clock.ts";
export {
  type Authorization,
  type Config,
  type ConnectionOptions,
  type Fetch,
  makeConfig,
  parseTimeout,
  parseUrl,
  type Target,
} from "./config.ts";
export { readVariable } from "./environment.ts";
export { errorFromRun, type RunFailure } from "./error-from-answer.ts";
export {
  AbortError,
  AlreadyResumedError,
  APIConnectionError,
  APITimeoutError,
  AuthenticationError,
  type Billed,
  type ErrorClass,
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
export { type ConfigOptions, resolveConfig } from "./keyed-config.ts";
export { emitLog, type LogEvent, type LogLevel, type OnLog } from "./log.ts";
export { backoffMs } from "./retry.ts";
export type { WireClient } from "./requester.ts";
export { FrameReader, type FrameReaderOptions } from "./sse.ts";
export type { Frame } from "./sse-parser.ts";
export { type JsonAnswer, type StreamAnswer, Transport } from "./transport.ts";
export { untilAborted } from "./until-aborted.ts";
export { newUuid } from "./uuid.ts";
export { API_VERSION, VERSION } from "./version.ts";
