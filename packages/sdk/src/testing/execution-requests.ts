import type { ExecutionStatus, FlowExecution } from "@noukai/core/schema";
import { Refusal } from "./refusal.ts";
import type { Answer } from "./requests.ts";
import type { ExecutionBook } from "./execution-book.ts";
import type { ExecutionOperation, Route } from "./routes.ts";
import type { ScriptedExecution } from "./scripted-execution.ts";

const DEFAULT_SIZE = 10;

/** What a request about executions is answered from. */
export interface ExecutionRequest {
  readonly operation: ExecutionOperation;
  readonly place: Pick<Route, "executionId" | "taskId">;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  readonly text: string;
  /** The JSON that was sent. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** What each operation on executions does. Throws a `Refusal` for what cannot be. */
export function answerExecution(book: ExecutionBook, request: ExecutionRequest): Answer {
  const { operation, place, query, headers, body, text } = request;
  const key = headers.get("idempotency-key") ?? undefined;
  const execution = (): ScriptedExecution => book.find(place.executionId);
  switch (operation) {
    case "createExecution":
      return { json: describe(book.create(body, { key, text }), query, false), status: 201 };
    case "listExecutions":
      return { json: pageOf(book.of(query.get("flow_id")), query) };
    case "getExecution":
      return { json: describe(execution(), query, true) };
    case "cancelExecution":
      execution().cancel();
      return { status: 204 };
    case "deleteExecution":
      book.find(place.executionId, { isDeletedToo: true }).delete();
      return { status: 204 };
    case "reexecute":
      book.reexecute(execution(), { onlyStale: query.get("only_stale") === "true", key });
      return { status: 204 };
    case "streamExecution": {
      const { changes } = execution();
      const after = Number(headers.get("last-event-id") ?? 0);
      return { events: (reader) => changes.behind(after, reader) };
    }
    case "listTasks":
      return { json: book.find(query.get("flow_execution_id") ?? undefined).tasks };
    case "getTask":
      return { json: book.task(place.taskId).task };
    case "editOutput":
      return { json: edited(book, request) };
  }
}

function edited(book: ExecutionBook, { place, query, body }: ExecutionRequest): unknown {
  const { execution, task } = book.task(place.taskId);
  const { output } = body;
  if (!isObject(output)) throw new Refusal(400, "INVALID_REQUEST", { message: "output: must be an object." });
  execution.edit(task.step_id, output);
  if (query.get("execute_flow") === "true") execution.reexecute({ onlyStale: true });
  return book.task(place.taskId).task;
}

function describe(execution: ScriptedExecution, query: URLSearchParams, isWhole: boolean): FlowExecution {
  return execution.describe({ isWhole, hasRunNumber: query.get("include_run_number") === "true" });
}

/** The part of the executions, the newest first, that a list asks for. */
function pageOf(executions: readonly ScriptedExecution[], query: URLSearchParams): readonly FlowExecution[] {
  const wanted = query.getAll("status[]") as ExecutionStatus[]; // others fit none
  const unwanted = query.getAll("status_exclude[]") as ExecutionStatus[]; // as above
  const isAscending = query.get("sort_direction") === "asc";
  const by = query.get("sort_field") === "created_at" ? "created_at" : "updated_at";
  const all = executions
    .map((execution) => describe(execution, query, false))
    .filter(({ status }) => (wanted.length === 0 || wanted.includes(status)) && !unwanted.includes(status))
    .filter((execution) => isWithin(execution, query))
    // What was made later has the higher id: sorting keeps that order among equals.
    .toSorted((a, b) => compare(a[by], b[by]) || compare(a.id, b.id));
  const sorted = isAscending ? all : all.toReversed();
  const size = Number(query.get("page_size") ?? DEFAULT_SIZE);
  const start = sorted.findIndex(({ id }) => id === query.get("start_from_execution_id")) + 1;
  const skipped = start + (Number(query.get("page") ?? 1) - 1) * size;
  return sorted.slice(skipped, skipped + size);
}

function isWithin({ created_at: created, updated_at: updated }: FlowExecution, query: URLSearchParams): boolean {
  const bound = (name: string, absent: number): number => Date.parse(query.get(name) ?? "") || absent;
  return (
    Date.parse(created) > bound("created_after", -Infinity) &&
    Date.parse(created) < bound("created_before", Infinity) &&
    Date.parse(updated) > bound("updated_after", -Infinity) &&
    Date.parse(updated) < bound("updated_before", Infinity)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
