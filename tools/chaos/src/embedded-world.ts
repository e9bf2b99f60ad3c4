import { cpSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Proxy, ServerNode } from "@noukai/cluster";
import { openSqliteStore, type Store } from "@noukai/engine";
import type { Fault } from "./fault.ts";
import { clientFaults, clockFault, processFaults, startAgain } from "./node-faults.ts";
import { SmallDisk } from "./small-disk.ts";
import { clockFile, nodeArgs, type Tampering, type World, type WorldOptions } from "./world.ts";

const diskMegabytes = 300;

/** One process that does everything, on its data directory, behind a proxy. */
export class EmbeddedWorld implements World {
  readonly name = "embedded";
  readonly faults: readonly Fault[];
  readonly refused: readonly string[];
  readonly #node: ServerNode;
  readonly #front: Proxy;
  readonly #disk: SmallDisk | undefined;
  readonly #options: WorldOptions;

  private constructor(parts: {
    readonly options: WorldOptions;
    readonly node: ServerNode;
    readonly front: Proxy;
    readonly disk: ReturnType<typeof SmallDisk.mount>;
  }) {
    this.#options = parts.options;
    this.#node = parts.node;
    this.#front = parts.front;
    this.#disk = "refused" in parts.disk ? undefined : parts.disk;
    this.refused = "refused" in parts.disk ? [`disk full: ${parts.disk.refused}`] : [];
    this.faults = this.#listFaults();
  }

  static async open(options: WorldOptions): Promise<EmbeddedWorld> {
    const { directory, env, program } = options;
    const disk = SmallDisk.mount(join(directory, "disk"), diskMegabytes);
    const name = "server";
    const node = new ServerNode({
      name,
      role: "all",
      env: { ...env, NOUKAI_DATA_DIR: join(directory, "disk", "data"), CHAOS_CLOCK: clockFile(options, name) },
      logFile: join(directory, `${name}.log`),
      nodeArgs: nodeArgs(options),
      ...(program !== undefined && { program }),
    });
    const front = await Proxy.listen({ port: 0 }, () => ({ port: node.port }));
    const world = new EmbeddedWorld({ options, node, front, disk });
    try {
      await node.start();
      return world;
    } catch (error) {
      await world.dispose(false);
      throw error;
    }
  }

  urls(): readonly string[] {
    return [`http://127.0.0.1:${this.#front.port}`];
  }

  async heal(): Promise<void> {
    this.#disk?.free();
    this.#front.heal();
    this.#node.resume();
    await startAgain(this.#node);
  }

  stop(): Promise<void> {
    return this.#node.stop();
  }

  openStore(): Promise<Store> {
    return openSqliteStore({ dataDir: this.#dataDir });
  }

  tamper({ embedded, runId }: Tampering): Promise<void> {
    const database = new DatabaseSync(join(this.#dataDir, "noukai.db"));
    try {
      for (const sql of embedded) database.prepare(sql).run(...(sql.includes("?") ? [runId] : []));
    } finally {
      database.close();
    }
    return Promise.resolve();
  }

  async dispose(keep: boolean): Promise<void> {
    this.#front.close();
    await this.#node.kill();
    if (keep) cpSync(this.#dataDir, join(this.#options.directory, "kept-data"), { recursive: true });
    this.#disk?.unmount();
  }

  get #dataDir(): string {
    return join(this.#options.directory, "disk", "data");
  }

  #listFaults(): readonly Fault[] {
    const nodes = [this.#node];
    return [
      ...processFaults(nodes, "server", 4),
      clockFault(nodes, (name) => clockFile(this.#options, name)),
      ...clientFaults(new Map([[this.#node.name, this.#front]])),
      ...(this.#disk === undefined ? [] : [diskFault(this.#disk)]),
    ];
  }
}

function diskFault(disk: SmallDisk): Fault {
  const aim: Fault["aim"] = () => ({ target: "disk", begin: () => disk.fill(), end: () => disk.free() });
  return { name: "disk full", weight: 1, leastMs: 300, mostMs: 2_500, aim };
}
