import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { findViolations, importsOf } from "./boundaries.mjs";

const table = {
  "packages/low": { workspace: [], npm: ["good"], builtins: false },
  "apps/high": { workspace: ["@noukai/low"], workspaceTypes: ["@noukai/wire"], npm: ["@scope/*"], builtins: true },
};

function violationsOf(folder, source, name = "a.ts") {
  const root = mkdtempSync(join(tmpdir(), "noukai-boundaries-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, folder, "src"), { recursive: true });
  writeFileSync(join(root, folder, "src", name), source);
  return findViolations(root, table);
}

test("lets through what the table allows", () => {
  expect(
    violationsOf("packages/low", 'import a from "good";\nimport { b } from "good/sub";\nimport "./b.ts";'),
  ).toEqual([]);
  expect(
    violationsOf(
      "apps/high",
      'import fs from "node:fs";\nimport x from "@scope/x";\nexport { low } from "@noukai/low";',
    ),
  ).toEqual([]);
});

test.for([
  ["a package that points up", "packages/low", 'import { high } from "@noukai/high";'],
  ["an unlisted dependency", "packages/low", 'import other from "goodness";'],
  ["a built-in in an isomorphic package", "packages/low", 'import { join } from "node:path";'],
  ["a relative path out of the package", "apps/high", 'import low from "../../../packages/low/src/a.ts";'],
  ["a value from a types-only import", "apps/high", 'import { wire } from "@noukai/wire";'],
  ["a re-export", "packages/low", 'export * from "other";'],
  ["a dynamic import", "packages/low", 'const other = await import("other");'],
  ["an import over several lines", "packages/low", 'import {\n  a,\n  b,\n} from "other";'],
])("refuses %s", ([, folder, source]) => {
  expect(violationsOf(folder, source)).toHaveLength(1);
});

test("takes a type from a types-only import, and leaves tests alone", () => {
  expect(violationsOf("apps/high", 'import type { Wire } from "@noukai/wire";')).toEqual([]);
  expect(violationsOf("packages/low", 'import x from "anything";', "a.test.ts")).toEqual([]);
});

test("finds every form of import once", () => {
  expect(
    importsOf('import "a";\nimport b from "b";\nexport { c } from "c";\nimport type { D } from "d";').map(
      (found) => found.specifier,
    ),
  ).toEqual(["a", "b", "c", "d"]);
});
