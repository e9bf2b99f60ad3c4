/** Bounds of one call. Every one of them ends the call with a `CODE_ERROR` that names it. */
export interface SandboxLimits {
  /** Of the flow's and the step's input together, as JSON in UTF-8. */
  readonly inputBytes: number;
  /** Of what the code returns, as JSON in UTF-8. */
  readonly outputBytes: number;
  /** Of the WASM memory that everything of a call lives in. The memory itself cannot grow past it. */
  readonly memoryBytes: number;
}

export const defaultLimits: SandboxLimits = {
  inputBytes: 4 * 1024 * 1024,
  outputBytes: 1024 * 1024,
  memoryBytes: 64 * 1024 * 1024,
};

/** Of QuickJS's own count. Its frames are larger on V8's stack, which ends near 1 MB: deeper code is stopped by whichever comes first. */
export const stackBytes = 256 * 1024;

/** Bound of a message about a fault, in UTF-16 units. */
export const maxMessageLength = 2000;

/** "4 MiB", "1.5 MiB", "900 bytes". */
export function formatBytes(bytes: number): string {
  const mebibytes = bytes / (1024 * 1024);
  return mebibytes < 0.1 ? `${bytes} bytes` : `${Number(mebibytes.toFixed(1))} MiB`;
}
