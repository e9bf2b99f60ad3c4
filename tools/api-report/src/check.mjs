// Fails when a report is not what the built types say, when it changed without a changeset, or when an export has no docstring.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { undeclaredChange } from "./changeset.mjs";
import { writeReports } from "./report.mjs";

const root = join(import.meta.dirname, "../../..");
const faults = ["core", "sdk", "hono"].flatMap((name) => [
  ...staleReports(name),
  ...undeclaredChange(root, `packages/${name}/api`),
  ...undocumentedExports(name),
]);
for (const fault of faults) console.error(fault);
process.exit(faults.length === 0 ? 0 : 1);

function staleReports(name) {
  const folder = join(root, "packages", name);
  const fresh = mkdtempSync(join(tmpdir(), "noukai-api-"));
  try {
    writeReports(folder, fresh);
    const reports = new Set([...readdirSync(fresh), ...readdirSync(join(folder, "api"))]);
    return [...reports]
      .filter((file) => textOf(join(fresh, file)) !== textOf(join(folder, "api", file)))
      .map((file) => `packages/${name}/api/${file} is not what the package exports. Run: npm run api`);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** Members may speak for themselves; what is imported by its name says what it is. */
function undocumentedExports(name) {
  const folder = join(root, "packages", name, "api");
  return readdirSync(folder).flatMap((file) =>
    [...readFileSync(join(folder, file), "utf8").matchAll(/^\/\/ @\w+ \(undocumented\)\n(export .*)/gm)].map(
      ([, declaration]) => `packages/${name}: no docstring at: ${declaration}`,
    ),
  );
}

function textOf(file) {
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}
