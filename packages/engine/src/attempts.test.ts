import { expect, test, vi } from "vitest";
import { type AttemptsOptions, runAttempts } from "./attempts.ts";
import { RepairableError, RetryableError, TerminalError } from "./errors.ts";
import type { RunEventBody } from "./events.ts";

const output = { text: "done" };

interface Call {
  readonly attempt: number;
  readonly modelIndex: number;
  /** What the attempt was to tell the model of its last answer. */
  readonly repair?: string;
}

/** Runs attempts whose n-th one does what `script[n - 1]` says; what comes after the script succeeds. */
async function play(script: readonly (() => never)[], options: Partial<AttemptsOptions> = {}) {
  const calls: Call[] = [];
  const recorded: RunEventBody[] = [];
  const sleptMs: number[] = [];
  const end = await runAttempts({
    stepId: "a",
    retry: { maxAttempts: 3, initialMs: 500, factor: 2 },
    timeoutMs: undefined,
    models: 1,
    from: { stepId: "a", attempt: 1, tries: 1, modelIndex: 0 },
    signal: new AbortController().signal,
    random: () => 0.5,
    sleep: (ms) => {
      sleptMs.push(ms);
      return Promise.resolve();
    },
    attempt: ({ attempt, modelIndex }, _signal, repair) => {
      calls.push({ attempt, modelIndex, ...(repair[0] !== undefined && { repair: repair[0].content }) });
      script[calls.length - 1]?.();
      return { kind: "output", output };
    },
    record: (event) => {
      recorded.push(event);
      return Promise.resolve();
    },
    onFailure: () => undefined,
    ...options,
  });
  return { end, calls, recorded, sleptMs };
}

const busy = (): never => {
  throw new RetryableError("MODEL_PROVIDER_ERROR", "503");
};
const rejected = (): never => {
  throw new TerminalError("BYOK_KEY_REJECTED", "401", {
    cost: { tokens: { prompt: 1, completion: 0, total: 1 }, costUsd: "1" },
  });
};

const misfit = (): never => {
  const cost = { tokens: { prompt: 5, completion: 5, total: 10 }, costUsd: "2" };
  throw new RepairableError("mistakes: expected an array", { cost, repair: [{ role: "user", content: "Mend it." }] });
};

test("an attempt that succeeds is the only one", async () => {
  const { end, recorded } = await play([]);
  expect(end).toMatchObject({ outcome: "completed", at: { attempt: 1 }, result: { kind: "output", output } });
  expect(recorded).toEqual([]);
});

test("a retryable fault is tried again after a backoff that grows, and is written down before", async () => {
  const { end, recorded, sleptMs } = await play([busy, busy]);
  expect(end).toMatchObject({ outcome: "completed", at: { attempt: 3 } });
  expect(sleptMs).toEqual([250, 500]);
  expect(recorded).toEqual([
    expect.objectContaining({
      type: "step_retrying",
      attempt: 2,
      tries: 2,
      delayMs: 250,
      error: { code: "MODEL_PROVIDER_ERROR", message: "503" },
    }),
    expect.objectContaining({ type: "step_retrying", attempt: 3, tries: 3, delayMs: 500 }),
  ]);
});

test("the last failure is the step's once the attempts are used up", async () => {
  const { end, calls } = await play([busy, busy, busy]);
  expect(end).toMatchObject({ outcome: "failed", at: { attempt: 3 }, error: { code: "MODEL_PROVIDER_ERROR" } });
  expect(calls).toHaveLength(3);
});

test("a terminal fault is not tried again, and its cost is kept", async () => {
  const { end, calls } = await play([rejected]);
  expect(end).toMatchObject({ outcome: "failed", error: { code: "BYOK_KEY_REJECTED" }, cost: { costUsd: "1" } });
  expect(calls).toHaveLength(1);
});

test("an answer that does not fit is mended at once in one more attempt, which the policy does not count", async () => {
  const { end, calls, recorded, sleptMs } = await play([misfit], {
    retry: { maxAttempts: 1, initialMs: 1, factor: 1 },
  });
  expect(end).toMatchObject({ outcome: "completed", at: { attempt: 2, tries: 1 } });
  expect(calls).toEqual([
    { attempt: 1, modelIndex: 0 },
    { attempt: 2, modelIndex: 0, repair: "Mend it." },
  ]);
  expect(sleptMs).toEqual([]);
  expect(recorded).toEqual([
    expect.objectContaining({ error: { code: "OUTPUT_SCHEMA_MISMATCH", message: expect.any(String) }, costUsd: "2" }),
  ]);
});

