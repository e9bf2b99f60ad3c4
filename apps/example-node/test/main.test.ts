import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { startTestServer } from "../../server/test/harness.ts";

const home = join(import.meta.dirname, "..");

async function flows(): Promise<Readonly<Record<string, string>>> {
  const folder = join(home, "flows/acme/shop");
  const names = await readdir(folder);
  const texts = names.map(async (name) => [`acme/shop/${name}`, await readFile(join(folder, name), "utf8")]);
  return Object.fromEntries(await Promise.all(texts)) as Record<string, string>; // pairs of a name and a text
}

test("the script restocks the shop and prints its report with a trace", { timeout: 30_000 }, async () => {
  const server = await startTestServer({ flows: await flows() });
  const key = server.newKeys.find(({ project }) => project === "shop")?.secret ?? "";
  const env = { ...process.env, NOUKAI_API_KEY: key, NOUKAI_BASE_URL: `${server.url}/api/v1` };
  const args = ["--conditions=@noukai/source", "src/main.ts"];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd: home, env });
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^pens: .*look_up: \{"pens":3\}\norder: \{"isOrdered":true\}$/m);
  expect(stdout).toContain("\nordered: 1 × pens, 1 × paper\n");
  expect(stdout).toMatch(/^report: completed, 2 of 2 steps$/m);
  expect(stdout).toMatch(/^summarise +completed +\d+ ms +\d+ tokens +0 USD/m);
  expect(stdout).toMatch(/^completed: [1-9]\d* tokens, 0 USD$/m);
});

test("without a server it says so", { timeout: 30_000 }, async () => {
  const env = { ...process.env, NOUKAI_API_KEY: "nk_test_a", NOUKAI_BASE_URL: "http://127.0.0.1:9/api/v1" };
  const args = ["--conditions=@noukai/source", "src/main.ts"];
  const failure = promisify(execFile)(process.execPath, args, { cwd: home, env });
  await expect(failure).rejects.toMatchObject({ stderr: expect.stringContaining("Is the server running") });
});
