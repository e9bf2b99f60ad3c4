import { newUuid, ValueError } from "@noukai/core";
import type { JsonObject } from "@noukai/core/schema";
import type { ClientContext } from "../context.ts";
import { checkNames } from "../option-names.ts";
import type { RequestOptions } from "../request-json.ts";
import { show } from "../streaming.ts";
import { checkId, requestExecution, throughLayers } from "./execution-call.ts";
import type { CreatedExecution, Execution } from "./execution.ts";
import type {
  CreateExecutionOptions,
  EditOutputOptions,
  GetExecutionOptions,
  ReexecuteOptions,
} from "./execution-options.ts";
import * as routes from "./execution-routes.ts";
import type { FlowExecution, TaskExecution } from "./execution-shapes.ts";
import { toFlowExecution, toTaskExecution } from "./execution-wire.ts";

const REQUEST_OPTIONS = ["timeout", "signal", "session"] as const;
// A misspelt one of these would run, and cost, something else.
const CREATE_OPTIONS = [...REQUEST_OPTIONS, "flowId", "input", "webhookUrl", "idempotencyKey"] as const;
const REEXECUTE_OPTIONS = [...REQUEST_OPTIONS, "onlyStale", "idempotencyKey"] as const;
const EDIT_OPTIONS = [...REQUEST_OPTIONS, "executeFlow"] as const;

/** Makes an execution, and gives what `handleOf` makes of its id, with what the server told of it. */
export async function create(
  context: ClientContext,
  options: CreateExecutionOptions,
  handleOf: (id: string) => Execution,
): Promise<CreatedExecution> {
  const made = await throughLayers(context, { name: "createExecution", options }, (given) =>
    requestNew(context, given),
  );
  const handle = handleOf(made.id);
  // No member, a newer server's neither, takes the place of a method; and `error` is of an execution that has run.
  const members = Object.entries(made).filter(([name]) => !(name in handle) && name !== "error");
  return Object.assign(handle, Object.fromEntries(members)) as CreatedExecution; // but for `id`, which the handle has
}

async function requestNew(context: ClientContext, options: CreateExecutionOptions): Promise<FlowExecution> {
  checkNames(options, CREATE_OPTIONS);
  const { flowId, input, webhookUrl, idempotencyKey = newUuid() } = options;
  checkObject("input", input);
  const body = {
    flow_id: flowId,
    input: input as JsonObject,
    ...(webhookUrl !== undefined && { webhook_url: webhookUrl }),
  }; // JSON knows no readonly
  const call = {
    operation: "POST flow-executions",
    route: routes.postExecution(body),
    headers: { "idempotency-key": idempotencyKey },
    billed: "possibly",
  } as const;
  return toFlowExecution(await requestExecution(context, call, options));
}

export function get(context: ClientContext, id: string, options: GetExecutionOptions = {}): Promise<FlowExecution> {
  return throughLayers(context, { name: "getExecution", executionId: id, options }, (given) =>
    requestOne(context, id, given),
  );
}

/** As `get`, inside an operation that has passed the layers already. */
export async function requestOne(
  context: ClientContext,
  id: string,
  options: GetExecutionOptions,
): Promise<FlowExecution> {
  const operation = `GET flow-executions/${checkId("execution's id", id)}`;
  const route = routes.getExecution(id, { include_run_number: options.includeRunNumber });
  return toFlowExecution(await requestExecution(context, { operation, route }, options));
}

export function cancel(context: ClientContext, id: string, options: RequestOptions = {}): Promise<void> {
  return command(context, { name: "cancelExecution", id, options }, () => ({
    operation: `POST flow-executions/${id}/cancel`,
    route: routes.postExecutionCancel(id),
    idempotent: true,
  }));
}

export function remove(context: ClientContext, id: string, options: RequestOptions = {}): Promise<void> {
  return command(context, { name: "deleteExecution", id, options }, () => ({
    operation: `DELETE flow-executions/${id}`,
    route: routes.deleteExecution(id),
    idempotent: true,
  }));
}

export function reexecute(context: ClientContext, id: string, options: ReexecuteOptions = {}): Promise<void> {
  return command(context, { name: "reexecute", id, options }, (given) => {
    checkNames(given, REEXECUTE_OPTIONS);
    const { onlyStale, idempotencyKey = newUuid() } = given;
    return {
      operation: `POST flow-executions/${id}/execute`,
      route: routes.postReexecution(id, { only_stale: onlyStale }),
      headers: { "idempotency-key": idempotencyKey },
      billed: "possibly",
    };
  });
}

export function tasks(
  context: ClientContext,
  id: string,
  options: RequestOptions = {},
): Promise<readonly TaskExecution[]> {
  return throughLayers(context, { name: "listTasks", executionId: id, options }, async (given) => {
    const call = { operation: "GET task-executions", route: routes.getTasks(checkId("execution's id", id)) };
    return (await requestExecution(context, call, given)).map(toTaskExecution);
  });
}

export function task(context: ClientContext, taskId: string, options: RequestOptions = {}): Promise<TaskExecution> {
  return throughLayers(context, { name: "getTask", executionId: taskId, options }, async (given) => {
    const operation = `GET task-executions/${checkId("task's id", taskId)}`;
    return toTaskExecution(await requestExecution(context, { operation, route: routes.getTask(taskId) }, given));
  });
}

export function editOutput(
  context: ClientContext,
  taskId: string,
  output: object,
  options: EditOutputOptions = {},
): Promise<TaskExecution> {
  return throughLayers(context, { name: "editOutput", executionId: taskId, options }, async (given) => {
    checkNames(given, EDIT_OPTIONS);
    checkObject("output", output);
    const { executeFlow } = given;
    const call = {
      operation: `PUT task-executions/${checkId("task's id", taskId)}`,
      route: routes.putTaskOutput(taskId, output as JsonObject, { execute_flow: executeFlow }),
      // The same output put twice is put once; a run would be made twice.
      idempotent: executeFlow !== true,
      billed: executeFlow ? "possibly" : "no",
    } as const;
    return toTaskExecution(await requestExecution(context, call, given));
  });
}

interface Command<Options> {
  readonly name: "cancelExecution" | "deleteExecution" | "reexecute";
  readonly id: string;
  readonly options: Options;
}

/** A request that is answered with nothing. */
function command<Options extends RequestOptions>(
  context: ClientContext,
  { name, id, options }: Command<Options>,
  callOf: (options: Options) => Parameters<typeof requestExecution>[1],
): Promise<void> {
  return throughLayers(context, { name, executionId: id, options }, async (given) => {
    checkId("execution's id", id);
    await requestExecution(context, { ...callOf(given), isEmpty: true }, given);
  });
}

function checkObject(name: string, value: unknown): void {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return;
  throw new ValueError(`\`${name}\` is ${Array.isArray(value) ? "a list" : show(value)}. Give an object.`);
}
