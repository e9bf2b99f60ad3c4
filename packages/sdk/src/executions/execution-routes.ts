import type { Exchange, WireClient, WireInit } from "@noukai/core";
import type {
  FlowExecution,
  FlowExecutionList,
  operations,
  TaskExecution,
  TaskExecutionList,
} from "@noukai/core/schema";
import type { Route } from "../routes.ts";

type CreateBody = operations["createFlowExecution"]["requestBody"]["content"]["application/json"];
type ListQuery = operations["listFlowExecutions"]["parameters"]["query"];
type Flags<Name extends keyof operations> = NonNullable<operations[Name]["parameters"]["query"]>;
/** Members that are `undefined` stay out of the address. */
type WithGaps<Query> = { readonly [Name in keyof Query]: Query[Name] | undefined };

export function postExecution(body: CreateBody): Route<FlowExecution> {
  return (client, init) => client.POST("/flow-executions", { ...init, body });
}

export function getExecutions(query: WithGaps<ListQuery>): Route<FlowExecutionList> {
  return (client, init) => client.GET("/flow-executions", { ...init, params: { query: query as ListQuery } }); // see WithGaps
}

export function getExecution(
  flowExecutionId: string,
  query: WithGaps<Flags<"getFlowExecution">>,
): Route<FlowExecution> {
  return (client, init) =>
    client.GET("/flow-executions/{flowExecutionId}", {
      ...init,
      params: { path: { flowExecutionId }, query: query as Flags<"getFlowExecution"> }, // see WithGaps
    });
}

export function deleteExecution(flowExecutionId: string): Route<unknown> {
  return (client, init) =>
    client.DELETE("/flow-executions/{flowExecutionId}", { ...init, params: { path: { flowExecutionId } } });
}

export function postExecutionCancel(flowExecutionId: string): Route<unknown> {
  return (client, init) =>
    client.POST("/flow-executions/{flowExecutionId}/cancel", { ...init, params: { path: { flowExecutionId } } });
}

export function postReexecution(
  flowExecutionId: string,
  query: WithGaps<Flags<"reexecuteFlowExecution">>,
): Route<unknown> {
  return (client, init) =>
    client.POST("/flow-executions/{flowExecutionId}/execute", {
      ...init,
      params: { path: { flowExecutionId }, query: query as Flags<"reexecuteFlowExecution"> }, // see WithGaps
    });
}

export function getTasks(flowExecutionId: string): Route<TaskExecutionList> {
  return (client, init) =>
    client.GET("/task-executions", { ...init, params: { query: { flow_execution_id: flowExecutionId } } });
}

export function getTask(taskExecutionId: string): Route<TaskExecution> {
  return (client, init) =>
    client.GET("/task-executions/{taskExecutionId}", { ...init, params: { path: { taskExecutionId } } });
}

export function putTaskOutput(
  taskExecutionId: string,
  output: Record<string, unknown>,
  query: WithGaps<Flags<"replaceTaskOutput">>,
): Route<TaskExecution> {
  return (client, init) =>
    client.PUT("/task-executions/{taskExecutionId}", {
      ...init,
      params: { path: { taskExecutionId }, query: query as Flags<"replaceTaskOutput"> }, // see WithGaps
      body: { output },
    });
}

export function getExecutionEvents(
  flowExecutionId: string,
): (client: WireClient, init: WireInit & { readonly parseAs: "stream" }) => Promise<Exchange<unknown>> {
  return (client, init) =>
    client.GET("/flow-executions/{flowExecutionId}/events", { ...init, params: { path: { flowExecutionId } } });
}
