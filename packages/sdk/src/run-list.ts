import type { FlowRun } from "@noukai/core/schema";
import type { ClientContext } from "./context.ts";
import { requestRuns } from "./run-requests.ts";
import type { ListRunsOptions } from "./runs.ts";
import { callThrough } from "./streaming.ts";

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

/** The page that begins where the options say. */
export async function pageOfRuns(context: ClientContext, options: ListRunsOptions = {}): Promise<RunPage> {
  const operation = { name: "listRuns", flow: undefined, options: { ...options } } as const;
  const { items, nextCursor } = await callThrough(context.middleware, operation, (given) =>
    requestRuns(context, given),
  );
  const cursor = nextCursor ?? undefined;
  return new RunPage(items, cursor, async () =>
    cursor === undefined ? undefined : pageOfRuns(context, { ...options, cursor }),
  );
}
