import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { StoreUnavailableError } from "../errors.ts";
import { checkKind, isEqual, type KindCheck, type OnRow } from "./check.ts";
import { type Kind, type KindName, kinds, type Row } from "./kinds.ts";
import { openPostgresSource, openPostgresTarget } from "./postgres-side.ts";
import { MoveError, type Source, type Target } from "./side.ts";
import { openSqliteSource, openSqliteTarget } from "./sqlite-side.ts";

/** How far a move is: each row is copied, then checked. */
export interface MoveProgress {
  readonly phase: "copy" | "check";
  readonly kind: KindName;
  /** Of this kind, in this phase. */
  readonly done: number;
  readonly total: number;
  /** Of all that there is to do, from 0 to 1. */
  readonly share: number;
}

export interface MoveOptions {
  /** Each is the data directory of an embedded database, or the URL of one on PostgreSQL. */
  readonly from: string;
  readonly to: string;
  /** Ends the move; the target is left empty. */
  readonly signal?: AbortSignal;
  /** Called at each beginning of a kind, and every thousand rows. */
  readonly onProgress?: (progress: MoveProgress) => void;
}

/** What came of a move. */
export interface Moved {
  readonly checks: readonly KindCheck[];
  /** Runs that were in work when the source's last server died: any worker of the target goes on with them. Not counted as lost once more. */
  readonly givenBack: number;
}

/** Both sides were read, and do not hold the same; the target was left empty. */
export class MoveMismatchError extends MoveError {
  override readonly name: string = "MoveMismatchError";
  readonly checks: readonly KindCheck[];

  constructor(checks: readonly KindCheck[]) {
    const wrong = checks.find((check) => !isEqual(check));
    super(
      `The ${wrong?.kind} differ, first in ${wrong?.firstDifference}. Nothing was moved: the target is left empty.`,
    );
    this.checks = checks;
  }
}

/**
 * Copies all that a store holds into an empty one and reads both to see that they hold the same. Until then the target is empty for everybody,
 * also when this process is killed. The source stays as it is. Rejects with a `MoveError` or a
 * `StoreUnavailableError`; what keeps a side from being opened names that side.
 */
export async function moveStore({ from, to, signal, onProgress }: MoveOptions): Promise<Moved> {
  refuseSame(from, to);
  const source = await opened("from", from, () => openSource(from));
  try {
    const target = await opened("to", to, () => openTarget(to, source));
    try {
      return await move({ source, target, signal, onProgress });
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

type OpenedSource = Source & { readonly session?: number };

async function openSource(place: string): Promise<OpenedSource> {
  return isUrl(place) ? openPostgresSource(place) : openSqliteSource(place);
}

async function openTarget(place: string, { session }: OpenedSource): Promise<Target> {
  return isUrl(place) ? openPostgresTarget(place, session) : openSqliteTarget(place);
}

function isUrl(place: string): boolean {
  return /^postgres(ql)?:\/\//i.test(place);
}

/** Is it meant for the address of some database, in whatever way it is written? No directory is made or looked for under such a name. */
function isAddress(place: string): boolean {
  return /^[a-z][\w+.:-]+:\/|(^|\s)(host|dbname|user|password)\s*=/i.test(place);
}

/** Names the side of what stands in the way. An address is not shown: it holds the password. */
async function opened<Side>(option: "from" | "to", place: string, open: () => Promise<Side>): Promise<Side> {
  const name = isUrl(place) ? "the PostgreSQL database" : isAddress(place) ? "what is given" : place;
  try {
    if (!isUrl(place) && isAddress(place)) {
      throw new MoveError("is neither a directory nor a URL such as postgres://user:password@host:5432/database.");
    }
    return await open();
  } catch (error) {
    if (error instanceof MoveError) throw new MoveError(`--${option}: ${name} ${error.message}`, { cause: error });
    if (error instanceof StoreUnavailableError)
      throw new StoreUnavailableError(`--${option}: ${error.message}`, { cause: error });
    throw error;
  }
}

function refuseSame(from: string, to: string): void {
  if (from === to || (!isUrl(from) && !isUrl(to) && realPath(from) === realPath(to))) {
    throw new MoveError("--from and --to are the same place. Name another one to move to.");
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}

interface Watch {
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: MoveProgress) => void) | undefined;
}

interface Work extends Watch {
  readonly source: Source;
  readonly target: Target;
}

async function move({ source, target, signal, onProgress }: Work): Promise<Moved> {
  const totals = new Map<Kind, number>();
  for (const kind of kinds) totals.set(kind, await source.count(kind));
  const steps = createSteps({ totals, signal, onProgress });
  for (const kind of kinds) {
    const copied = await copyKind({ source, target, kind, onRow: steps.begin("copy", kind) });
    requireAll(kind, totals.get(kind) ?? 0, copied);
  }
  const checks: KindCheck[] = [];
  for (const kind of kinds) {
    const sides = { from: source.read(kind), to: target.read(kind) };
    checks.push(await checkKind(kind, sides, steps.begin("check", kind)));
  }
  if (!checks.every(isEqual)) throw new MoveMismatchError(checks);
  signal?.throwIfAborted();
  const { givenBack } = await target.finish({ lastPlace: await source.lastPlace(), now: Date.now() });
  return { checks, givenBack };
}

/** What belongs to nothing is found by no `select`, and would be lost in silence. */
function requireAll(kind: Kind, total: number, copied: number): void {
  if (copied === total) return;
  throw new MoveError(
    `The source holds ${total} ${kind.name}, of which ${total - copied} belong to nothing else in it. Nothing was moved: the target is left empty.`,
  );
}

/** What one statement carries at most: so many rows, and about so many characters. */
const batchRows = 1_000;
const batchLength = 4_000_000;

interface Copy {
  readonly source: Source;
  readonly target: Target;
  readonly kind: Kind;
  readonly onRow: OnRow;
}

/** Gives how many rows there were. */
async function copyKind({ source, target, kind, onRow }: Copy): Promise<number> {
  let batch: Row[] = [];
  let length = 0;
  let count = 0;
  for await (const row of source.read(kind)) {
    batch.push(row);
    count += 1;
    for (const value of row) length += typeof value === "string" ? value.length : 0;
    const pause = onRow();
    if (pause !== undefined) await pause;
    if (batch.length < batchRows && length < batchLength) continue;
    await target.write(kind, batch);
    batch = [];
    length = 0;
  }
  if (batch.length > 0) await target.write(kind, batch);
  return count;
}

interface Plan extends Watch {
  readonly totals: ReadonlyMap<Kind, number>;
}

const reportEvery = 1_000;

/** Counts rows over the whole move, tells of them, and ends it when it is to end. */
function createSteps({ totals, signal, onProgress }: Plan) {
  const all = 2 * [...totals.values()].reduce((sum, total) => sum + total, 0);
  let doneOfAll = 0;
  return {
    /** Gives what is to be called for each row. */
    begin(phase: MoveProgress["phase"], kind: Kind): OnRow {
      const total = totals.get(kind) ?? 0;
      let done = 0;
      const report = (): void => {
        signal?.throwIfAborted();
        onProgress?.({ phase, kind: kind.name, done, total, share: all === 0 ? 1 : doneOfAll / all });
      };
      report();
      return () => {
        done += 1;
        doneOfAll += 1;
        if (done % reportEvery > 0) return undefined;
        report();
        // Signals of the operating system come between turns, of which reading and writing SQLite has none.
        return nextTurn();
      };
    },
  };
}
