import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import * as sdk from "@noukai/sdk";
import { expect, test } from "vitest";
import { faultsOf, isPrinted, makeWorkplace, readDocument, root, runPrograms } from "./document-programs.ts";
import { startTestServer } from "./harness.ts";

const guides = (await readdir(join(root, "docs/sdk"))).filter((name) => name.endsWith(".md"));
const documents = [
  "README.md",
  "packages/core/README.md",
  "packages/engine/README.md",
  "packages/hono/README.md",
  "packages/sdk/README.md",
  "docs/flow-executions.md",
  "docs/hono.md",
  ...guides.map((name) => `docs/sdk/${name}`),
];

/** The flows that a checkout has. */
async function demoFlows(): Promise<Readonly<Record<string, string>>> {
  const names = await readdir(join(root, "flows/acme/demo"));
  const texts = names.map(async (name) => [
    `acme/demo/${name}`,
    await readFile(join(root, "flows/acme/demo", name), "utf8"),
  ]);
  return Object.fromEntries(await Promise.all(texts)) as Record<string, string>; // pairs of a name and a text
}

test("the programs of the documents are sound to the compiler", { timeout: 60_000 }, async () => {
  const read = await Promise.all(documents.map(readDocument));
  expect(await faultsOf(await makeWorkplace(read.flatMap(({ programs }) => programs)))).toBe("");
});

test.for(documents)("the programs of %s work as they stand", { timeout: 60_000 }, async (document) => {
  const { programs, flows } = await readDocument(document);
  const server = await startTestServer({ flows: { ...(await demoFlows()), ...flows } });
  const baseUrl = `${server.url}/api/v1`;
  const key = server.newKeys.find(({ project }) => project === "demo");
  const env = { NOUKAI_API_KEY: key?.secret ?? "", NOUKAI_BASE_URL: baseUrl };
  const local = programs.map((program) => ({
    ...program,
    source: program.source.replace("http://localhost:8080/api/v1", baseUrl),
  }));
  const directory = await makeWorkplace(local);
  const run = programs.filter(({ isRun }) => isRun);
  const printed = await runPrograms(
    directory,
    run.map(({ file }) => file),
    env,
  );
  for (const [index, { file, prints }] of run.entries()) {
    const text = printed[index] ?? "";
    if (prints !== undefined && !isPrinted(text, prints)) expect(text, file).toBe(prints);
  }
});

test("every class of errors is in the table of errors", async () => {
  const classes = Object.entries(sdk).filter(
    ([, value]) => typeof value === "function" && value.prototype instanceof Error,
  );
  const table = await readFile(join(root, "docs/sdk/errors.md"), "utf8");
  expect(classes.map(([name]) => name).filter((name) => !table.includes(`\`${name}\``))).toEqual([]);
});
