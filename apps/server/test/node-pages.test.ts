import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startTestServer, type TestServer } from "./harness.ts";

/**
 * How pages hold what they promise:
 *   ```yaml          with `# flows/acme/nodes/name.yaml` in its first line: a flow.
 *   ```json input    what the flow above it is called with. Behind it, any of:
 *   ```json result   what it gives
 *   ```json error    how it fails
 *   ```text trace    every attempt in its trace: step[passes], kind, attempt, status; in whatever order, as wide and deep as one likes
 */
const directory = join(import.meta.dirname, "../../../docs/nodes");

interface Block {
  /** Such as `json input`. */
  readonly kind: string;
  readonly text: string;
}

/** A call of a page, with what is promised of it by the kind of block. */
interface Call {
  readonly flow: string;
  readonly input: unknown;
  readonly promises: Map<string, string>;
}

function blocksOf(page: string): readonly Block[] {
  return Array.from(page.matchAll(/^```(\w.*)\n([^]*?)^```$/gm), ([, kind = "", text = ""]) => ({ kind, text }));
}

function callsOf(blocks: readonly Block[]): readonly Call[] {
  const calls: Call[] = [];
  let flow = "";
  for (const { kind, text } of blocks) {
    if (kind === "yaml") flow = fileOf(text);
    else if (kind === "json input") calls.push({ flow, input: JSON.parse(text), promises: new Map() });
    else calls.at(-1)?.promises.set(kind, text);
  }
  return calls;
}

function fileOf(yaml: string): string {
  return /^# flows\/(\S+)\n/.exec(yaml)?.[1] ?? expect.fail("A flow without a place.");
}

interface TraceRow {
  readonly stepId: string;
  readonly kind: string;
  readonly attempt: number;
  readonly status: string;
  readonly loopPath: readonly number[];
}

/** A row as pages show it, without their spaces. */
function shown({ stepId, kind, attempt, status, loopPath }: TraceRow): string {
  const pass = loopPath.length === 0 ? "" : `[${loopPath.join(".")}]`;
  return `${stepId}${pass} ${kind} attempt ${attempt} ${status}`;
}

function rowsOf(text: string): readonly string[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => line.trim().replaceAll(/\s+/g, " "))
    .toSorted();
}

/** What came of a call, by the kinds of blocks that promise it. */
async function outcomeOf(server: TestServer, { flow, input }: Call): Promise<Readonly<Record<string, unknown>>> {
  const key = server.newKeys[0]?.secret ?? "";
  const seq = `/api/v1/seq/${flow.replace(/\.yaml$/, "")}`;
  const answer = await server.call("POST", `${seq}/execute`, { key, body: { parameters: input } });
  const { result, detail } = await answer.json();
  const run = `${seq}/runs/${answer.headers.get("x-noukai-execution-id")}`;
  const { steps } = await (await server.call("GET", `${run}/trace`, { key })).json();
  const rows: string[] = [];
  for (const step of steps) {
    const pass = step.loopIndex === null ? "" : `&loop_index=${step.loopIndex}`;
    const all = await server.call("GET", `${run}/steps/${step.stepId}/trace?attempt=all${pass}`, { key });
    rows.push(...(await all.json()).attempts.map(shown));
  }
  const error = detail && { code: detail.code, message: detail.message, stepId: detail.stepId };
  return { "json result": result, "json error": error, "text trace": rows.toSorted() };
}

const pages = (await readdir(directory)).filter((name) => name !== "README.md");

test.for(pages)("what %s says of its flows is so", async (name) => {
  const blocks = blocksOf(await readFile(join(directory, name), "utf8"));
  const flows = Object.fromEntries(
    blocks.filter(({ kind }) => kind === "yaml").map(({ text }) => [fileOf(text), text] as const),
  );
  const server = await startTestServer({ flows });
  expect(server.folder.files.flatMap(({ issues }) => issues)).toEqual([]);
  const calls = callsOf(blocks);
  expect(calls.length).toBeGreaterThan(0);
  for (const call of calls) {
    const outcome = await outcomeOf(server, call);
    expect(call.promises.size).toBeGreaterThan(0);
    for (const [kind, text] of call.promises)
      expect(outcome[kind], kind).toEqual(kind === "text trace" ? rowsOf(text) : JSON.parse(text));
  }
});

test("there is a page for each kind of node, and the index names them all", async () => {
  const schema = JSON.parse(await readFile(join(directory, "../../schemas/flow.schema.json"), "utf8"));
  const index = await readFile(join(directory, "README.md"), "utf8");
  const kinds = Object.keys(schema.$defs)
    .map((name) => /^(\w+)Step$/.exec(name)?.[1]?.toLowerCase())
    .filter((kind) => kind !== undefined);
  expect(pages.toSorted()).toEqual(kinds.map((kind) => `${kind}.md`).toSorted());
  for (const page of pages) expect(index).toContain(`](${page})`);
});
