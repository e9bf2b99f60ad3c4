export { Cluster } from "./cluster.ts";
export type { ClusterOptions } from "./cluster.ts";
export type { DatabaseLink } from "./database.ts";
export { LocalPostgres, nameConnections, query, readHeldRuns } from "./database.ts";
export { Proxy } from "./proxy.ts";
export type { Place } from "./proxy.ts";
export { ServerNode } from "./server-node.ts";
export type { NodeOptions, NodeRole, NodeState } from "./server-node.ts";
