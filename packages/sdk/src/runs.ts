import type { FlowRun, RunStatus, RunSummary } from "@noukai/core/schema";
import type { ClientContext } from "./context.ts";
import { loaded } from "./loaded.ts";
import { pagewise } from "./pagewise.ts";
import type { RequestOptions } from "./request-json.ts";
import { Run } from "./run.ts";
import type { RunPage } from "./run-list.ts";

/** Which runs, and how many at a time. */
export interface ListRunsOptions extends RequestOptions {
  /** Only runs of this flow: the UUID that answers call `flowId`, not a slug. Default: every flow of the key's project. */
  readonly flowId?: string | undefined;
  /** Only runs in this status. */
  readonly status?: RunStatus | undefined;
  /** Runs per page, 1 to 100. Default: the server's, 20. */
  readonly limit?: number | undefined;
  /** A page's `nextCursor`, to go on behind it. */
  readonly cursor?: string | undefined;
}

/** The project's runs. */
export class Runs {
  readonly #context: ClientContext;

  /** Obtained as `noukai.runs`. */
  constructor(context: ClientContext) {
    this.#context = context;
  }

  /**
   * The runs, newest first. Await it for the first page, or go through all of them: `for await (const run of noukai.runs.list())` asks for
   * each page when it is needed. Runs that start meanwhile shift nothing.
   */
  list(options?: ListRunsOptions): Promise<RunPage> & AsyncIterable<FlowRun> {
    return pagewise(this.#firstPage(options));
  }

  /** One run with what came of it: `noukai.run(id).summary()` in other words. */
  async get(executionId: string, options?: RequestOptions): Promise<RunSummary> {
    return new Run(this.#context, { executionId }).summary(options);
  }

  async #firstPage(options?: ListRunsOptions): Promise<RunPage> {
    return (await loaded(import("./run-list.ts"))).pageOfRuns(this.#context, options);
  }
}
