// Fails, naming them, when generated files are not what `openapi/` gives today. Changes nothing.
import { readFile, readdir } from "node:fs/promises";
import { generatedFolders, generateOutputs } from "../tools/codegen/src/outputs.mjs";

const root = new URL("../", import.meta.url);
const outputs = await generateOutputs();
const faults = [];
for (const [path, text] of outputs) {
  const found = await readFile(new URL(path, root), "utf8").catch(() => undefined);
  if (found !== text) faults.push(`${path} is ${found === undefined ? "missing" : "stale"}`);
}
for (const folder of generatedFolders) {
  for (const name of await readdir(new URL(folder, root)).catch(() => [])) {
    if (!outputs.has(`${folder}/${name}`)) faults.push(`${folder}/${name} is written by no generator`);
  }
}
if (faults.length > 0) {
  console.error(`${faults.join("\n")}\nRun \`npm run generate\` and commit what it writes.`);
  process.exitCode = 1;
}
