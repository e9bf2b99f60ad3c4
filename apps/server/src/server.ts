import {
  createEngine,
  createModels,
  type Engine,
  type LoadedFile,
  type ModelsConfig,
  openMemoryStore,
  openPostgresStore,
  openSqliteStore,
  type Project,
  type Store,
} from "@noukai/engine";
import type { Hono } from "hono";
import { createApp } from "./app.ts";
import { Authenticator } from "./auth.ts";
import type { ServerEnv } from "./context.ts";
import { makeKey } from "./keys.ts";
import { createLog, type Log } from "./log.ts";

export interface ServerOptions {
  /** PostgreSQL to keep everything in, as `postgres://user:password@host:5432/database`; then `dataDir` is not used. */
  readonly databaseUrl?: string | undefined;
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
  /** Which models may be called. Default: `noukai/echo` alone. */
  readonly models?: ModelsConfig;
  /** Origins whose pages may call directly. Default: none. */
  readonly corsOrigins?: readonly string[];
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

/** What a server found and made when it opened. */
export interface Opened {
  readonly engine: Engine;
  readonly app: Hono<ServerEnv>;
  readonly files: readonly LoadedFile[];
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
  const opening = open(options, () => isDraining);
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
    },
  };
}

async function open(options: ServerOptions, isDraining: () => boolean): Promise<Opened> {
  const { now = Date.now, log = createLog("silent") } = options;
  const store = await openStore(options);
  try {
    const engine = createEngine({
      store,
      models: createModels(options.models),
      now,
      onFault: ({ error, ...where }) => log.error({ ...where, err: error }, "fault in a run"),
    });
    const files =
      options.flowsDir === undefined
        ? []
        : await engine.catalog.loadFiles(options.flowsDir, { promote: options.promoteFlows ?? false });
    const newKeys = options.apiKey === undefined ? await makeMissingKeys(engine, now()) : [];
    const operatorKey = options.apiKey ?? options.sessionKey;
    const operator =
      operatorKey === undefined ? undefined : { key: operatorKey, projects: await projectsOf(engine, files) };
    const { recovered } = await engine.start();
    const app = createApp({
      engine,
      auth: new Authenticator({ store, now, operator }),
      log,
      now,
      heartbeatMs: options.heartbeatMs ?? 10_000,
      isDraining,
      ...(options.corsOrigins !== undefined && { corsOrigins: options.corsOrigins }),
    });
    return { engine, app, files, newKeys, recovered };
  } catch (error) {
    await store.close();
    throw error;
  }
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
async function projectsOf({ store }: Engine, files: readonly LoadedFile[]): Promise<readonly Project[]> {
  const paths = new Map(files.map(({ org, project }) => [`${org}/${project}`, { org, project }]));
  const projects = await Promise.all(Array.from(paths.values(), ({ org, project }) => store.project(org, project)));
  return projects.filter((project) => project !== undefined);
}

/** One key for each project that never had any. A project whose keys were all revoked stays shut: someone wanted that. */
async function makeMissingKeys({ store }: Engine, now: number): Promise<readonly NewKey[]> {
  const newKeys: NewKey[] = [];
  for (const { id: projectId, org, slug: project } of await store.projects()) {
    if ((await store.keys(projectId)).length > 0) continue;
    const { record, secret } = makeKey({ projectId, name: "first key", mode: "live", scopes: ["admin"], now });
    await store.saveKey(record);
    newKeys.push({ org, project, secret });
  }
  return newKeys;
}
