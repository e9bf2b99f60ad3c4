import { expect, vi } from "vitest";
import type { z } from "zod";
import {
  zExecutionErrorResponse,
  zFlowExecution,
  zTaskExecution,
  type zExecutionStatus,
} from "../src/generated/zod.gen.ts";
import { type CallOptions, type TestServer } from "./harness.ts";

/** What tests of executions say most often. */
export const executions = "/api/v1/flow-executions";
export const tasks = "/api/v1/task-executions";

export type Execution = z.infer<typeof zFlowExecution>;
export type Status = z.infer<typeof zExecutionStatus>;

/** The UUID of a flow. */
export async function flowId(server: TestServer, slug: string, project = "spelling", org = "acme"): Promise<string> {
  const { id } = (await server.engine.store.project(org, project)) ?? { id: "" };
  return (await server.engine.store.flow(id, slug))?.id ?? "";
}

export async function create(
  server: TestServer,
  slug: string,
  input: object = { message: "a" },
  options: CallOptions = {},
): Promise<Execution> {
  const body = { flow_id: await flowId(server, slug), input };
  const response = await server.call("POST", executions, { body, ...options });
  expect(response.status).toBe(201);
  return zFlowExecution.parse(await response.json());
}

export async function read(server: TestServer, id: string, query = ""): Promise<Execution> {
  const response = await server.call("GET", `${executions}/${id}${query}`);
  expect(response.status).toBe(200);
  return zFlowExecution.parse(await response.json());
}

/** Resolves once the execution stands so. */
export async function reaches(server: TestServer, id: string, status: Status): Promise<Execution> {
  return vi.waitFor(async () => {
    const execution = await read(server, id);
    expect(execution.status).toBe(status);
    return execution;
  }, 10_000);
}

export async function tasksOf(server: TestServer, id: string): Promise<readonly z.infer<typeof zTaskExecution>[]> {
  const response = await server.call("GET", `${tasks}?flow_execution_id=${id}`);
  return zTaskExecution.array().parse(await response.json());
}

/** `404 EXECUTION_NOT_FOUND`, where the envelope and its request id are as the document says. */
export async function refused(response: Response): Promise<string> {
  const { error, request_id: requestId } = zExecutionErrorResponse.parse(await response.json());
  expect(requestId).toBe(response.headers.get("x-request-id"));
  return `${response.status} ${error.code}`;
}
