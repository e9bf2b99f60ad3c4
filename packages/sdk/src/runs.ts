import type { FlowRun, RunStatus, RunSummary } from "@noukai/core/schema";
import type { ClientContext } from "./context.ts";
import { loaded } from "./loaded.ts";
import { callThrough } from "./middleware.ts";
import type { RequestOptions } from "./request-json.ts";
import { Run } from "./run.ts";

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
  list(options: ListRunsOptions = {}): Promise<RunPage> & AsyncIterable<FlowRun> {
    const page = this.#page(options);
    return Object.assign(page, {
      async *[Symbol.asyncIterator]() {
        yield* await page;
      },
    });
  }

  /** One run with what came of it: `noukai.run(id).summary()` in other words. */
  async get(executionId: string, options: RequestOptions = {}): Promise<RunSummary> {
    return new Run(this.#context, { executionId }).summary(options);
  }

  async #page(options: ListRunsOptions): Promise<RunPage> {
    const operation = { name: "listRuns", flow: undefined, options: { ...options } } as const;
    const { items, nextCursor } = await callThrough(this.#context.middleware, operation, async (given) => {
      const { requestRuns } = await loaded(import("./run-requests.ts"));
      return requestRuns(this.#context, given);
    });
    const cursor = nextCursor ?? undefined;
    return new RunPage(items, cursor, async () =>
      cursor === undefined ? undefined : this.#page({ ...options, cursor }),
    );
  }
}

/** Some of the runs, newest first. Going through it with `for await` goes on with the pages behind it. */
export class RunPage implements AsyncIterable<FlowRun> {
  readonly items: readonly FlowRun[];
  /** Leads to the next page, also in another process: `list({ cursor })`. `undefined` on the last one. */
  readonly nextCursor: string | undefined;
  readonly #next: () => Promise<RunPage | undefined>;

  /** Obtained from `noukai.runs.list()`. */
  constructor(items: readonly FlowRun[], nextCursor: string | undefined, next: () => Promise<RunPage | undefined>) {
    this.items = items;
    this.nextCursor = nextCursor;
    this.#next = next;
  }

  /** Asks for the next page; `undefined` behind the last one, without a request. */
  next(): Promise<RunPage | undefined> {
    return this.#next();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<FlowRun, void> {
    yield* this.items;
    for (let page = await this.next(); page; page = await page.next()) yield* page.items;
  }
}
