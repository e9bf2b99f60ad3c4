import { globSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { expect, test } from "vitest";
import { echoModel } from "./echo.ts";

const root = join(import.meta.dirname, "../../../..");
const home = join("packages", "engine", "src", "models") + sep;

/** Tests may, and so may what is generated: the contract's descriptions and examples. */
function isOutsideTheRule(path: string): boolean {
  return path.startsWith(home) || /\.test\.tsx?$/.test(path) || path.split(sep).includes("generated");
}

test("no source outside models/ names the built-in model: what is true of it alone would be true of no other", () => {
  const sources = globSync("{packages,apps,tools}/*/src/**/*.{ts,tsx,mjs}", {
    cwd: root,
    exclude: ["**/node_modules"],
  });
  expect(sources.length).toBeGreaterThan(200);
  const offenders = sources
    .filter((path) => !isOutsideTheRule(path))
    .filter((path) => readFileSync(join(root, path), "utf8").includes(echoModel));
  expect(offenders).toEqual([]);
});
