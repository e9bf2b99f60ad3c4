import { execFile, execFileSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { makeDirectory } from "./harness.ts";
import { printedKey, start, type ServeProcess } from "./process.ts";

const root = join(import.meta.dirname, "../../..");
const run = promisify(execFile);
const fromSource = { ...process.env, NODE_OPTIONS: "--conditions=@noukai/source" };

/** `npm start` on a data directory, up to the line that says that it serves. */
async function startUp(dataDir: string, env: Readonly<Record<string, string>> = {}): Promise<ServeProcess> {
  const started = start({
    NOUKAI_DATA_DIR: dataDir,
    NOUKAI_FLOWS_DIR: join(root, "flows"),
    NO_COLOR: "1",
    ...env,
  });
  await started.printed("until Ctrl-C");
  return started;
}

/** The command that the output gives: its lines from the one that begins with `first` to the one that is `last`. */
function command(output: string, first: string, last = first): string {
  const lines = output.split("\n");
  const from = lines.findIndex((line) => line.startsWith(first));
  const to = lines.findIndex((line, index) => index >= from && line.startsWith(last));
  return lines.slice(from, to + 1).join("\n");
}

function hasCurl(): boolean {
  try {
    return execFileSync("curl", ["--version"]).length > 0;
  } catch {
    return false;
  }
}

test("the first start shows each step, the trace, and a key that its program works with; Ctrl-C ends it with 0", async () => {
  const started = await startUp(await makeDirectory());
  const output = started.stdout();
  expect(output).toMatch(/▶ Summarise\n[^]*✔ Summarise \d+ ms\n▶ Find a title\n[^]*✔ Find a title/);
  expect(output).toMatch(
    /step +model +when +time +tokens +cost\nsummarise +noukai\/echo +█+·+ +\d+ ms +\d+ +\$0\ntitle .*\ntotal /,
  );
  const program = command(output, "node --input-type", "END");
  expect(program).toContain(await printedKey(started));
  expect((await run("sh", ["-c", program], { cwd: root, env: fromSource })).stdout).toContain("mistakes");
  started.child.kill("SIGINT");
  expect(await started.ended).toBe(0);
}, 30_000);

test.skipIf(!hasCurl())(
  "the curl line works as it stands (needs curl)",
  async () => {
    const started = await startUp(await makeDirectory());
    const { stdout } = await run("sh", ["-c", command(started.stdout(), "curl ")]);
    expect(JSON.parse(stdout)).toMatchObject({ status: "completed", result: { mistakes: expect.any(Array) } });
  },
  30_000,
);

test("a later start shows no stored key again, and its program works with a key of that session", async () => {
  const dataDir = await makeDirectory();
  const first = await startUp(dataDir);
  first.child.kill("SIGTERM");
  await first.ended;
  const output = (await startUp(dataDir)).stdout();
  expect(output).not.toContain("shown this once");
  expect(output).not.toContain(await printedKey(first));
  expect(output).toContain("until you stop this server");
  const program = command(output, "node --input-type", "END");
  expect((await run("sh", ["-c", program], { cwd: root, env: fromSource })).stdout).toContain("mistakes");
}, 30_000);

test("a port in use is said, and the next free one taken", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  onTestFinished(() => void taken.close());
  const address = taken.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const output = (await startUp(await makeDirectory(), { PORT: String(port) })).stdout();
  expect(output).toContain(`port ${port} is in use`);
  expect(output).not.toContain(`Noukai listens on http://127.0.0.1:${port} `);
}, 30_000);

test("a model that cannot be called is named with the way out, and the server goes on", async () => {
  const started = await startUp(await makeDirectory(), { NOUKAI_DEMO_MODEL: "openai/gpt-5-mini" });
  expect(started.stderr()).toMatch(/The demo did not run: .*OPENAI_API_KEY/);
  expect((await fetch(`${await started.url}/readyz`)).status).toBe(200);
}, 30_000);

test("whoever stops reading its output does not stop it", async () => {
  const started = await startUp(await makeDirectory());
  started.child.stdout?.destroy();
  started.child.kill("SIGINT");
  expect(await started.ended).toBe(0);
}, 30_000);
