import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { JsonObject } from "../flow/definition.ts";
import { describeIsolation } from "./isolation.ts";
import { type Launcher, launchers } from "./launch.ts";
import { defaultLimits } from "./limits.ts";
import { Pool } from "./pool.ts";
import { ProcessLostError, SandboxProcess } from "./process.ts";
import { type SandboxOptions, startSandbox } from "./sandbox.ts";

type Started = Awaited<ReturnType<typeof startSandbox>>;

vi.setConfig({ testTimeout: 60_000 });

const open: Started[] = [];
const never = new AbortController().signal;
/** A tenth of a second of work on a machine like ours: longer than what the tests do to it. */
const longCode = "let n = 0; while (n < 3e6) n += 1; return { n }";

afterEach(async () => {
  await Promise.all(open.splice(0).map((sandbox) => sandbox.close()));
});

async function start(options?: SandboxOptions): Promise<Started> {
  const sandbox = await startSandbox(options);
  open.push(sandbox);
  return sandbox;
}

interface Extra {
  readonly runId?: string;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

function run(
  sandbox: Started,
  code: string,
  { runId = "run", timeoutMs = 60_000, signal = never }: Extra = {},
): Promise<JsonObject> {
  return sandbox.run({ runId, stepId: "try", code, bindings: { initial: {}, input: {} }, signal, timeoutMs });
}

/** A process that has ended but whose parent has not asked for its end yet counts as ended. */
function isAlive(id: number): boolean {
  try {
    process.kill(id, 0);
  } catch {
    return false;
  }
  const path = `/proc/${id}/stat`;
  return !existsSync(path) || !/\) Z /u.test(readFileSync(path, "utf8"));
}

function killFromOutside(sandbox: Started): void {
  for (const id of sandbox.processIds) process.kill(id, "SIGKILL");
}

async function untilAllEnd(ids: readonly number[]): Promise<void> {
  await vi.waitFor(() => expect(ids.filter(isAlive)).toEqual([]), { timeout: 30_000 });
}

describe("a process that is killed from outside", () => {
  it("costs the call that it works on nothing but time", async () => {
    const sandbox = await start({ size: 1 });
    const result = run(sandbox, longCode);
    killFromOutside(sandbox);
    expect(await result).toEqual({ n: 3_000_000 });
  });

  it("is given up on when it happens to a call twice, and the next call is served", async () => {
    const sandbox = await start({ size: 1 });
    const [first] = sandbox.processIds;
    const outcome = run(sandbox, "for (;;);").catch((error: unknown) => error);
    killFromOutside(sandbox);
    await vi.waitFor(() => {
      const [second] = sandbox.processIds;
      expect(second !== undefined && second !== first).toBe(true);
    }, 30_000);
    killFromOutside(sandbox);
    expect(await outcome).toMatchObject({ name: "RetryableError", code: "STEP_FAILED" });
    expect(await run(sandbox, "return { a: 1 }")).toEqual({ a: 1 });
  });

  it("is replaced when it was idle", async () => {
    const sandbox = await start({ size: 2 });
    killFromOutside(sandbox);
    expect(await run(sandbox, "return { a: 1 }")).toEqual({ a: 1 });
  });

  it("says so to whoever waits for its answer", async () => {
    const process = new SandboxProcess(barest, defaultLimits);
    await process.ready;
    const endless = { code: "for (;;);", runId: "run", stepId: "try", names: [], initial: undefined, input: "{}" };
    const answer = process.ask({ kind: "run", ...endless, timeoutMs: 60_000 });
    process.kill();
    await expect(answer).rejects.toBeInstanceOf(ProcessLostError);
    await process.ended;
    await expect(process.ask({ kind: "check", code: "1", timeoutMs: 1000 })).rejects.toBeInstanceOf(ProcessLostError);
  });
});

describe("a call that is aborted", () => {
  it("rejects with the reason at once, and its process is replaced", async () => {
    const sandbox = await start({ size: 1 });
    const controller = new AbortController();
    const ids = sandbox.processIds;
    const outcome = run(sandbox, "for (;;);", { signal: controller.signal });
    const reason = new Error("The run is over.");
    controller.abort(reason);
    await expect(outcome).rejects.toBe(reason);
    expect(await run(sandbox, "return { a: 1 }")).toEqual({ a: 1 });
    await untilAllEnd(ids);
  });

  it("leaves the line when it waits there", async () => {
    const sandbox = await start({ size: 1 });
    const controller = new AbortController();
    const working = run(sandbox, longCode);
    const waiting = run(sandbox, "return {}", { signal: controller.signal });
    controller.abort(new Error("The run is over."));
    await expect(waiting).rejects.toThrow("The run is over.");
    expect(await working).toEqual({ n: 3_000_000 });
  });

  it("before it began reaches no process", async () => {
    const sandbox = await start({ size: 1 });
    await expect(run(sandbox, "return {}", { signal: AbortSignal.abort(new Error("Too late.")) })).rejects.toThrow(
      "Too late.",
    );
  });
});

