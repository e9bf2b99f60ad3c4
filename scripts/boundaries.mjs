#!/usr/bin/env node
// Holds every package to the import table in `boundaries.json` (its source: ARCHITECTURE.md, "Map").
// Sources only: tests may import what they need. Plain text scanning is enough, as imports are static by our own rule.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

const importPattern =
  /(?:^|\n)\s*(import|export)\s+(type\s+)?(?:[^"';]*?\sfrom\s+)?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/g;

/** Every forbidden import of the packages that `table` names, as one line each. */
export function findViolations(root, table) {
  return Object.entries(table).flatMap(([folder, rule]) =>
    sourceFiles(
      join(root, folder, "src"),
      (rule.tests ?? []).map((path) => join(root, folder, path)),
    ).flatMap((file) =>
      importsOf(readFileSync(file, "utf8"))
        .map(({ specifier, isType }) => ({
          specifier,
          reason: refusal(specifier, { file, isType, rule, home: join(root, folder) }),
        }))
        .filter(({ reason }) => reason !== undefined)
        .map(({ specifier, reason }) => `${relative(root, file)}: "${specifier}" ${reason}`),
    ),
  );
}

/** The specifiers that a source text imports or re-exports. */
export function importsOf(text) {
  return Array.from(text.matchAll(importPattern), (match) => ({
    specifier: match[3] ?? match[4],
    isType: match[2] !== undefined,
  }));
}

function refusal(specifier, { file, isType, rule, home }) {
  if (specifier.startsWith(".")) {
    const target = resolve(dirname(file), specifier);
    return target.startsWith(home + sep) ? undefined : "leaves the package; import it by its package name";
  }
  if (isBuiltin(specifier)) return rule.builtins ? undefined : "is a Node built-in; this package runs everywhere";
  if (matches(specifier, rule.workspace) || matches(specifier, rule.npm)) return undefined;
  if (matches(specifier, rule.workspaceTypes ?? [])) return isType ? undefined : "may be imported as types only";
  return "is not in this package's row of scripts/boundaries.json";
}

function matches(specifier, allowed) {
  return allowed.some((name) =>
    name.endsWith("/*")
      ? specifier.startsWith(name.slice(0, -1))
      : specifier === name || specifier.startsWith(`${name}/`),
  );
}

/** The sources below `folder`; `tests` are paths of test support that lies among them. */
function sourceFiles(folder, tests) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !tests.some((path) => file.startsWith(path)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const table = JSON.parse(readFileSync(join(root, "scripts/boundaries.json"), "utf8"));
  const violations = findViolations(root, table);
  for (const violation of violations) console.error(violation);
  if (violations.length > 0) process.exit(1);
}
