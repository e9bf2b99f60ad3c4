import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { describeIssues, readFlowFiles, readProjectFiles } from "./files.ts";

const flow = "steps: [{ id: keep, type: passthrough }]\n";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "noukai-flows-"));
});
afterEach(() => rm(dir, { recursive: true }));

async function write(files: { readonly [path: string]: string | Uint8Array }): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), content);
  }
}

/** Every fault, as a person sees it. */
async function faults(): Promise<readonly string[]> {
  const files = [...(await readFlowFiles(dir)), ...(await readProjectFiles(dir))];
  return files.flatMap(({ file, result }) => (result.ok ? [] : describeIssues(relative(dir, file), result.issues)));
}

describe("a directory of flows", () => {
  test("has its YAML and JSON files read under the slugs of their path, sorted", async () => {
    await write({
      "acme/demo/two.yml": flow,
      "acme/demo/one.yaml": flow,
      "acme/other/three.json": '{"steps":[{"id":"a","type":"passthrough"}]}',
      "zeta/demo/one.yaml": flow,
    });
    const files = await readFlowFiles(dir);
    expect(files.map(({ org, project, slug, result }) => `${org}/${project}/${slug} ${result.ok}`)).toEqual([
      "acme/demo/one true",
      "acme/demo/two true",
      "acme/other/three true",
      "zeta/demo/one true",
    ]);
  });

  test("may hold other files, hidden ones and settings", async () => {
    await write({
      "README.md": "",
      "acme/README.md": "",
      "acme/demo/notes.txt": "",
      "acme/demo/.one.yaml": "[",
      ".git/demo/a.yaml": "[",
      "acme/demo/project.yaml": "",
      "acme/demo/deep/notes.txt": "",
      "acme/demo/.hidden/one.yaml": "[",
    });
    expect(await readFlowFiles(dir)).toEqual([]);
    expect(await faults()).toEqual([]);
  });

  test("has definitions that lie too high or too deep reported, and none of them loaded", async () => {
    await write({
      "top.yaml": flow,
      "acme/one.json": "{}",
      "acme/project.yaml": "",
      "acme/demo/deep/down/two.yml": flow,
      "acme/demo/good.yaml": flow,
    });
    await symlink(dir, join(dir, "acme/demo/round"));
    const wrong =
      "lies at the wrong level. Move it to <org>/<project>/<flow>.yaml below the flows directory, or out of it.";
    expect(await faults()).toEqual([
      `acme/demo/deep/down/two.yml ${wrong}`,
      `acme/one.json ${wrong}`,
      `acme/project.yaml ${wrong}`,
      `top.yaml ${wrong}`,
    ]);
    const files = await readFlowFiles(dir);
    expect(files.filter(({ result }) => result.ok).map(({ slug }) => slug)).toEqual(["good"]);
  });

  test("may not exist", async () => {
    expect(await readFlowFiles(join(dir, "gone"))).toEqual([]);
  });

  test("has links followed, as a mounted configuration has them", async () => {
    await write({ "acme/demo/.data/real": flow });
    await symlink(join(dir, "acme/demo/.data/real"), join(dir, "acme/demo/linked.yaml"));
    expect((await readFlowFiles(dir)).map(({ slug, result }) => [slug, result.ok])).toEqual([["linked", true]]);
  });

  test("has every fault of every file reported, each with file, line and column", async () => {
    await write({
      "acme/demo/bad.yaml": "steps:\n  - id: a\n    type: lm\n  - id: a\n    type: passthrough\nnmae: x\n",
      "acme/demo/broken.json": '{"steps": [}',
      "acme/demo/good.yaml": flow,
      "acme/demo/project.yaml": "capture: some\ncreditsUsd: -1\n",
    });
    expect((await faults()).map((line) => line.split(": ", 1)[0])).toEqual([
      "acme/demo/bad.yaml:3:11 steps[0].type",
      "acme/demo/bad.yaml:4:9 steps[1].id",
      "acme/demo/bad.yaml:6:1 nmae",
      "acme/demo/broken.json:1:12 from here on the text is no JSON. Mend the syntax.",
      "acme/demo/project.yaml:1:10 capture",
      "acme/demo/project.yaml:2:13 creditsUsd",
    ]);
    expect((await readFlowFiles(dir)).filter(({ result }) => result.ok).map(({ slug }) => slug)).toEqual(["good"]);
  });

  test("has names that are no slugs reported beside what is inside", async () => {
    await write({ "Acme/my project/Grade_3.yaml": "steps: []\n" });
    const found = await faults();
    expect(found).toHaveLength(4);
    expect(found.join("\n")).toMatch(
      /organisation's directory: `Acme`.*project's directory: `my project`.*file's name: `Grade_3`.*has no steps/su,
    );
  });

  test("has two files of one flow refused at the second", async () => {
    await write({ "acme/demo/one.json": '{"steps":[{"id":"a","type":"passthrough"}]}', "acme/demo/one.yaml": flow });
    expect(await faults()).toEqual([
      expect.stringMatching(/^acme\/demo\/one\.yaml the same flow is in .*one\.json\. Remove one/u),
    ]);
  });

  test("has files that cannot be read reported, not thrown", async () => {
    await write({
      "acme/demo/big.yaml": "#".repeat(4_000_001),
      "acme/demo/bytes.yaml": Uint8Array.of(0x6e, 0xff, 0xfe),
    });
    await mkdir(join(dir, "acme/demo/folder.yaml"));
    await symlink(join(dir, "nowhere"), join(dir, "acme/demo/dangling.yaml"));
    expect(await faults()).toEqual([
      expect.stringContaining("acme/demo/big.yaml the file holds 4000001 bytes"),
      expect.stringContaining("acme/demo/bytes.yaml the file cannot be read: it is no UTF-8."),
      expect.stringContaining("acme/demo/dangling.yaml the file cannot be read: ENOENT"),
      expect.stringContaining("acme/demo/folder.yaml the file cannot be read: EISDIR"),
    ]);
  });
});

test("the repository's own flows have no fault", async () => {
  const own = join(import.meta.dirname, "../../../../flows");
  const files = await readFlowFiles(own);
  expect(files.map(({ slug }) => slug)).toEqual(expect.arrayContaining(["spelling-grader", "summarise-and-title"]));
  expect(
    [...files, ...(await readProjectFiles(own))].flatMap(({ file, result }) =>
      result.ok ? [] : describeIssues(file, result.issues),
    ),
  ).toEqual([]);
});
