import { readDeployFile } from "./files.ts";

/** What the image runs, and how it is asked whether it is well, as the Dockerfile says. */
export interface ImageCommands {
  readonly start: readonly string[];
  readonly health: readonly string[];
  /** The environment of both. */
  readonly environment: Readonly<Record<string, string>>;
}

export function readImageCommands(): ImageCommands {
  const text = readDeployFile("Dockerfile").replaceAll("\\\n", " ");
  const lines = text.split("\n");
  const pairs = lines.flatMap((line) => /^ENV (.*)$/.exec(line)?.[1]?.split(" ") ?? []).map((pair) => pair.split("="));
  return {
    start: command(lines.find((line) => line.startsWith("CMD "))),
    health: command(lines.find((line) => line.startsWith("HEALTHCHECK "))),
    environment: Object.fromEntries(pairs.map(([name = "", value = ""]) => [name, value])),
  };
}

/** The instruction's list, in its exec form. */
function command(line = ""): readonly string[] {
  const list: unknown = JSON.parse(line.slice(line.indexOf("[")));
  if (!Array.isArray(list) || list.length === 0) throw new Error(`No list of words in: ${line}`);
  return list.map(String);
}
