import { callOf, type Call } from "../contract/calls.ts";
import { documented, type DocumentedOperation } from "../contract/answers.ts";
import { schemas } from "../contract/document.ts";
import { encodeCursor } from "../../src/page.ts";
import type { Places, World } from "./world.ts";

/** A place of a call where a tenant's thing can be named. */
export interface Carrier {
  readonly operation: DocumentedOperation;
  /** A parameter's name, or a body's member's. */
  readonly name: string;
  readonly in: "path" | "query" | "header" | "body";
}

/** By the names of parameters and of bodies' top-level members: what they name there, as the first tenant's things have it. */
const ids: Readonly<Record<string, (world: World, operation: DocumentedOperation) => string>> = {
  executionId: ({ theirs, pausedRunId }, { id }) =>
    (id.startsWith("execute") ? pausedRunId : theirs["executionId"]) ?? "",
  flowRunId: ({ theirs }) => theirs["flowRunId"] ?? "",
  sessionId: ({ theirs }) => theirs["sessionId"] ?? "",
  "X-Session-Id": ({ theirs }) => theirs["sessionId"] ?? "",
  keyId: ({ theirs }) => theirs["keyId"] ?? "",
  flow_id: ({ theirs }) => theirs["flowId"] ?? "",
  flowExecutionId: ({ theirs }) => theirs["flowExecutionId"] ?? "",
  flow_execution_id: ({ theirs }) => theirs["flowExecutionId"] ?? "",
  start_from_execution_id: ({ theirs }) => theirs["flowExecutionId"] ?? "",
  taskExecutionId: ({ theirs }) => theirs["taskExecutionId"] ?? "",
  "Idempotency-Key": ({ idempotencyKey }) => idempotencyKey,
  idempotencyKey: ({ idempotencyKey }) => idempotencyKey,
  cursor: ({ theirs }) => encodeCursor(theirs["executionId"] ?? ""),
};

/** The same where they name nothing. */
const none: Readonly<Record<string, string>> = {
  executionId: "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10",
  flowRunId: "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10",
  sessionId: "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d11",
  "X-Session-Id": "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d11",
  keyId: "nosuchid",
  flow_id: "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d13",
  flowExecutionId: "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d12",
  flow_execution_id: "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d12",
  start_from_execution_id: "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d12",
  taskExecutionId: "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d12:check",
  "Idempotency-Key": "nobodys-call",
  idempotencyKey: "nobodys-call",
  cursor: encodeCursor("0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10"),
};

/** Names that name nothing which belongs to somebody, but below a path that is their caller's own. */
const namesOfNothing = new Set(
  [
    ["org", "project", "flow", "version", "stepId", "attempt", "loop_index"],
    ["status", "status[]", "status_exclude[]", "sort_field", "sort_direction", "limit", "page", "page_size"],
    ["created_after", "created_before", "updated_after", "updated_before"],
    ["include_run_number", "only_stale", "execute_flow", "X-Noukai-API-Version", "X-Noukai-On-Disconnect"],
    ["message", "messages", "parameters", "blockOverrides", "attachments", "tools", "toolChoice", "trace"],
    // A place in a log whose owner the path names.
    ["Last-Event-ID"],
    // Of a resume or a later segment; they count for nothing beside `executionId`.
    ["pausedAtStep", "toolCallMessages", "iterationsUsed", "accumulatedOutputs"],
    ["stepIndex", "inputOverrides", "runRemaining", "priority", "startAfter", "webhookUrl"],
    ["input", "webhook_url", "output", "name", "mode", "scopes", "expiresAt", "organisation"],
    ["slug", "description", "definition", "note", "balanceUsd", "amountUsd"],
  ].flat(),
);

const names = documented
  .filter(({ isGuarded }) => isGuarded)
  .flatMap((operation): readonly Carrier[] => [
    ...operation.parameters.map((parameter) => ({ operation, name: parameter.name, in: parameter.in })),
    ...Object.keys(schemas[operation.bodySchema ?? ""]?.properties ?? {}).map((name) => ({
      operation,
      name,
      in: "body" as const,
    })),
  ]);

/** Every place of every operation where a tenant's thing can be named. */
export const carriers: readonly Carrier[] = names.filter(({ name }) => name in ids);

/** Places of which nobody has said whether they name something. */
export const unjudged: readonly string[] = names
  .filter(({ name }) => !(name in ids) && !namesOfNothing.has(name))
  .map(({ operation, name }) => `${operation.id} ${name}`);

/** What the carrier holds: the first tenant's, and nobody's. */
export function valuesOf(world: World, { name, operation }: Carrier): readonly [theirs: string, nobodys: string] {
  return [ids[name]?.(world, operation) ?? "", none[name] ?? ""];
}

/** The call in order as somebody makes it at its own places, but that the carrier holds `value`. */
export function callWith({ operation, name, in: place }: Carrier, value: string, own: Places): Call {
  const isOwnFlow = place === "body" && name === "executionId" && operation.id.startsWith("execute");
  const at = { ...own, ...(isOwnFlow && { flow: "asking" }), ...(place === "path" && { [name]: value }) };
  const call = callOf(operation, at);
  if (place === "path") return call;
  if (place === "header") return { ...call, headers: { [name]: value } };
  if (place === "body") return { ...call, body: { ...bodyBeside(operation, name, call.body), [name]: value } };
  const [path = "", query] = call.path.split("?");
  const wanted = new URLSearchParams(query);
  wanted.set(name, value);
  return { ...call, path: `${path}?${wanted}` };
}

const answers = [{ role: "tool", tool_call_id: "call_1", content: "x" }];

/** What else a body has that names something. */
function bodyBeside({ id }: DocumentedOperation, name: string, body: unknown): object {
  if (name !== "executionId") return Object(body) as object; // as: bodies of calls are objects
  return id.startsWith("execute") ? { pausedAtStep: "ask", toolCallMessages: answers } : { stepIndex: 1 };
}
