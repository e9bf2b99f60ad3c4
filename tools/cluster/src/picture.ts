/** What is drawn of a node. */
export interface NodeView {
  readonly name: string;
  readonly url: string;
  readonly pid: number | undefined;
  /** In one word. */
  readonly health: string;
  /** How many runs it holds; undefined when the database does not tell. */
  readonly runs: number | undefined;
}

export interface ClusterView {
  readonly nodes: readonly NodeView[];
  readonly database: { readonly pid: number | undefined; readonly health: string };
}

/** The cluster as lines of text: each node with its figures, all tied to the one database. */
export function drawCluster({ nodes, database }: ClusterView): string {
  const rows = nodes.map((node) => [node.name, node.url || "-", pidText(node.pid), node.health, runsText(node.runs)]);
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0), 0));
  const middle = Math.floor((rows.length - 1) / 2);
  const right = `── PostgreSQL  ${pidText(database.pid)}  ${database.health}`;
  return rows
    .map((row, index) => {
      const cells = row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ");
      return `  ${cells}  ──${joint(index, rows.length)}${index === middle ? right : ""}`.trimEnd();
    })
    .join("\n");
}

function joint(index: number, count: number): string {
  if (count === 1) return "─";
  const isMiddle = index === Math.floor((count - 1) / 2);
  if (index === 0) return isMiddle ? "┬" : "┐";
  if (index === count - 1) return "┘";
  return isMiddle ? "┼" : "┤";
}

function pidText(pid: number | undefined): string {
  return pid === undefined ? "-" : `pid ${pid}`;
}

function runsText(runs: number | undefined): string {
  return runs === undefined ? "" : `${runs} ${runs === 1 ? "run" : "runs"}`;
}
