import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createProjects } from "./projects.ts";
import { openMemoryStore } from "./store/sqlite-store.ts";

const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

/** A flows directory with the settings of acme/demo. */
async function setUp(text: string) {
  const dir = await mkdtemp(join(tmpdir(), "noukai-projects-"));
  const store = openMemoryStore();
  onTestFinished(async () => {
    await store.close();
    await rm(dir, { recursive: true });
  });
  const write = async (path: string, content: string): Promise<void> => {
    await mkdir(join(dir, path, ".."), { recursive: true });
    await writeFile(join(dir, path), content);
  };
  await write("acme/demo/project.yaml", text);
  let at = 0;
  const projects = createProjects(store, () => at);
  const settings = async () => {
    const id = (await store.project("acme", "demo"))?.id ?? "";
    return { id, settings: (await projects.byId(id))?.settings };
  };
  return { dir, store, projects, write, settings, passTime: (ms: number) => void (at += ms) };
}

test("settings are on the project's record, but for the secret, which is in no row", async () => {
  const { dir, store, projects, settings } = await setUp(`capture: redacted\nwebhookSecret: ${secret}\n`);
  expect(await projects.loadFiles(dir)).toMatchObject([{ outcome: "loaded", issues: [] }]);
  const loaded = await settings();
  expect(loaded.settings).toEqual({ capture: "redacted" });
  expect(projects.webhookSecret(loaded.id)).toBe(secret);
  expect(JSON.stringify(await store.projects())).not.toContain(secret);
  expect(await projects.loadFiles(dir)).toMatchObject([{ outcome: "unchanged" }]);
});

test("a bad file keeps the last good settings; without the file the defaults are back", async () => {
  const { dir, projects, write, settings } = await setUp("capture: full\n");
  await projects.loadFiles(dir);
  await write("acme/demo/project.yaml", "capture: fulll\n");
  const issue = { path: "capture", line: 1, column: 10, message: expect.stringContaining("Did you mean `full`?") };
  expect(await projects.loadFiles(dir)).toMatchObject([{ outcome: "refused", issues: [issue] }]);
  expect(await settings()).toMatchObject({ settings: { capture: "full" } });
  await rm(join(dir, "acme/demo/project.yaml"));
  expect(await projects.loadFiles(dir)).toEqual([]);
  expect((await settings()).settings).toEqual({});
});

test("a project without a directory there keeps what it has", async () => {
  const { dir, projects, settings } = await setUp("capture: full\n");
  await projects.loadFiles(dir);
  await projects.loadFiles(join(dir, "elsewhere"));
  expect(await settings()).toMatchObject({ settings: { capture: "full" } });
});

test("what another process loads is seen after a second, what this one loads at once", async () => {
  const { dir, store, projects, settings, write, passTime } = await setUp("capture: full\n");
  await projects.loadFiles(dir);
  const { id } = await settings();
  await store.saveSettings(id, { capture: "off" });
  expect(await settings()).toMatchObject({ settings: { capture: "full" } });
  passTime(1_000);
  expect(await settings()).toMatchObject({ settings: { capture: "off" } });
  await write("acme/demo/project.yaml", "capture: redacted\n");
  await projects.loadFiles(dir);
  expect([await settings(), await projects.all()]).toMatchObject([
    { settings: { capture: "redacted" } },
    [{ settings: { capture: "redacted" } }],
  ]);
});

test("settings in directories that are no slugs, or there twice, are refused", async () => {
  const { dir, projects, write } = await setUp("{}");
  await write("acme/demo/project.yml", "{}");
  await write("Acme/demo/project.yaml", "{}");
  const outcomes = (await projects.loadFiles(dir)).map(({ org, outcome, issues }) => [org, outcome, issues.length]);
  expect(outcomes).toEqual([
    ["Acme", "refused", 1],
    ["acme", "unchanged", 0],
    ["acme", "refused", 1],
  ]);
});
