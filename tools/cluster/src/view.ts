import type { Cluster } from "./cluster.ts";
import { type LocalPostgres, query, readHeldRuns } from "./database.ts";
import type { ClusterView, NodeView } from "./picture.ts";
import type { ServerNode } from "./server-node.ts";

/** Asks every node and the database how they are. */
export async function lookAt(cluster: Cluster, database: LocalPostgres | undefined): Promise<ClusterView> {
  const held = await readHeldRuns(cluster.databaseUrl).catch(() => undefined);
  const nodes = await Promise.all(cluster.nodes.map((node) => viewOf(node, held)));
  return { nodes, database: { pid: database?.pid, health: await healthOf(cluster.databaseUrl) } };
}

async function viewOf(node: ServerNode, held: ReadonlyMap<string, string> | undefined): Promise<NodeView> {
  const { name, url, pid, state } = node;
  const health = state === "ready" && !(await node.isHealthy()) ? "not ready" : state;
  const runs = held && [...held.values()].filter((holder) => holder === name).length;
  // The process may have ended while it was asked.
  return { name, url, pid, health: node.state === "ended" ? "ended" : health, runs };
}

async function healthOf(url: string): Promise<string> {
  try {
    await query(url, "SELECT 1");
    return "up";
  } catch {
    return "down";
  }
}
