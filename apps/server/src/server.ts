import {
  createEgress,
  createEngine,
  createModels,
  createSandbox,
  type EgressRule,
  type Engine,
  HandedOverError,
  type ModelsConfig,
  openMemoryStore,
  openPostgresStore,
  openSqliteStore,
  type Project,
  type Role,
  type SandboxOnDemand,
  type Store,
} from "@noukai/engine";
import type { Hono } from "hono";
import { createApp } from "./app.ts";
import { Authenticator } from "./auth.ts";
import type { ServerEnv } from "./context.ts";
import { ExecutionSockets } from "./execution-sockets.ts";
import { type LoadedFolder, loadFolder } from "./flow-folder.ts";
import { makeKey } from "./keys.ts";
import { defaultLimits, type ServerLimits } from "./limits.ts";
import { createLog, type Log } from "./log.ts";
import { type Limiter, RateLimiter } from "./rate-limiter.ts";
import { SharedRateLimiter } from "./shared-rate-limiter.ts";
import { describeEnd } from "./webhooks.ts";

export interface ServerOptions {
  /** PostgreSQL to keep everything in, as `postgres://user:password@host:5432/database`; then `dataDir` is not used. */
  readonly databaseUrl?: string | undefined;
  /** What this process does of the work that all on one PostgreSQL share; `worker` has no use for flows, keys and webhooks. Default `all`. */
  readonly role?: Role;
  /** Directory of the embedded database. Absent: memory, gone with the process. */
  readonly dataDir?: string;
  /** Directory of flow definitions to load. Absent: none. */
  readonly flowsDir?: string;
  /** Promotes what is loaded even when the flow has a production version. Default false. */
  readonly promoteFlows?: boolean;
  /** Opens every project of the flows directory. With it, no key is made on the first start. */
  readonly apiKey?: string | undefined;
  /** Opens every project of the flows directory beside the stored keys, for as long as this process lives. */
  readonly sessionKey?: string | undefined;
  /** Which models may be called. Default: the built-in one alone. */
  readonly models?: ModelsConfig;
  /** Where requests to addresses that callers name may go beside public ones over https. Default: nowhere. */
  readonly egressAllow?: readonly EgressRule[];
  /** Origins whose pages may call directly. Default: none. */
  readonly corsOrigins?: readonly string[];
  /** Default: `defaultLimits`. */
  readonly limits?: ServerLimits;
  /** Default: silent. */
  readonly log?: Log;
  /** Time between two heartbeats of a stream. Default 10 000. */
  readonly heartbeatMs?: number;
  /** Milliseconds since 1970. Default: the system's clock. */
  readonly now?: () => number;
}

/** A key that was made because its project had none. The secret is shown nowhere else and never again. */
export interface NewKey {
  readonly org: string;
  readonly project: string;
  readonly secret: string;
}

/** What came of loading the flows directory once more. */
export interface Reloaded {
  readonly folder: LoadedFolder;
  readonly newKeys: readonly NewKey[];
}

/** What a server found and made when it opened. */
export interface Opened {
  readonly role: Role;
  readonly engine: Engine;
  readonly app: Hono<ServerEnv>;
  /** What of the contract is no request: for whoever listens. */
  readonly sockets: ExecutionSockets;
  /** The flows directory as it was loaded; empty without one. */
  readonly folder: LoadedFolder;
  /** Loads the flows directory again; projects that are new get their keys, and the operator's key opens them. */
  readonly reload: () => Promise<Reloaded>;
  readonly newKeys: readonly NewKey[];
  /** Runs that a dead process left behind and that go on here. */
  readonly recovered: number;
}

/** The whole system as a library, behind one function: `new Noukai({ fetch: createServer({ … }).fetch })`. */
export interface Server {
  /** As the global `fetch`, without a network: rejects with the signal's reason, and with a `TypeError` when the answer is lost. Rejects as `opened` does. */
  readonly fetch: (input: Request | string | URL, init?: RequestInit) => Promise<Response>;
  /** Resolves when flows are loaded and the first call would be answered at once; rejects with what stands in the way. */
  readonly opened: () => Promise<Opened>;
  /** Refuses new work and lets steps in flight end within `timeoutMs`; what is left is handed over, and streams on it are reset. Idempotent. */
  readonly drain: (timeoutMs: number) => Promise<void>;
  /** Drains without patience and closes the store. Idempotent. */
  readonly close: () => Promise<void>;
}

/** Opens at once and in the background; the first call waits for it. */
export function createServer(options: ServerOptions = {}): Server {
  let isDraining = false;
  const sandbox = createSandbox(({ summary, ...facts }) => options.log?.info(facts, summary));
  const opening = open(options, sandbox, () => isDraining);
  if (options.log !== undefined) void sayWhatShutsCodeIn(sandbox, { opening, log: options.log });
  // Whoever calls `opened` or `fetch` is told; until then a failure is nobody's unhandled rejection.
  opening.catch(() => undefined);
  // A server that could not open has nothing to drain or to close.
  const engineIfOpen = () =>
    opening.then(
      ({ engine }) => engine,
      () => undefined,
    );
  const drain = async (timeoutMs: number): Promise<void> => {
    isDraining = true;
    await (await engineIfOpen())?.drain(timeoutMs);
  };
  return {
    fetch: async (input, init) => {
      const { app } = await opening;
      const request = input instanceof Request && init === undefined ? input : new Request(input, init);
      try {
        return await app.fetch(request);
      } catch (cause) {
        request.signal.throwIfAborted();
        throw new TypeError("fetch failed", { cause });
      }
    },
    opened: () => opening,
    drain,
    close: async () => {
      await drain(0);
      await (await engineIfOpen())?.store.close();
      await sandbox.close();
    },
  };
}

