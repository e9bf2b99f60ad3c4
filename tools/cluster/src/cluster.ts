import { join } from "node:path";
import { readHeldRuns } from "./database.ts";
import { type NodeOptions, type NodeRole, ServerNode } from "./server-node.ts";

export interface ClusterOptions {
  readonly api: number;
  readonly workers: number;
  /** The database as one node is to reach it. */
  readonly urlFor: (name: string) => string;
  /** The database, for questions about the whole. */
  readonly databaseUrl: string;
  /** What each node is told beside its database and role. */
  readonly env: Readonly<Record<string, string>>;
  /** Where the nodes' logs are written. */
  readonly directory: string;
  /** The port of the first node; those behind it take the next ones. Absent: any free ones. */
  readonly firstPort?: number;
  /** More about one node: arguments of Node, another program. */
  readonly more?: (name: string) => Partial<NodeOptions>;
}

/** API nodes and workers on one database. Restarts nothing by itself. */
export class Cluster {
  readonly nodes: readonly ServerNode[];
  readonly databaseUrl: string;

  constructor({ api, workers, urlFor, databaseUrl, env, directory, firstPort, more }: ClusterOptions) {
    this.databaseUrl = databaseUrl;
    const names = [...named("api", api), ...named("worker", workers)];
    this.nodes = names.map(
      ({ name, role }, index) =>
        new ServerNode({
          name,
          role,
          env: { ...env, DATABASE_URL: urlFor(name) },
          logFile: join(directory, `${name}.log`),
          ...(firstPort !== undefined && { port: firstPort + index }),
          ...more?.(name),
        }),
    );
  }

  get apiNodes(): readonly ServerNode[] {
    return this.nodes.filter(({ role }) => role !== "worker");
  }

  get workers(): readonly ServerNode[] {
    return this.nodes.filter(({ role }) => role !== "api");
  }

  /** All at once; when one cannot start, those that did are ended, and why is told. */
  async start(): Promise<void> {
    const started = await Promise.allSettled(this.nodes.map((node) => node.start()));
    const failed = started.find((result) => result.status === "rejected");
    if (failed === undefined) return;
    await Promise.all(this.nodes.map((node) => node.kill()));
    throw failed.reason;
  }

  /** The node that holds the run now; undefined when none does. */
  async holderOf(runId: string): Promise<ServerNode | undefined> {
    const name = (await readHeldRuns(this.databaseUrl)).get(runId);
    return this.nodes.find((node) => node.name === name);
  }

  /** Drains all: first who takes calls, then who works. */
  async stop(): Promise<void> {
    const isApi = ({ role }: ServerNode): boolean => role === "api";
    await Promise.all(this.nodes.filter(isApi).map((node) => node.stop()));
    await Promise.all(this.nodes.map((node) => node.stop()));
  }
}

function named(role: NodeRole, count: number): { readonly name: string; readonly role: NodeRole }[] {
  return Array.from({ length: count }, (_, index) => ({ name: `${role}-${index + 1}`, role }));
}
