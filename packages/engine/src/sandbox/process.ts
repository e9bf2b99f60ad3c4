import type { ChildProcess } from "node:child_process";
import { constants, setPriority } from "node:os";
import { encodeFrame, FrameReader } from "./frames.ts";
import { launch, type Launcher } from "./launch.ts";
import type { SandboxLimits } from "./limits.ts";
import { type Answer, maxAnswerBytes, type Question, QuestionWriter, type Surroundings, toAnswer } from "./protocol.ts";

/** How long a process may take to be ready, on a machine with much else to do. */
const startMs = 30_000;

/** The process ended before it answered. Nothing is said of the question. */
export class ProcessLostError extends Error {
  override readonly name: string = "ProcessLostError";
}

/** The near side of a sandbox process. What comes from it is believed no further than its form. */
export class SandboxProcess {
  /** Resolves once it can be asked. Rejects with `ProcessLostError`. */
  readonly ready: Promise<Surroundings>;
  /** Resolves once it has ended, whoever ended it. */
  readonly ended: Promise<void>;
  readonly id: number | undefined;
  readonly #child: ChildProcess;
  readonly #frames: FrameReader;
  readonly #questions = new QuestionWriter();
  #awaited: PromiseWithResolvers<readonly string[]> | undefined;
  #hasEnded = false;

  constructor(launcher: Launcher, limits: SandboxLimits) {
    this.#child = launch(launcher, limits);
    this.id = this.#child.pid;
    this.#frames = new FrameReader(maxAnswerBytes(limits));
    this.ended = new Promise((resolve) => {
      const end = (): void => {
        this.#end();
        resolve();
      };
      this.#child.once("exit", end);
      // A program that cannot be started gives no exit.
      this.#child.on("error", () => this.id === undefined && end());
    });
    this.#child.stdout?.on("data", (chunk: Buffer) => this.#receive(chunk));
    // A write to a process that has just ended; its exit says so.
    this.#child.stdin?.on("error", () => {});
    const patience = setTimeout(() => this.kill(), startMs);
    this.ready = this.#next()
      .then(([text = ""]) => JSON.parse(text) as Surroundings) // as: said by our own code, before it has met any other
      .finally(() => clearTimeout(patience));
  }

  /** One question at a time. Rejects with `ProcessLostError` when the process ends first. */
  async ask(question: Question): Promise<Answer> {
    const answer = this.#next();
    this.#child.stdin?.write(encodeFrame(this.#questions.toParts(question)));
    return toAnswer(await answer);
  }

  /**
   * Gives it a tenth of what others get where there is not enough for all, from now on: only root could take that back. Not from the start: on a
   * busy machine that made every call many times slower, and the server no faster.
   */
  demote(): void {
    if (this.id === undefined || this.#hasEnded) return;
    try {
      setPriority(this.id, constants.priority.PRIORITY_BELOW_NORMAL);
    } catch {
      // It has ended just now, or the system forbids it: then it competes as an equal until its time is up.
    }
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  #next(): Promise<readonly string[]> {
    if (this.#hasEnded) return Promise.reject(lost());
    this.#awaited = Promise.withResolvers();
    return this.#awaited.promise;
  }

  #receive(chunk: Buffer): void {
    try {
      for (const frame of this.#frames.push(chunk)) {
        const awaited = this.#awaited;
        this.#awaited = undefined;
        // Nothing was asked.
        if (awaited === undefined) this.kill();
        awaited?.resolve(frame);
      }
    } catch {
      // No answer of ours looks like that.
      this.kill();
    }
  }

  #end(): void {
    this.#hasEnded = true;
    this.#awaited?.reject(lost());
    this.#awaited = undefined;
  }
}

function lost(): ProcessLostError {
  return new ProcessLostError("The sandbox process ended.");
}