test("a repair goes on after other faults, but not with another model", async () => {
  const { calls } = await play([misfit, busy, rejected], { models: 2 });
  expect(calls).toEqual([
    { attempt: 1, modelIndex: 0 },
    { attempt: 2, modelIndex: 0, repair: "Mend it." },
    { attempt: 3, modelIndex: 0, repair: "Mend it." },
    { attempt: 4, modelIndex: 1 },
  ]);
});

test("waits no longer for a provider than an attempt may take", async () => {
  const slow = (): never => {
    throw new RetryableError("MODEL_PROVIDER_ERROR", "429", { retryAfterMs: 120_000 });
  };
  expect((await play([slow], { timeoutMs: 60_000 })).sleptMs).toEqual([60_000]);
  expect((await play([slow], { timeoutMs: 200_000 })).sleptMs).toEqual([120_000]);
});

test("waits at least as long as the provider asks", async () => {
  const { sleptMs } = await play([
    () => {
      throw new RetryableError("MODEL_PROVIDER_ERROR", "429", { retryAfterMs: 7_000 });
    },
  ]);
  expect(sleptMs).toEqual([7_000]);
});

test("a fallback begins at once, with attempts of its own, and attempts are counted on", async () => {
  const { end, calls, sleptMs } = await play([rejected, busy, busy, busy], { models: 2 });
  expect(end).toMatchObject({ outcome: "failed", at: { attempt: 4, modelIndex: 1 } });
  expect(calls).toEqual([
    { attempt: 1, modelIndex: 0 },
    { attempt: 2, modelIndex: 1 },
    { attempt: 3, modelIndex: 1 },
    { attempt: 4, modelIndex: 1 },
  ]);
  expect(sleptMs).toHaveLength(2);
});

test("goes on where the log stands", async () => {
  const { calls } = await play([busy], { models: 2, from: { stepId: "a", attempt: 5, tries: 3, modelIndex: 0 } });
  expect(calls).toEqual([
    { attempt: 5, modelIndex: 0 },
    { attempt: 6, modelIndex: 1 },
  ]);
});

test("an attempt over its time is aborted and tried again", async () => {
  vi.useFakeTimers();
  try {
    const reasons: unknown[] = [];
    const played = play([], {
      timeoutMs: 1_000,
      attempt: ({ attempt }, signal) => {
        if (attempt === 2) return { kind: "output", output };
        signal.addEventListener("abort", () => reasons.push(signal.reason));
        // Work that does not care for the signal.
        return new Promise(() => undefined);
      },
    });
    // Half a second more for what does not say at once what it used.
    await vi.advanceTimersByTimeAsync(1_500);
    const { end, recorded } = await played;
    expect(end).toMatchObject({ outcome: "completed", at: { attempt: 2 } });
    expect(recorded).toEqual([
      expect.objectContaining({ error: { code: "STEP_TIMEOUT", message: expect.stringContaining("1000 ms") } }),
    ]);
    expect(reasons).toEqual([expect.any(RetryableError)]);
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test("an abort ends it with the signal's reason, and nothing is written", async () => {
  const controller = new AbortController();
  const reason = new Error("the run leaves");
  const record = vi.fn(() => Promise.resolve());
  const played = play([], {
    signal: controller.signal,
    timeoutMs: 60_000,
    record,
    attempt: () => {
      controller.abort(reason);
      return new Promise(() => undefined);
    },
  });
  await expect(played).rejects.toBe(reason);
  expect(record).not.toHaveBeenCalled();
});

test("an abort between two attempts starts no further one", async () => {
  const controller = new AbortController();
  const reason = new Error("the run leaves");
  let attempts = 0;
  const played = play([], {
    models: 2,
    signal: controller.signal,
    timeoutMs: 60_000,
    record: () => {
      controller.abort(reason);
      return Promise.resolve();
    },
    attempt: () => {
      attempts += 1;
      return rejected();
    },
  });
  await expect(played).rejects.toBe(reason);
  expect(attempts).toBe(1);
});

test("a fault that nobody foresaw tells nothing of itself, but its cause is reported", async () => {
  const causes: unknown[] = [];
  const cause = new Error("password is hunter2");
  const { end } = await play([], {
    retry: { maxAttempts: 1, initialMs: 1, factor: 1 },
    attempt: () => Promise.reject(cause),
    onFailure: (error) => causes.push(error),
  });
  expect(end).toMatchObject({ outcome: "failed", error: { code: "STEP_FAILED" } });
  expect(JSON.stringify(end)).not.toContain("hunter2");
  expect(causes).toEqual([cause]);
});
