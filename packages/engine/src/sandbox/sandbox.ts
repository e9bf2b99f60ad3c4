import { availableParallelism } from "node:os";
import { TerminalError } from "../errors.ts";
import type { Json, JsonObject } from "../flow/definition.ts";
import { isObject } from "../flow/json.ts";
import { type FlowInput, seesFlowInput, toFlowInput } from "./flow-input.ts";
import { describeIsolation, type Isolation } from "./isolation.ts";
import { launchers } from "./launch.ts";
import { defaultLimits, formatBytes, type SandboxLimits } from "./limits.ts";
import { variableNames } from "./names.ts";
import { Pool } from "./pool.ts";
import { SandboxProcess } from "./process.ts";
import type { Answer } from "./protocol.ts";

/** Runs strangers' JavaScript where it can reach nothing. The port of the `code` step. */
export interface Sandbox {
  /** What holds on this machine and what does not; its `summary` is for the log at start. */
  readonly isolation: Isolation;
  /**
   * Calls the function whose body is `call.code` and gives the object that it returned, at most `SandboxLimits.outputBytes` of JSON. Rejects with
   * `TerminalError` `CODE_ERROR` when the code threw, returned something else, or went past a limit; its message is for the code's author;
   * `TerminalError` `STEP_TIMEOUT` when it ran longer than `timeoutMs` (waiting for a free process does not count);
   * `RetryableError` `STEP_FAILED` when the process under it was lost twice, or none could be started;
   * the signal's reason when that aborts, and `HandedOverError` after `close`.
   */
  run(call: SandboxCall): Promise<JsonObject>;
  /** The first syntax error of `code` as the body of a function, found without running it; undefined when there is none. Rejects as `run` does for processes and `close`. */
  check(code: string): Promise<CodeFault | undefined>;
  /** Ends every process; calls under way reject. Idempotent. */
  close(): Promise<void>;
}

/**
 * One call of a code step. The code sees `initial`, `input`, and as variables those members of `input` whose names can be variables and are not the
 * names of built-in things. It has no `import`, `require`, network, timers or console; `await` is a syntax error, as there is nothing to wait for;
 * the current time and `Math.random` throw, so that the same input gives the same output. `new Date(…)` with arguments works, in UTC.
 */
export interface SandboxCall {
  /** Calls of one run may share a WASM module, one after the other; those of two runs never do. */
  readonly runId: string;
  readonly stepId: string;
  /** Body of a strict function. */
  readonly code: string;
  readonly bindings: {
    /** The flow's input. The same object for every call of a run is turned into JSON once, and sent to a process once. */
    readonly initial: JsonObject;
    /** The step's input. */
    readonly input: JsonObject;
  };
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

/** A place in a code step's text, both from 1, and what is wrong there. `message` names the place, too. */
export interface CodeFault {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export interface SandboxOptions {
  readonly limits?: Partial<SandboxLimits>;
  /** Processes for short calls, started as they are needed; one run keeps one less busy. Default: one more than there are cores, 3 to 5. */
  readonly size?: number;
  /** Further processes, for calls that take long. Default 8. */
  readonly slowSize?: number;
  /** How long a call takes before it counts as long and another process fills its place. Default 20. */
  readonly slowMs?: number;
}

/** Starts one process, confined as far as this machine allows. Rejects when none can be started at all. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox & ProcessSandbox> {
  const limits = { ...defaultLimits, ...options.limits };
  for (const launcher of launchers) {
    const process = new SandboxProcess(launcher, limits);
    try {
      const isolation = describeIsolation(launcher, await process.ready);
      const pool = new Pool({ ...defaultSizes(), ...options, launcher, limits }, process);
      return new ProcessSandbox(pool, isolation, limits);
    } catch {
      // This machine does not know that way, or forbids it: the next one asks for less.
      process.kill();
    }
  }
  throw new Error("No sandbox process could be started, not even an unconfined one.");
}

function defaultSizes(): { readonly size: number; readonly slowSize: number; readonly slowMs: number } {
  return { size: Math.min(5, Math.max(3, availableParallelism() + 1)), slowSize: 8, slowMs: 20 };
}

/** For reading the syntax of the longest code that a definition can hold. */
const checkMs = 2000;

class ProcessSandbox implements Sandbox {
  readonly isolation: Isolation;
  readonly #pool: Pool;
  readonly #limits: SandboxLimits;
  readonly #initials = new WeakMap<JsonObject, FlowInput>();
  #checks = 0;

  constructor(pool: Pool, isolation: Isolation, limits: SandboxLimits) {
    this.#pool = pool;
    this.isolation = isolation;
    this.#limits = limits;
  }

  /** The ids of the processes as they are now. */
  get processIds(): readonly number[] {
    return this.#pool.processIds;
  }

  async run(call: SandboxCall): Promise<JsonObject> {
    const { runId, stepId, code, signal, timeoutMs } = call;
    const flowInput = this.#toFlowInput(call.bindings.initial);
    const input = JSON.stringify(call.bindings.input);
    this.#checkSize(flowInput.bytes + Buffer.byteLength(input), stepId);
    const initial = seesFlowInput(code) ? flowInput : undefined;
    const names = variableNames(call.bindings.input);
    const question = { kind: "run", runId, stepId, code, names, initial, input, timeoutMs } as const;
    const answer = await this.#pool.ask(runId, question, signal);
    return readResult(answer, stepId);
  }

  async check(code: string): Promise<CodeFault | undefined> {
    this.#checks += 1;
    try {
      const answer = await this.#pool.ask(`check:${this.#checks}`, { kind: "check", code, timeoutMs: checkMs });
      return answer.kind === "checked" ? answer.fault : undefined;
    } catch (error) {
      if (!(error instanceof TerminalError)) throw error;
      return {
        line: 1,
        column: 1,
        message: `the code's syntax could not be read within ${checkMs} ms. Make it simpler.`,
      };
    }
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  /** A loop calls a step many times with the same flow's input. */
  #toFlowInput(initial: JsonObject): FlowInput {
    const known = this.#initials.get(initial);
    if (known !== undefined) return known;
    const flowInput = toFlowInput(initial);
    this.#initials.set(initial, flowInput);
    return flowInput;
  }

  #checkSize(bytes: number, stepId: string): void {
    const { inputBytes } = this.#limits;
    if (bytes <= inputBytes) return;
    const message = `its input and the flow's are ${formatBytes(bytes)} of JSON together; code takes at most ${formatBytes(inputBytes)}.`;
    throw codeError(stepId, message);
  }
}

function readResult(answer: Answer, stepId: string): JsonObject {
  if (answer.kind === "fault") throw codeError(stepId, answer.message);
  const result = answer.kind === "result" ? (JSON.parse(answer.json) as Json) : null; // as: what JSON.parse gives
  if (!isObject(result)) throw codeError(stepId, "the sandbox gave no object.");
  return result;
}

function codeError(stepId: string, message: string): TerminalError {
  return new TerminalError("CODE_ERROR", `Step "${stepId}": ${message}`);
}
