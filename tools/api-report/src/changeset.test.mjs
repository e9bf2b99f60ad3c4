import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { undeclaredChange } from "./changeset.mjs";

const REPORT = "packages/sdk/api/index.api.md";
const CHANGESET = ".changeset/new-thing.md";

/** A repository of its own, and what one does in it. */
function repository() {
  const root = mkdtempSync(join(tmpdir(), "noukai-changeset-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const git = (...args) => execFileSync("git", args, { cwd: root, stdio: "pipe" });
  git("init", "--quiet");
  git("config", "user.name", "test");
  git("config", "user.email", "test@example.com");
  return {
    write(...paths) {
      for (const path of paths) {
        mkdirSync(dirname(join(root, path)), { recursive: true });
        writeFileSync(join(root, path), String(Math.random()));
      }
    },
    commit() {
      git("add", "--all");
      git("commit", "--quiet", "--message=change");
    },
    faults: () => undeclaredChange(root, "packages/sdk/api"),
  };
}

test("a report that changed alone is a fault, before its commit and after it", () => {
  const { write, commit, faults } = repository();
  write(REPORT);
  expect(faults()).toEqual(["packages/sdk/api changed without a changeset. Run: npx changeset"]);
  commit();
  expect(faults()).toEqual([expect.stringMatching(/^[0-9a-f]{9} changed packages\/sdk\/api without a changeset\.$/)]);
});

test("a report that changed beside a changeset is none", () => {
  const { write, commit, faults } = repository();
  write(REPORT, CHANGESET);
  expect(faults()).toEqual([]);
  commit();
  expect(faults()).toEqual([]);
});

test("a later commit that leaves the report alone needs no changeset", () => {
  const { write, commit, faults } = repository();
  write(REPORT, CHANGESET);
  commit();
  write("packages/sdk/src/index.ts");
  commit();
  expect(faults()).toEqual([]);
});

test("a second change of the report needs a changeset of its own", () => {
  const { write, commit, faults } = repository();
  write(REPORT, CHANGESET);
  commit();
  write(REPORT);
  commit();
  expect(faults()).toHaveLength(1);
});

test("a release, which turns changesets into a changelog, is no fault", () => {
  const { write, commit, faults } = repository();
  write(REPORT, "packages/sdk/CHANGELOG.md");
  commit();
  expect(faults()).toEqual([]);
});
