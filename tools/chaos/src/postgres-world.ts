import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Cluster, type DatabaseLink, LocalPostgres, Proxy, query, type ServerNode } from "@noukai/cluster";
import { openPostgresStore, type Store } from "@noukai/engine";
import { type Fault, nodeFault } from "./fault.ts";
import { Namespaces } from "./namespaces.ts";
import { clientFaults, clockFault, processFaults, startAgain } from "./node-faults.ts";
import { SmallDisk } from "./small-disk.ts";
import { clockFile, nodeArgs, type Tampering, type World, type WorldOptions } from "./world.ts";

const apiNames = ["api-1", "api-2"];
export const workerNames = ["worker-1", "worker-2", "worker-3"];

/** Room for a new database, its log of writes and thousands of runs. */
const diskMegabytes = 700;

/** How long the database may take to come back, in milliseconds. */
const comeBackMs = 60_000;

/** Two API nodes and three workers; a proxy between each of them and the database, and one before each API node. */
export class PostgresWorld implements World {
  readonly name = "postgres";
  readonly faults: readonly Fault[];
  readonly refused: readonly string[];
  readonly #cluster: Cluster;
  readonly #database: LocalPostgres;
  readonly #links: ReadonlyMap<string, DatabaseLink>;
  readonly #fronts: ReadonlyMap<string, Proxy>;
  readonly #disk: SmallDisk | undefined;
  readonly #namespaces: Namespaces | undefined;
  readonly #options: WorldOptions;

  private constructor(parts: {
    readonly options: WorldOptions;
    readonly cluster: Cluster;
    readonly database: LocalPostgres;
    readonly links: ReadonlyMap<string, DatabaseLink>;
    readonly fronts: ReadonlyMap<string, Proxy>;
    readonly disk: ReturnType<typeof SmallDisk.mount>;
  }) {
    this.#options = parts.options;
    this.#cluster = parts.cluster;
    this.#database = parts.database;
    this.#links = parts.links;
    this.#fronts = parts.fronts;
    this.#disk = "refused" in parts.disk ? undefined : parts.disk;
    const { namespaces } = parts.options;
    this.#namespaces = namespaces instanceof Namespaces ? namespaces : undefined;
    this.refused = [
      ...("refused" in parts.disk ? [`disk full: ${parts.disk.refused}`] : []),
      ...(namespaces !== undefined && "refused" in namespaces ? [`cable pulled: ${namespaces.refused}`] : []),
    ];
    this.faults = this.#listFaults();
  }

  static async open(options: WorldOptions): Promise<PostgresWorld> {
    const { directory, env, program } = options;
    const disk = SmallDisk.mount(join(directory, "disk"), diskMegabytes);
    const database = await LocalPostgres.create(join(directory, "disk", "postgres"), { max_wal_size: "128MB" });
    const links = await openLinks(database, options);
    const urlFor = (name: string): string => links.get(name)?.url ?? "";
    const cluster = new Cluster({
      api: apiNames.length,
      workers: workerNames.length,
      databaseUrl: database.url,
      urlFor,
      env,
      directory,
      more: (name) => ({
        env: { ...env, DATABASE_URL: urlFor(name), CHAOS_CLOCK: clockFile(options, name) },
        nodeArgs: nodeArgs(options),
        prefix: prefixOf(options, name),
        ...(program !== undefined && { program }),
      }),
    });
    const fronts = new Map(
      await Promise.all(
        cluster.apiNodes.map(
          async (node) => [node.name, await Proxy.listen({ port: 0 }, () => ({ port: node.port }))] as const,
        ),
      ),
    );
    const world = new PostgresWorld({ options, cluster, database, links, fronts, disk });
    try {
      await cluster.start();
      return world;
    } catch (error) {
      await world.dispose(false);
      throw error;
    }
  }

