import type { OperationId } from "../../src/contract/operations.ts";
import type { CallOptions } from "../harness.ts";
import type { Places } from "../security/world.ts";
import { documented, type DocumentedOperation } from "./answers.ts";

/** A call of an operation. */
export interface Call extends CallOptions {
  readonly method: string;
  readonly path: string;
}

/** What an operation is asked, besides its path, for an answer that is a success. */
interface Wish {
  readonly query?: (places: Places) => string;
  readonly body?: (places: Places) => object;
}

const definition = { steps: [{ id: "keep", type: "passthrough" }] };

/** Operations that need nothing but their path are not here. */
const wishes: { readonly [Id in OperationId]?: Wish } = {
  executeFlow: { body: () => ({ message: "a" }) },
  executeFlowVersion: { body: () => ({ message: "a" }) },
  stepFlow: { body: () => ({ message: "a" }) },
  stepFlowVersion: { body: () => ({ message: "a" }) },
  submitJob: { body: () => ({ message: "a" }) },
  submitJobVersion: { body: () => ({ message: "a" }) },
  cancelRunByKey: { body: ({ idempotencyKey = "none" }) => ({ idempotencyKey }) },
  listFlowExecutions: { query: ({ flowId }) => `flow_id=${flowId}` },
  createFlowExecution: { body: ({ flowId }) => ({ flow_id: flowId, input: { message: "a" } }) },
  listTaskExecutions: { query: ({ flowExecutionId }) => `flow_execution_id=${flowExecutionId}` },
  replaceTaskOutput: { body: () => ({ output: { text: "b" } }) },
  createKey: { body: () => ({ name: "another" }) },
  createFlow: { body: () => ({ slug: "fresh", definition }) },
  replaceDraft: { body: () => ({ definition }) },
  validateFlow: { body: () => ({ definition }) },
  publishFlow: { body: () => ({ note: "b" }) },
  promoteFlow: { body: () => ({ version: 1 }) },
  setCredits: { body: () => ({ balanceUsd: "1" }) },
  addCredits: { body: () => ({ amountUsd: "1" }) },
};

export function operationOf(id: OperationId): DocumentedOperation {
  const operation = documented.find((known) => known.id === id);
  if (operation === undefined) throw new Error(`The document has no ${id}.`);
  return operation;
}

/** The call in order: with these places that exist, it succeeds. */
export function callOf({ id, method, path }: DocumentedOperation, places: Places): Call {
  const { query, body } = wishes[id as OperationId] ?? {}; // as: documented operations are those of the table
  const at = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(places[name] ?? `no-${name}`));
  return {
    method,
    path: query === undefined ? at : `${at}?${query(places)}`,
    ...(body !== undefined && { body: body(places) }),
  };
}
