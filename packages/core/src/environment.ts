interface Runtime {
  readonly process?: { readonly env?: Readonly<Record<string, string | undefined>> };
  readonly Deno?: { readonly env?: { get(name: string): string | undefined } };
}

/** Reads an environment variable in Node, Bun, Deno and workerd; `undefined` in browsers, and when it is empty or may not be read. */
export function readVariable(name: string): string | undefined {
  const runtime = globalThis as Runtime; // which of the two exists depends on the runtime
  try {
    return runtime.process?.env?.[name] || runtime.Deno?.env?.get(name) || undefined;
  } catch {
    return undefined; // Deno throws when the program was not given --allow-env
  }
}

/** What the runtime calls itself, such as `Node.js/24`; `undefined` in browsers, which set the User-Agent themselves. */
export function runtimeAgent(): string | undefined {
  const agent = typeof navigator === "undefined" ? "unknown" : (navigator.userAgent ?? "unknown");
  return agent.startsWith("Mozilla/") ? undefined : agent;
}

/** Is this a page, or a web worker of one? jsdom counts as a page; React Native, Deno and edge runtimes do not. */
export function isBrowser(): boolean {
  const isPage = typeof window !== "undefined" && typeof document !== "undefined";
  // Edge runtimes are worker scopes too, and name themselves.
  return isPage || ("WorkerGlobalScope" in globalThis && globalThis.navigator?.userAgent?.startsWith("Mozilla/"));
}
