/** Tests read the workspace's source, never a build that may be stale. */
const conditions = ["@noukai/source"];

export const sourceConditions = {
  resolve: { conditions },
  ssr: { resolve: { conditions } },
} as const;

/**
 * For processes that start threads from TypeScript source. Node 24.21 strips the types by a WebAssembly program, and V8 13.6 crashes now and
 * then (SIGSEGV below `Runtime_TierUpWasmToJSWrapper`) when it optimises that program's calls while another thread of the process ends.
 * The built server strips no types and needs none of this.
 */
export const sourceThreads = ["--wasm-wrapper-tiering-budget=1000000000"];
