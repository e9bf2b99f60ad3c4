import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeDirectory } from "./harness.ts";
import { printedKey, serve } from "./process.ts";

const root = join(import.meta.dirname, "../../..");

/** The first TypeScript program of a document. */
async function programOf(document: string): Promise<string> {
  const program = /```ts\n([^]*?)```/.exec(await readFile(join(root, document), "utf8"))?.[1];
  if (program === undefined) throw new Error(`${document} has no program.`);
  return program;
}

/** Runs a program as a user would in this checkout, and gives what it printed. */
async function run(program: string, env: Readonly<Record<string, string>>, cwd = root): Promise<string> {
  const child = spawn(process.execPath, ["--conditions=@noukai/source", "--input-type=module-typescript"], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.end(program);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  expect(stderr).toBe("");
  return stdout;
}

test.for(["README.md", "packages/sdk/README.md"])(
  "the program of %s works as it stands",
  { timeout: 30_000 },
  async (document) => {
    const server = serve({ NOUKAI_DATA_DIR: await makeDirectory(), NOUKAI_FLOWS_DIR: join(root, "flows") });
    const baseUrl = `${await server.url}/api/v1`;
    const program = (await programOf(document)).replace("http://localhost:8080/api/v1", baseUrl);
    const printed = await run(program, { NOUKAI_API_KEY: await printedKey(server), NOUKAI_BASE_URL: baseUrl });
    expect(printed).toContain("completed");
  },
);

test("the program of the engine works as it stands", async () => {
  const here = join(root, "apps/server"); // the root does not depend on the engine
  expect(await run(await programOf("packages/engine/README.md"), {}, here)).toBe("{ text: 'Hello, world!' }\n");
}, 30_000);