/**
 * Starts the sandbox behind the opening, so that its line is in the log before anybody's code runs. A server that tells nobody starts it with the
 * first code step.
 */
async function sayWhatShutsCodeIn(
  sandbox: SandboxOnDemand,
  { opening, log }: { readonly opening: Promise<Opened>; readonly log: Log },
): Promise<void> {
  try {
    await opening;
  } catch {
    // It is told by whoever opens.
    return;
  }
  await sandbox.start().catch((error: unknown) => {
    if (!(error instanceof HandedOverError))
      log.error({ err: error }, "no sandbox could be started: code steps will fail");
  });
}

async function open(options: ServerOptions, sandbox: SandboxOnDemand, isDraining: () => boolean): Promise<Opened> {
  const { now = Date.now, log = createLog("silent"), limits = defaultLimits, role = "all" } = options;
  const store = await openStore(options);
  try {
    const engine = createEngine({
      store,
      role,
      models: createModels(options.models),
      sandbox,
      webhooks: { describe: describeEnd, egress: createEgress({ allow: options.egressAllow ?? [] }) },
      definitionLimits: limits.definition,
      limits: limits.run,
      projectLimits: limits.project,
      now,
      onFault: ({ error, ...where }) => log.error({ ...where, err: error }, "fault in a run"),
    });
    const operatorProjects: Project[] = [];
    const load = async (): Promise<Reloaded> => {
      if (role === "worker") return { folder: { files: [], projects: [] }, newKeys: [] };
      const { flowsDir: dir, promoteFlows: promote = false } = options;
      const folder = dir === undefined ? { files: [], projects: [] } : await loadFolder(engine, { dir, promote });
      // In place: the authenticator holds this very list.
      operatorProjects.splice(0, operatorProjects.length, ...(await projectsOf(engine, folder)));
      return { folder, newKeys: options.apiKey === undefined ? await makeMissingKeys(engine, now()) : [] };
    };
    const { folder, newKeys } = await load();
    const operatorKey = options.apiKey ?? options.sessionKey;
    const operator = operatorKey === undefined ? undefined : { key: operatorKey, projects: operatorProjects };
    const { recovered } = await engine.start();
    const createLimiter = limitersOn(store, now);
    const unknown = { limiter: createLimiter("unknown keys"), perMinute: limits.unknownKeysPerMinute };
    const auth = new Authenticator({ store, now, operator, unknown });
    const { heartbeatMs = 10_000 } = options;
    const sockets = new ExecutionSockets({ engine, auth, log, heartbeatMs });
    const app = createApp({
      role,
      engine,
      auth,
      log,
      now,
      limits,
      requestLimiter: createLimiter("requests"),
      heartbeatMs,
      streams: { open: 0 },
      openSockets: () => sockets.count,
      isDraining,
      ...(options.corsOrigins !== undefined && { corsOrigins: options.corsOrigins }),
    });
    return { role, engine, app, sockets, folder, reload: load, newKeys, recovered };
  } catch (error) {
    await sandbox.close();
    await store.close();
    throw error;
  }
}

/** Limiters of which all processes on one store share the counts, by what they count. */
function limitersOn({ nodes }: Store, now: () => number): (prefix: string) => Limiter {
  return (prefix) => (nodes === undefined ? new RateLimiter(now) : new SharedRateLimiter({ nodes, prefix, now }));
}

/** On PostgreSQL the clock is the database's, which every process shares, unless one is given. */
async function openStore({ databaseUrl, dataDir, now }: ServerOptions): Promise<Store> {
  const clock = now === undefined ? {} : { now };
  if (databaseUrl === undefined)
    return dataDir === undefined ? openMemoryStore(clock) : openSqliteStore({ dataDir, ...clock });
  try {
    return await openPostgresStore({ url: databaseUrl, ...clock });
  } catch (cause) {
    // Never with the URL, which holds the password.
    throw new Error(`DATABASE_URL: ${cause instanceof Error ? cause.message : "the store could not be opened."}`, {
      cause,
    });
  }
}

/** The projects that the loaded files lie in. */
async function projectsOf({ store }: Engine, { files, projects }: LoadedFolder): Promise<readonly Project[]> {
  const paths = new Map([...files, ...projects].map(({ org, project }) => [`${org}/${project}`, { org, project }]));
  const found = await Promise.all(Array.from(paths.values(), ({ org, project }) => store.project(org, project)));
  return found.filter((project) => project !== undefined);
}

/** One key for each project that never had any, whatever other process starts at the same moment. A project whose keys were all revoked stays shut: someone wanted that. */
async function makeMissingKeys({ store }: Engine, now: number): Promise<readonly NewKey[]> {
  const newKeys: NewKey[] = [];
  for (const { id: projectId, org, slug: project } of await store.projects()) {
    if ((await store.keys(projectId)).length > 0) continue;
    const { record, secret } = makeKey({ projectId, name: "first key", mode: "live", scopes: ["admin"], now });
    if (await store.saveKey(record, { most: 1, at: now })) newKeys.push({ org, project, secret });
  }
  return newKeys;
}
