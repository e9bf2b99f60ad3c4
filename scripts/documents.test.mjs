import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../", import.meta.url));

/** Made when the server runs. */
const madeLater = new Set([".noukai/"]);

/** What stands in backticks and looks like a path from the root: it has a slash, or ends as our files do. */
function pathsIn(document) {
  const prose = readFileSync(`${root}${document}`, "utf8").replace(/^```[^]*?^```$/gm, "");
  const quoted = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, text]) => text);
  return quoted.filter((text) => /^[\w.*/-]+$/.test(text) && /\/|\.(?:ts|mjs|json|yaml|md)$/.test(text));
}

test.for(["ARCHITECTURE.md", "CONTRIBUTING.md"])("every path that %s names is there", (document) => {
  const paths = pathsIn(document);
  expect(paths.length).toBeGreaterThan(5);
  const missing = paths.filter((path) => !madeLater.has(path) && globSync(path, { cwd: root }).length === 0);
  expect(missing).toEqual([]);
});
