import { ValueError } from "@noukai/core";
import type { ExecutionStatus } from "@noukai/core/schema";
import type { ClientContext } from "../context.ts";
import { show } from "../streaming.ts";
import { requestExecution, throughLayers } from "./execution-call.ts";
import type { ListExecutionsOptions } from "./execution-options.ts";
import { getExecutions } from "./execution-routes.ts";
import type { FlowExecution } from "./execution-shapes.ts";
import { toFlowExecution } from "./execution-wire.ts";

/** How many executions a page holds when nobody says. Source: `contract.md` §10. */
const PAGE_SIZE = 10;

const SORT_FIELDS = { createdAt: "created_at", updatedAt: "updated_at" } as const;

/** Some executions of a flow. Going through it with `for await` goes on with the pages behind it. */
export class ExecutionPage implements AsyncIterable<FlowExecution> {
  readonly items: readonly FlowExecution[];
  /** Leads to the next page, also in another process: `list({ startFromExecutionId })`. `undefined` when this is the last one for certain. */
  readonly nextFrom: string | undefined;
  readonly #next: () => Promise<ExecutionPage | undefined>;

  /** Obtained from `noukai.executions.list()`. */
  constructor(
    items: readonly FlowExecution[],
    nextFrom: string | undefined,
    next: () => Promise<ExecutionPage | undefined>,
  ) {
    this.items = items;
    this.nextFrom = nextFrom;
    this.#next = next;
  }

  /** Asks for the next page; `undefined` when there is nothing behind this one. */
  next(): Promise<ExecutionPage | undefined> {
    return this.#next();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<FlowExecution, void> {
    yield* this.items;
    for (let page = await this.next(); page; page = await page.next()) yield* page.items;
  }
}

/** The first page. */
export async function list(context: ClientContext, options: ListExecutionsOptions): Promise<ExecutionPage> {
  let pageSize = PAGE_SIZE;
  const items = await throughLayers(context, { name: "listExecutions", options }, (given) => {
    pageSize = given.pageSize ?? PAGE_SIZE; // a layer may have changed it
    return requestPage(context, given);
  });
  const last = items.length < pageSize ? undefined : items.at(-1)?.id;
  return new ExecutionPage(items, last, async () => {
    if (last === undefined) return undefined;
    const page = await list(context, { ...options, page: undefined, startFromExecutionId: last });
    return page.items.length > 0 ? page : undefined; // the page before was full, and the last one
  });
}

async function requestPage(context: ClientContext, options: ListExecutionsOptions): Promise<readonly FlowExecution[]> {
  checkCount("pageSize", options.pageSize, 1_000);
  checkCount("page", options.page, 10_000);
  const call = { operation: "GET flow-executions", route: getExecutions(queryOf(options)) };
  return (await requestExecution(context, call, options)).map(toFlowExecution);
}

function queryOf(options: ListExecutionsOptions): Parameters<typeof getExecutions>[0] {
  const { status, statusExclude, sortField = "createdAt" } = options;
  return {
    flow_id: options.flowId,
    "status[]": listOf(status),
    "status_exclude[]": listOf(statusExclude),
    sort_field: SORT_FIELDS[sortField],
    sort_direction: options.sortDirection,
    page: options.page,
    page_size: options.pageSize,
    start_from_execution_id: options.startFromExecutionId,
    created_after: toTimestamp("createdAfter", options.createdAfter),
    created_before: toTimestamp("createdBefore", options.createdBefore),
    updated_after: toTimestamp("updatedAfter", options.updatedAfter),
    updated_before: toTimestamp("updatedBefore", options.updatedBefore),
    include_run_number: options.includeRunNumber,
  };
}

function listOf(statuses: ListExecutionsOptions["status"]): ExecutionStatus[] | undefined {
  return statuses === undefined ? undefined : [statuses].flat();
}

function checkCount(name: string, count: number | undefined, most: number): void {
  if (count === undefined || (Number.isInteger(count) && count >= 1 && count <= most)) return;
  throw new ValueError(`\`${name}\` is ${String(count)}. Give a whole number from 1 to ${most}.`);
}

function toTimestamp(name: string, moment: Date | string | undefined): string | undefined {
  if (moment === undefined) return undefined;
  const date = new Date(moment);
  if (!Number.isNaN(date.getTime())) return date.toISOString();
  throw new ValueError(`\`${name}\` is ${show(moment)}. Give a Date, or a date and time after ISO 8601.`);
}
