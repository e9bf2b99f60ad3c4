import { parseArgs } from "node:util";
import { checkNames } from "./checks.ts";
import type { Plant } from "./plants.ts";
import type { WorldName } from "./world.ts";

export interface Options {
  readonly seed: number;
  /** Pieces of work, at most, for each store. */
  readonly runs: number;
  /** How long work is begun, at most, for each store. */
  readonly minutes: number;
  readonly callers: number;
  readonly stores: readonly WorldName[];
  readonly plants: readonly Plant[];
  /** Nothing fails but what is planted. */
  readonly calm: boolean;
  /** The server's program; undefined: the one that is built in this repository. */
  readonly program: string | undefined;
  readonly keep: boolean;
  /** Both stores at once, for a gate that cannot wait. */
  readonly short: boolean;
}

export const usage = `Usage: npm run test:chaos [-- options]

  --seed=…        what is called and what fails, in which order; printed, so that it can be done again
  --runs=2000     pieces of work for each store, at most
  --minutes=10    how long work is begun for each store, at most
  --store=both    both, embedded or postgres
  --callers=24    callers at the same time
  --short         both stores at once, 400 pieces of work each within 36 s: the form of the gate
  --calm          nothing fails: what callers and checkers make of it alone
  --plant=…       faults that their checkers must find: ${checkNames.join(",")}
  --program=…     another server than the built one of this repository: the path of its main.js, or of main.ts
  --keep          keeps logs and databases also when all is well`;

const stores = { both: ["embedded", "postgres"], embedded: ["embedded"], postgres: ["postgres"] } as const;

/** Reads the arguments; "help" when that was asked for. Throws what is wrong with them, in words for people. */
export function readOptions(args: readonly string[], newSeed: () => number): Options | "help" {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: "string" },
      runs: { type: "string" },
      minutes: { type: "string" },
      callers: { type: "string", default: "24" },
      store: { type: "string", default: "both" },
      plant: { type: "string" },
      program: { type: "string" },
      calm: { type: "boolean", default: false },
      keep: { type: "boolean", default: false },
      short: { type: "boolean", default: false },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help === true) return "help";
  const { short, keep, calm, program } = values;
  return {
    seed: values.seed === undefined ? newSeed() : readNumber("--seed", values.seed),
    runs: readNumber("--runs", values.runs ?? (short ? "400" : "2000")),
    minutes: readNumber("--minutes", values.minutes ?? (short ? "0.6" : "10")),
    callers: readNumber("--callers", values.callers),
    stores: readName("--store", values.store, stores),
    plants: (values.plant?.split(",") ?? []).map((name) => readName("--plant", name, plants)),
    calm,
    program,
    keep,
    short,
  };
}

const plants = Object.fromEntries(checkNames.map((name) => [name, name])) as Readonly<Record<Plant, Plant>>; // its own names

function readNumber(name: string, text: string): number {
  const number = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (number >= 0) return number;
  throw new Error(`${name} must be a number from 0; it is "${text}".`);
}

function readName<Value>(name: string, text: string, known: Readonly<Record<string, Value>>): Value {
  const value = Object.hasOwn(known, text) ? known[text] : undefined;
  if (value !== undefined) return value;
  throw new Error(`${name} must be one of ${Object.keys(known).join(", ")}; it is "${text}".`);
}
