// Loaded before the server under `--plant=doubled`: now and then a model is called once more after it answered.
const systemFetch = globalThis.fetch;
let calls = 0;

globalThis.fetch = async (input, init) => {
  const response = await systemFetch(input, init);
  // Only calls of models have one here.
  if ("idempotency-key" in (init?.headers ?? {}) && ++calls % 20 === 0) {
    void systemFetch(input, { ...init, signal: AbortSignal.timeout(5_000) }).then(
      (again) => again.body?.cancel(),
      () => undefined,
    );
  }
  return response;
};
