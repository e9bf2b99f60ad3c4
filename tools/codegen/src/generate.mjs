import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { generatedFolders, generateOutputs } from "./outputs.mjs";

// Writes every generated file and removes what no generator writes any more.
const root = new URL("../../../", import.meta.url);
const outputs = await generateOutputs();
for (const folder of generatedFolders) {
  await mkdir(new URL(folder, root), { recursive: true });
  for (const name of await readdir(new URL(folder, root))) {
    const path = `${folder}/${name}`;
    if (!outputs.has(path)) await rm(new URL(path, root), { recursive: true });
  }
}
for (const [path, text] of outputs) {
  const file = fileURLToPath(new URL(path, root));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  console.log(`${path}  ${text.length} characters`);
}