  urls(): readonly string[] {
    return Array.from(this.#fronts.values(), ({ port }) => `http://127.0.0.1:${port}`);
  }

  async heal(): Promise<void> {
    this.#disk?.free();
    this.#namespaces?.plugAllIn();
    for (const proxy of this.#proxies()) proxy.heal();
    await this.#bringBack();
    await Promise.all(this.#cluster.nodes.map((node) => this.#mend(node)));
  }

  stop(): Promise<void> {
    return this.#cluster.stop();
  }

  openStore(): Promise<Store> {
    return openPostgresStore({ url: this.#database.url });
  }

  async tamper({ postgres, runId }: Tampering): Promise<void> {
    for (const sql of postgres) await query(this.#database.url, sql, sql.includes("$1") ? [runId] : []);
  }

  async dispose(keep: boolean): Promise<void> {
    for (const proxy of this.#proxies()) proxy.close();
    await Promise.all(this.#cluster.nodes.map((node) => node.kill()));
    if (keep) {
      await this.#database.stop();
      cpSync(this.#database.directory, join(this.#options.directory, "kept-postgres"), { recursive: true });
    }
    await this.#database.dispose();
    this.#disk?.unmount();
    this.#namespaces?.close();
  }

  #listFaults(): readonly Fault[] {
    const { apiNodes: api, workers: working, nodes } = this.#cluster;
    return [
      ...processFaults(api, "api", 3),
      ...processFaults(working, "worker", 6),
      ...this.#linkFaults(nodes),
      ...this.#cableFaults(working),
      ...this.#databaseFaults(),
      clockFault(nodes, (name) => clockFile(this.#options, name)),
      ...clientFaults(this.#fronts),
      this.#everythingFault(),
    ];
  }

  /** The network between a node and the database. */
  #linkFaults(nodes: readonly ServerNode[]): readonly Fault[] {
    const on = (fault: Omit<Fault, "aim">, begin: (link: Proxy, next: () => number) => void): Fault =>
      nodeFault({ nodes, ...fault }, ({ name }, random) => ({
        begin: () => begin(this.#linkOf(name), random.next),
        end: () => this.#linkOf(name).heal(),
      }));
    return [
      on({ name: "partition", weight: 3, leastMs: 300, mostMs: 14_000 }, (link) => link.stall()),
      on({ name: "database out of reach", weight: 2, leastMs: 100, mostMs: 3_000 }, (link) => link.shut()),
      on({ name: "connections lost", weight: 3, leastMs: 0, mostMs: 20 }, (link, next) => link.cut(0.6, next)),
    ];
  }

  /** A worker's host is gone for whoever looks, and everybody for the worker. */
  #cableFaults(nodes: readonly ServerNode[]): readonly Fault[] {
    const namespaces = this.#namespaces;
    if (namespaces === undefined) return [];
    const fault = { name: "cable pulled", nodes, weight: 3, leastMs: 300, mostMs: 14_000 };
    return [
      nodeFault(fault, ({ name }) => ({
        begin: () => namespaces.pullCable(name),
        end: () => namespaces.plugIn(name),
      })),
    ];
  }

  #databaseFaults(): readonly Fault[] {
    const strike = (begin: () => unknown): Fault["aim"] => {
      return () => ({ target: "database", begin, end: () => this.#bringBack() });
    };
    const faults = [
      { name: "kill database", weight: 1.5, leastMs: 0, mostMs: 1_000, aim: strike(() => this.#database.kill()) },
      { name: "restart database", weight: 1.5, leastMs: 0, mostMs: 500, aim: strike(() => this.#database.stop()) },
    ];
    const disk = this.#disk;
    if (disk === undefined) return faults;
    const end = (): Promise<void> => {
      disk.free();
      return this.#bringBack();
    };
    const aim: Fault["aim"] = () => ({ target: "database", begin: () => disk.fill(), end });
    return [...faults, { name: "disk full", weight: 1, leastMs: 300, mostMs: 2_500, aim }];
  }

  /** As at a power cut of all machines but the database's. */
  #everythingFault(): Fault {
    const { nodes } = this.#cluster;
    const aim: Fault["aim"] = () => ({
      target: "all nodes",
      begin: () => Promise.all(nodes.map((node) => node.kill())),
      end: () => Promise.all(nodes.map((node) => startAgain(node))),
    });
    return { name: "kill all nodes", weight: 0.5, leastMs: 0, mostMs: 500, aim };
  }

  #linkOf(name: string): Proxy {
    const link = this.#links.get(name);
    if (link === undefined) throw new Error(`There is no node ${name}.`);
    return link.proxy;
  }

  #proxies(): readonly Proxy[] {
    return [...Array.from(this.#links.values(), ({ proxy }) => proxy), ...this.#fronts.values()];
  }

  /** A database that crashed comes back by itself when it can; one that ended is started. */
  async #bringBack(): Promise<void> {
    for (const giveUpAt = performance.now() + comeBackMs; ; await delay(100)) {
      try {
        if (this.#database.pid === undefined) await this.#database.start();
        await query(this.#database.url, "SELECT 1");
        return;
      } catch (error) {
        if (performance.now() > giveUpAt) throw error;
      }
    }
  }

  async #mend(node: ServerNode): Promise<void> {
    node.resume();
    await startAgain(node);
  }
}

/** Workers in networks of their own reach the database by its address there, all others through a socket of their own. */
async function openLinks(
  database: LocalPostgres,
  { directory, namespaces }: WorldOptions,
): Promise<ReadonlyMap<string, DatabaseLink>> {
  const folder = join(directory, "links");
  mkdirSync(folder);
  const linkOf = (name: string): Promise<DatabaseLink> =>
    namespaces instanceof Namespaces && workerNames.includes(name)
      ? database.proxyAt(name, namespaces.meetingAddress)
      : database.proxyFor(name, folder);
  const names = [...apiNames, ...workerNames];
  return new Map(await Promise.all(names.map(async (name) => [name, await linkOf(name)] as const)));
}

function prefixOf({ namespaces }: WorldOptions, name: string): readonly string[] {
  return namespaces instanceof Namespaces && workerNames.includes(name) ? namespaces.prefixOf(name) : [];
}
