import { HandedOverError } from "../errors.ts";
import type { Isolation } from "./isolation.ts";
import { type Sandbox, startSandbox } from "./sandbox.ts";

/** What runs code steps; it costs nothing until it is started, or the first one is to be run or checked. */
export interface SandboxOnDemand extends Pick<Sandbox, "run" | "check" | "close"> {
  /** Starts what the first call would start (about 90 ms), so that what holds on this machine is known before it. Rejects when nothing can be started. */
  start(): Promise<void>;
}

/** `onStart` is told once what shuts the processes in. */
export function createSandbox(onStart: (isolation: Isolation) => void = () => undefined): SandboxOnDemand {
  let starting: Promise<Sandbox> | undefined;
  let isClosed = false;

  async function start(): Promise<Sandbox> {
    const sandbox = await startSandbox();
    onStart(sandbox.isolation);
    return sandbox;
  }

  async function started(): Promise<Sandbox> {
    if (isClosed) throw new HandedOverError();
    // What could not be started is tried again by the next one who asks.
    starting ??= start().catch((error: unknown) => {
      starting = undefined;
      throw error;
    });
    return starting;
  }

  return {
    start: async () => void (await started()),
    run: async (call) => (await started()).run(call),
    check: async (code) => (await started()).check(code),
    close: async () => {
      isClosed = true;
      await (await starting?.catch(() => undefined))?.close();
    },
  };
}
