import { openapiDocument } from "../../src/generated/openapi.gen.ts";
import { type KeyScope, makeKey } from "../../src/index.ts";
import { create } from "../executions.ts";
import { type CallOptions, seq, startTestServer, type TestServer, weatherTools } from "../harness.ts";

/** One operation that asks for a key, as the document that is served says it. */
export interface GuardedOperation {
  readonly id: string;
  readonly method: string;
  /** OpenAPI's, with `{names}`. */
  readonly path: string;
  /** Each of them alone opens the operation; none: any key does. */
  readonly scopes: readonly string[];
  readonly hasBody: boolean;
}

interface DocumentedOperation {
  readonly operationId: string;
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly requestBody?: unknown;
}

interface Document {
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, unknown>> & { readonly servers?: readonly { readonly url: string }[] }>
  >;
}

const methods = new Set(["get", "post", "put", "patch", "delete"]);

/** Read from the document and not from the table that the server routes by: a route that forgot its guard is to be found here. */
export const guardedOperations: readonly GuardedOperation[] = readOperations();

function readOperations(): readonly GuardedOperation[] {
  const document = openapiDocument as unknown as Document; // as: of our own making, and too deep for its own type to help
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([method]) => methods.has(method))
      .flatMap(([method, value]) => {
        const operation = value as DocumentedOperation; // as: methods of a path hold operations
        const security = operation.security ?? document.security;
        if (security.length === 0) return [];
        return [
          {
            id: operation.operationId,
            method: method.toUpperCase(),
            path: `${item.servers?.[0]?.url === "/" ? "" : "/api/v1"}${path}`,
            scopes: security.flatMap((requirement) => Object.values(requirement).flat()),
            hasBody: operation.requestBody !== undefined,
          },
        ];
      }),
  );
}

/** What stands in a path for its names. */
export type Places = Readonly<Record<string, string>>;

export function pathOf({ path }: GuardedOperation, places: Places): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => places[name] ?? `no-${name}`);
}

/** Nothing is there, whoever asks. */
export const nowhere: Places = {
  flow: "no-such-flow",
  version: "7",
  executionId: "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10",
  flowRunId: "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10",
  sessionId: "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d11",
  stepId: "check",
  keyId: "nosuchid",
  flowExecutionId: "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d12",
  taskExecutionId: "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d12:check",
};

export function bodyFor({ id, hasBody }: GuardedOperation): CallOptions {
  // Of a body that is refused nothing is looked up: this one is in order.
  if (id === "replaceTaskOutput") return { body: { output: {} } };
  return hasBody ? { body: {} } : {};
}

/** A key that lies in the store as it is said. */
export async function storeKey(
  { engine: { store } }: TestServer,
  key: {
    readonly project: string;
    readonly scopes?: readonly KeyScope[];
    readonly expiresAt?: number;
    readonly revokedAt?: number;
    readonly opensOrganisation?: boolean;
  },
): Promise<string> {
  const { project: slug, scopes = ["admin"], expiresAt, revokedAt = null, opensOrganisation = false } = key;
  const project = await store.ensureProject("acme", slug);
  const reach = { projectId: project.id, opensOrganisation };
  const { record, secret } = makeKey({ ...reach, name: "k", mode: "live", scopes, expiresAt, now: 1 });
  await store.saveKey({ ...record, revokedAt });
  return secret;
}

/** Two tenants, the first of whom has something of everything. The second has flows of the same names. */
export interface World {
  readonly server: TestServer;
  /** Where the first tenant's things are. */
  readonly theirs: Places;
  /** The first tenant's run that waits for tool results, and the idempotency key of the call that made the other one. */
  readonly pausedRunId: string;
  readonly idempotencyKey: string;
}

export async function openWorld(): Promise<World> {
  const server = await startTestServer();
  const sessionId = "5b3a1c9e-2f4d-4a86-b0c7-9e1d2f3a4b5c";
  const idempotencyKey = "the-first-tenants-call";
  const headers = { "x-session-id": sessionId, "idempotency-key": idempotencyKey };
  const execute = (flow: string, body: object, more: CallOptions = {}): Promise<Response> =>
    server.call("POST", `${seq}/${flow}/execute`, { body, ...more });
  for (const slug of ["grade-3", "asking"]) {
    const theirs = await server.call("GET", `/api/v1/projects/acme/spelling/flows/${slug}`);
    const { draft } = (await theirs.json()) as { draft: object }; // as: the contract's
    const body = { slug, definition: draft };
    await server.call("POST", "/api/v1/projects/acme/other/flows", { key: server.otherKey, body });
  }
  const run = await execute("grade-3", { message: "a", trace: true }, { headers });
  const paused = await execute("asking", { message: "a", tools: weatherTools });
  const runId = run.headers.get("x-noukai-execution-id") ?? "";
  const execution = await create(server, "grade-3");
  return {
    server,
    pausedRunId: paused.headers.get("x-noukai-execution-id") ?? "",
    idempotencyKey,
    theirs: {
      org: "acme",
      project: "spelling",
      flow: "grade-3",
      version: "0",
      executionId: runId,
      flowRunId: runId,
      sessionId,
      stepId: "check",
      keyId: server.key.split("_")[2] ?? "",
      flowExecutionId: execution.id,
      taskExecutionId: `${execution.id}:check`,
    },
  };
}
