/** `npm run bench -- document`: writes `docs/benchmarks.md` and its drawing from the results that lie in `bench/`. What stands by hand in the page stays. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readResults } from "../results.ts";
import { drawBars } from "./chart.ts";
import type { Measured } from "./measured.ts";
import { pageOf } from "./page.ts";

const root = join(import.meta.dirname, "../../..");
const page = join(root, "docs/benchmarks.md");
const drawing = "benchmarks.svg";

const measured: Measured = {
  peers: readResults("peers"),
  executions: readResults("executions"),
  jobs: readResults("jobs"),
  takeover: readResults("takeover"),
  tails: readResults("tails"),
  wal: readResults("wal"),
  shapes: readResults("shapes"),
  growth: readResults("growth"),
  sse: readResults("sse"),
  faults: readResults("faults"),
};

const svg = drawBars(measured.peers?.content.rows ?? []);
if (svg !== undefined) writeFileSync(join(root, "docs", drawing), svg);
const before = existsSync(page) ? readFileSync(page, "utf8") : undefined;
writeFileSync(page, pageOf({ measured, before, drawing: svg === undefined ? undefined : drawing }));
execFileSync(join(root, "node_modules/.bin/oxfmt"), [page]);
console.log(`Wrote ${page}.`);
