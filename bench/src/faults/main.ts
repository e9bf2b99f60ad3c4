/**
 * `node bench/src/faults/main.ts`: what each client makes of each fault of a stream, on a real socket. A table, and `bench/results-faults.json`.
 * A peer whose protocol has no way back is right with a typed error where ours must go on.
 */
import { FAULTS } from "../../../packages/sdk/conformance/client/faults.ts";
import { judge, type Verdict } from "../../../packages/sdk/conformance/client/verdict.ts";
import { writeResults } from "../results.ts";
import { SUBJECTS } from "./peers.ts";

export interface FaultsColumn {
  readonly name: string;
  /** Faults that it took as it should, of those below. */
  readonly right: number;
  readonly verdicts: readonly Verdict[];
}

// Some peers let failures escape beside the one that they report: they are counted as told, not as a crash of this program.
process.on("unhandledRejection", () => {}).on("uncaughtException", () => {});

const columns: readonly FaultsColumn[] = await Promise.all(
  SUBJECTS.map(async (subject) => {
    const verdicts: Verdict[] = [];
    for (const fault of FAULTS) verdicts.push(await judge(subject, fault));
    return { name: subject.name, right: verdicts.filter(({ isRight }) => isRight).length, verdicts };
  }),
);

for (const [index, { name }] of FAULTS.entries()) {
  console.log(name);
  for (const column of columns) {
    const verdict = column.verdicts[index];
    console.log(`  ${verdict?.isRight ? "ok  " : "FAIL"} ${column.name.padEnd(18)} ${verdict?.what}`);
  }
}
console.log();
for (const { name, right } of columns) console.log(`${name.padEnd(18)} ${right} of ${FAULTS.length}`);
writeResults("faults", columns);
process.exit(0);
