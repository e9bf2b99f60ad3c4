import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

/**
 * Why the change of a folder of reports lacks a changeset, as a list of at most one sentence. What is not committed yet must bring one; so
 * must have the commit that changed the reports last. Both are of one commit: who reads the changelog must find there what the diff shows.
 */
export function undeclaredChange(root, reports) {
  if (!existsSync(join(root, ".git"))) return []; // an archive has no history to ask
  const pending = git(root, "status", "--porcelain", "--untracked-files=all").map((line) => line.slice(3));
  if (pending.some((path) => path.startsWith(`${reports}/`))) {
    return pending.some(isChangeset) ? [] : [`${reports} changed without a changeset. Run: npx changeset`];
  }
  const [commit] = git(root, "log", "-1", "--format=%H", "--", reports);
  if (commit === undefined) return [];
  const paths = git(root, "show", "--format=", "--name-only", commit);
  return paths.some(isChangeset) ? [] : [`${commit.slice(0, 9)} changed ${reports} without a changeset.`];
}

/** A changeset, or the changelog that a release turned it into. */
function isChangeset(path) {
  return /^\.changeset\/(?!README)[\w-]+\.md$/.test(path) || /^packages\/[\w-]+\/CHANGELOG\.md$/.test(path);
}

function git(root, ...args) {
  return execFileSync("git", args, { cwd: root, encoding: "utf8" }).split("\n").filter(Boolean);
}
