import type { Clock } from "@noukai/core";
import type { TaskExecution } from "@noukai/core/schema";
import { isObject } from "./execution-requests.ts";
import { Refusal } from "./refusal.ts";
import type { RunBook } from "./run-book.ts";
import { ScriptedExecution } from "./scripted-execution.ts";

interface Found {
  readonly execution: ScriptedExecution;
  readonly task: TaskExecution;
}

/** The executions of one server. */
export class ExecutionBook {
  readonly #runs: RunBook;
  readonly #clock: Clock;
  readonly #all: ScriptedExecution[] = [];
  /** What was made under which `Idempotency-Key`, and by which body. */
  readonly #calls = new Map<string, { readonly asked: string; readonly execution: ScriptedExecution }>();

  constructor(runs: RunBook, clock: Clock) {
    this.#runs = runs;
    this.#clock = clock;
  }

  /** Makes the execution, or finds the one that an equal call made. */
  create(
    body: Readonly<Record<string, unknown>>,
    { key, text }: { readonly key: string | undefined; readonly text: string },
  ): ScriptedExecution {
    const { flow_id: flowId, input, webhook_url: webhookUrl } = body;
    if (!isObject(input)) throw new Refusal(400, "INVALID_REQUEST", { message: "input: must be an object." });
    const flow = this.#runs.flowOf(String(flowId));
    return this.#once(key, `create ${text}`, () => {
      const execution = new ScriptedExecution({
        webhookUrl: typeof webhookUrl === "string" ? webhookUrl : undefined,
        now: () => this.#clock.now(),
        begin: (kept) => this.#runs.begin(flow, { input, kept }),
      });
      this.#all.push(execution);
      return execution;
    });
  }

  reexecute(
    execution: ScriptedExecution,
    { onlyStale, key }: { readonly onlyStale: boolean; readonly key: string | undefined },
  ): void {
    this.#once(key, `reexecute ${execution.id} ${onlyStale}`, () => {
      execution.reexecute({ onlyStale });
      return execution;
    });
  }

  /** Those of a flow that were not deleted. */
  of(flowId: string | null): readonly ScriptedExecution[] {
    this.#runs.flowOf(flowId ?? "");
    return this.#all.filter((execution) => execution.flowId === flowId && !execution.isDeleted);
  }

  find(id: string | undefined, { isDeletedToo = false } = {}): ScriptedExecution {
    const found = this.#all.find((execution) => execution.id === id);
    if (found && (isDeletedToo || !found.isDeleted)) return found;
    throw new Refusal(404, "EXECUTION_NOT_FOUND", { message: "There is no such execution here." });
  }

  task(id = ""): Found {
    const execution = this.#all.find((each) => id.startsWith(`${each.id}:`) && !each.isDeleted);
    const task = execution?.tasks.find((each) => each.id === id);
    if (execution && task) return { execution, task };
    throw new Refusal(404, "TASK_NOT_FOUND", { message: "There is no such task here." });
  }

  #once(key: string | undefined, asked: string, make: () => ScriptedExecution): ScriptedExecution {
    const known = key === undefined ? undefined : this.#calls.get(key);
    if (known && known.asked !== asked) {
      throw new Refusal(422, "IDEMPOTENCY_KEY_REUSED", { message: "This key was used for another call." });
    }
    if (known) return known.execution;
    const execution = make();
    if (key !== undefined) this.#calls.set(key, { asked, execution });
    return execution;
  }
}