describe("calls that hang", () => {
  it("keep no more processes busy than one run may have, and none that others need", async () => {
    const sandbox = await start({ size: 1, slowSize: 2, slowMs: 20 });
    const ended: string[] = [];
    const hanging = ["a", "a", "b"].map(async (runId) => {
      await run(sandbox, "for (;;);", { runId, timeoutMs: 1000 }).catch(() => {});
      ended.push(runId);
    });
    expect(await run(sandbox, "return { a: 1 }", { runId: "c" })).toEqual({ a: 1 });
    expect(ended).toEqual([]);
    expect(sandbox.processIds.length).toBeLessThanOrEqual(3);
    await Promise.all(hanging);
  });

  it("are counted from when they begin, not from when they wait", async () => {
    const sandbox = await start({ size: 1, slowSize: 0 });
    const hanging = run(sandbox, "for (;;);", { runId: "a", timeoutMs: 600 }).catch(() => {});
    expect(await run(sandbox, "return { a: 1 }", { runId: "b", timeoutMs: 500 })).toEqual({ a: 1 });
    await hanging;
  });
});

it("lets a process stay with a run for a turn, not until the run has nothing more to do", async () => {
  const sandbox = await start({ size: 1 });
  const ended: string[] = [];
  const calls = [...Array<string>(400).fill("long"), "short"].map(async (runId) => {
    await run(sandbox, "return { n: 1 }", { runId });
    ended.push(runId);
  });
  await Promise.all(calls);
  expect(ended.indexOf("short")).toBeLessThan(ended.length - 1);
});

it("leaves no process when it is closed", async () => {
  const sandbox = await start({ size: 2 });
  const outcomes = Promise.allSettled([1, 2, 3].map((runId) => run(sandbox, "for (;;);", { runId: String(runId) })));
  await vi.waitFor(() => expect(sandbox.processIds.length).toBeGreaterThanOrEqual(2), 30_000);
  const ids = sandbox.processIds;
  await sandbox.close();
  await outcomes;
  expect(ids.filter(isAlive)).toEqual([]);
});

/** Starts a sandbox in a process of its own, lets it begin `code` in one call, and tells the sandbox's processes. */
async function startElsewhere(code: string): Promise<{ readonly server: number; readonly ids: readonly number[] }> {
  const script = `
    const { startSandbox } = await import(${JSON.stringify(new URL("./sandbox.ts", import.meta.url).href)});
    const sandbox = await startSandbox({ size: 2, slowMs: 10 });
    const call = { runId: "run", stepId: "try", code: ${JSON.stringify(code)}, bindings: { initial: {}, input: {} }, signal: new AbortController().signal, timeoutMs: 600000 };
    sandbox.run(call).catch(() => {});
    const timer = setInterval(() => {
      if (sandbox.processIds.length < 2) return;
      clearInterval(timer);
      console.log(JSON.stringify(sandbox.processIds));
    }, 10);`;
  const args = ["--conditions=@noukai/source", "--input-type=module", "--eval", script];
  const server = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(server.stdout, "data")) as [Buffer];
  return { server: server.pid ?? 0, ids: JSON.parse(line.toString()) as readonly number[] };
}

describe("when the server is killed", () => {
  it("idle processes and those in a loop end", async () => {
    const { server, ids } = await startElsewhere("for (;;);");
    process.kill(server, "SIGKILL");
    await untilAllEnd(ids);
  });

  it("so does one inside a built-in function, where the kernel sees to it", async (context) => {
    const { isolation } = await start();
    if (!isolation.endsWithServer) context.skip("This machine has no `setpriv`.");
    const { server, ids } = await startElsewhere("Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 1)");
    process.kill(server, "SIGKILL");
    await untilAllEnd(ids);
  });
});

/** What is left on a machine that has neither namespaces nor `setpriv`. */
const barest: Launcher = { prefix: [], endsWithParent: false };

describe("on a machine that confines less", () => {
  it("runs all the same, and says what is open", async () => {
    const process = new SandboxProcess(barest, defaultLimits);
    const isolation = describeIsolation(barest, { ...(await process.ready), interfaces: 2 });
    expect(isolation).toMatchObject({ isNetworkShut: false, arePermissionsShut: true, isEnvironmentEmpty: true });
    expect(isolation.summary).toContain("NETWORK OPEN to the process");
    process.kill();
    await process.ended;
  });

  it("is told by a program that is not there", async () => {
    const process = new SandboxProcess({ prefix: ["no-such-program"], endsWithParent: true }, defaultLimits);
    await expect(process.ready).rejects.toBeInstanceOf(ProcessLostError);
    await process.ended;
  });

  it("tries the barest way last", () => {
    expect(launchers.at(-1)).toEqual(barest);
  });
});

it("fails calls rather than let them wait when no process can be started any more", async () => {
  const first = new SandboxProcess(barest, defaultLimits);
  await first.ready;
  const broken: Launcher = { prefix: ["no-such-program"], endsWithParent: false };
  const pool = new Pool({ launcher: broken, limits: defaultLimits, size: 1, slowSize: 1, slowMs: 100 }, first);
  first.kill();
  await first.ended;
  const question = { kind: "check", code: "1", timeoutMs: 1000 } as const;
  await expect(pool.ask("run", question)).rejects.toMatchObject({ name: "RetryableError", code: "STEP_FAILED" });
  await pool.close();
});
