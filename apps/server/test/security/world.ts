import { firstChange } from "@noukai/engine";
import { openapiDocument } from "../../src/generated/openapi.gen.ts";
import { type KeyScope, makeKey, type StartOptions } from "../../src/index.ts";
import { create, flowId, reaches } from "../executions.ts";
import { type CallOptions, files, seq, startTestServer, type TestServer, weatherTools } from "../harness.ts";

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
  flowId: "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d13",
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
    /** Default: acme. */
    readonly org?: string;
    readonly project: string;
    readonly scopes?: readonly KeyScope[];
    readonly expiresAt?: number;
    readonly revokedAt?: number;
    readonly opensOrganisation?: boolean;
  },
): Promise<string> {
  const {
    org = "acme",
    project: slug,
    scopes = ["admin"],
    expiresAt,
    revokedAt = null,
    opensOrganisation = false,
  } = key;
  const project = await store.ensureProject(org, slug);
  const reach = { projectId: project.id, opensOrganisation };
  const { record, secret } = makeKey({ ...reach, name: "k", mode: "live", scopes, expiresAt, now: 1 });
  await store.saveKey({ ...record, revokedAt });
  return secret;
}

/** A tenant who has nothing but flows of the names that the first one's have. */
export interface Neighbour {
  readonly name: string;
  readonly key: string;
  /** Where its own things are; what it does not have is nowhere. */
  readonly own: Places;
}

/** Tenants, the first of whom has something of everything. */
export interface World {
  readonly server: TestServer;
  /** Where the first tenant's things are. */
  readonly theirs: Places;
  /** The first tenant's run that waits for tool results, and the idempotency key of the call that made the other one. */
  readonly pausedRunId: string;
  readonly idempotencyKey: string;
  /** Another project of its organisation, and another organisation with a project of the same name. */
  readonly neighbours: readonly Neighbour[];
}

/** The flows that every tenant has. */
const shared = ["grade-3", "asking"];

export async function openWorld(options: StartOptions = {}): Promise<World> {
  const copies = ["acme/other", "globex/spelling"].flatMap((project) =>
    shared.map((slug) => [`${project}/${slug}.yaml`, files[`acme/spelling/${slug}.yaml`] ?? ""]),
  );
  const server = await startTestServer({ flows: { ...files, ...Object.fromEntries(copies) }, ...options });
  const sessionId = "5b3a1c9e-2f4d-4a86-b0c7-9e1d2f3a4b5c";
  const idempotencyKey = "the-first-tenants-call";
  const headers = { "x-session-id": sessionId, "idempotency-key": idempotencyKey };
  const execute = (flow: string, body: object, more: CallOptions = {}): Promise<Response> =>
    server.call("POST", `${seq}/${flow}/execute`, { body, ...more });
  const run = await execute("grade-3", { message: "a", trace: true }, { headers });
  const paused = await execute("asking", { message: "a", tools: weatherTools });
  const runId = run.headers.get("x-noukai-execution-id") ?? "";
  const execution = await create(server, "grade-3");
  await reaches(server, execution.id, "completed");
  return {
    server,
    pausedRunId: paused.headers.get("x-noukai-execution-id") ?? "",
    idempotencyKey,
    neighbours: await Promise.all([neighbour(server, "acme", "other"), neighbour(server, "globex", "spelling")]),
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
      flowId: await flowId(server, "grade-3"),
    },
  };
}

async function neighbour(server: TestServer, org: string, project: string): Promise<Neighbour> {
  const key = server.newKeys.find((made) => made.org === org && made.project === project)?.secret ?? "";
  const own = {
    ...nowhere,
    org,
    project,
    flow: "grade-3",
    version: "0",
    flowId: await flowId(server, "grade-3", project, org),
  };
  return { name: `${org}/${project}`, key, own };
}

/** Everything of a project that a call could have changed. */
export async function stateOf({ engine: { store } }: TestServer, org: string, slug: string): Promise<object> {
  const { id: projectId } = (await store.project(org, slug)) ?? { id: "" };
  const flows = await store.flows(projectId);
  const query = { projectIds: [projectId], after: firstChange, limit: 1_000 };
  return {
    flows,
    versions: await Promise.all(flows.map(({ id }) => store.versions(id))),
    runs: await store.runs({ projectId, limit: 1_000 }),
    keys: await store.keys(projectId),
    credits: await store.credits(projectId),
    changes: await store.executionChanges(query),
  };
}
