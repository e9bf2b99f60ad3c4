/** Calls back when the page has a network again, and when somebody looks at it again. Gives what ends that. */
export function onReturn(callback: () => void): () => void {
  const { document } = globalThis;
  if (typeof document === "undefined") return () => {};
  const onVisible = (): void => {
    if (document.visibilityState === "visible") callback();
  };
  document.addEventListener("visibilitychange", onVisible);
  globalThis.addEventListener("online", callback);
  return () => {
    document.removeEventListener("visibilitychange", onVisible);
    globalThis.removeEventListener("online", callback);
  };
}
