import { parseArgs } from "node:util";

export interface Command {
  readonly api: number;
  readonly workers: number;
  /** The port of the first node; the others take those behind it. */
  readonly port: number;
  /** An existing database; undefined: one of the cluster's own, gone with it. */
  readonly url: string | undefined;
  readonly flows: string;
}

export const usage = `Usage: npm run cluster [-- options]

  --api=2        nodes that take calls
  --workers=3    nodes that work runs off
  --port=8080    port of the first node; the others take those behind it
  --flows=flows  directory of definitions
  --url=…        an existing PostgreSQL, as postgres://user:password@host:5432/database; without it one is started, and gone at the end`;

/** Reads the arguments; "help" when that was asked for. Throws what is wrong with them, in words for people. */
export function readCommand(args: readonly string[]): Command | "help" {
  const { values } = parseArgs({
    args: [...args],
    options: {
      api: { type: "string", default: "2" },
      workers: { type: "string", default: "3" },
      port: { type: "string", default: "8080" },
      flows: { type: "string", default: "flows" },
      url: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help === true) return "help";
  return {
    api: readCount("--api", values.api, { least: 1, most: 50 }),
    workers: readCount("--workers", values.workers, { least: 1, most: 50 }),
    port: readCount("--port", values.port, { least: 1, most: 65_000 }),
    flows: values.flows,
    url: values.url,
  };
}

function readCount(
  name: string,
  text: string,
  { least, most }: { readonly least: number; readonly most: number },
): number {
  const count = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (count >= least && count <= most) return count;
  throw new Error(`${name} must be a whole number from ${least} to ${most}; it is "${text}".`);
}
