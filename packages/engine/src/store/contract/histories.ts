import * as fc from "fast-check";
import { expect, it } from "vitest";
import { isOver, type JournalEntry, type RunStatus } from "../store.ts";
import { Model } from "./model.ts";
import { completed, type Subject } from "./subject.ts";

/** Histories are about four runs. */
const slots = fc.nat({ max: 3 });

interface CreateCommand {
  readonly kind: "create";
  readonly slot: number;
  readonly isHeld: boolean;
  readonly key: string | null;
  readonly requestHash: string;
}

interface AppendCommand {
  readonly kind: "append";
  readonly slot: number;
  /** Added to what would be right. */
  readonly epochShift: number;
  readonly seqShift: number;
  readonly count: number;
  readonly status: RunStatus | undefined;
  readonly isRelease: boolean;
}

interface SeizeCommand {
  readonly kind: "seize";
  readonly slot: number;
  readonly epochShift: number;
  readonly seqShift: number;
  readonly count: number;
  readonly status: RunStatus;
  readonly owner: string | null;
}

/** Sends an earlier entry once more, as a journal does when an answer was lost. */
interface RepeatCommand {
  readonly kind: "repeat";
  readonly which: number;
}

type Command = CreateCommand | AppendCommand | SeizeCommand | RepeatCommand;

const firstCreate: CreateCommand = { kind: "create", slot: 0, isHeld: true, key: null, requestHash: "hash-1" };

const creates: fc.Arbitrary<CreateCommand> = fc.record({
  kind: fc.constant("create"),
  slot: slots,
  isHeld: fc.boolean(),
  key: fc.constantFrom(null, null, "key-1", "key-2"),
  requestHash: fc.constantFrom("hash-1", "hash-2"),
});

const appends: fc.Arbitrary<AppendCommand> = fc.record({
  kind: fc.constant("append"),
  slot: slots,
  epochShift: fc.constantFrom(0, 0, 0, 0, 0, 0, -1, 1),
  seqShift: fc.constantFrom(0, 0, 0, 0, 0, 0, -2, -1, 1),
  count: fc.nat({ max: 3 }),
  status: fc.constantFrom<(RunStatus | undefined)[]>(
    undefined,
    undefined,
    undefined,
    "running",
    "paused",
    "pending",
    "completed",
    "failed",
  ),
  isRelease: fc.constantFrom(false, false, false, false, true),
});

const seizures: fc.Arbitrary<SeizeCommand> = fc.record({
  kind: fc.constant("seize"),
  slot: slots,
  epochShift: fc.constantFrom(0, 0, 0, 0, 0, 0, -1, 1),
  seqShift: fc.constantFrom(0, 0, 0, 0, 0, 0, -2, -1, 1),
  count: fc.nat({ max: 2 }),
  status: fc.constantFrom<RunStatus[]>("running", "running", "running", "pending", "paused", "cancelled", "failed"),
  owner: fc.constantFrom("worker-3", "worker-3", "worker-4", null),
});

const repeats: fc.Arbitrary<RepeatCommand> = fc.record({ kind: fc.constant("repeat"), which: fc.nat() });

type Step = readonly Command[] | "claim";

const commits: fc.Arbitrary<Step> = fc.array(
  fc.oneof(
    { weight: 2, arbitrary: creates },
    { weight: 6, arbitrary: appends },
    { weight: 3, arbitrary: seizures },
    { weight: 1, arbitrary: repeats },
  ),
  { minLength: 1, maxLength: 8 },
);
const claims: fc.Arbitrary<Step> = fc.constant("claim");
const histories = fc.array(fc.oneof({ weight: 4, arbitrary: commits }, { weight: 1, arbitrary: claims }), {
  maxLength: 15,
});

/** Turns commands into entries that are mostly right, by what the model knows. */
class Author {
  readonly model = new Model();
  readonly #subject: Subject;
  readonly #ids: readonly string[];
  readonly #sent: JournalEntry[] = [];
  /** Keys outlive a history in the store, not in the model. */
  readonly #keyScope: string;

  constructor(subject: Subject) {
    this.#subject = subject;
    this.#ids = Array.from({ length: 4 }, () => subject.newRun().id);
    this.#keyScope = subject.newRun().id;
  }

  entry(command: Command): JournalEntry {
    const entry = this.#make(command);
    this.#sent.push(entry);
    return entry;
  }

  #make(command: Command): JournalEntry {
    if (command.kind === "create") return this.#create(command);
    if (command.kind === "append") return this.#append(command);
    if (command.kind === "seize") return this.#seize(command);
    return this.#sent[command.which % this.#sent.length] ?? this.#create(firstCreate);
  }

  #create({ slot, isHeld, key, requestHash }: CreateCommand): JournalEntry {
    const run = this.#subject.newRun({
      id: this.#id(slot),
      owner: isHeld ? "worker-1" : null,
      idempotency: key === null ? null : { key: `${this.#keyScope} ${key}`, requestHash },
    });
    return { kind: "create", run, events: [completed(1)] };
  }

  #append(command: AppendCommand): JournalEntry {
    return {
      kind: "append",
      ...this.#next(command),
      ...(command.status === undefined ? {} : { status: command.status }),
      ...(command.isRelease ? { release: true } : {}),
    };
  }

  #seize(command: SeizeCommand): JournalEntry {
    return { kind: "seize", ...this.#next(command), status: command.status, owner: command.owner };
  }

  #next({ slot, epochShift, seqShift, count }: AppendCommand | SeizeCommand) {
    const runId = this.#id(slot);
    const run = this.model.runs.get(runId);
    const first = Math.max((run?.log.length ?? 0) + 1 + seqShift, 1);
    const events = Array.from({ length: count }, (_, index) => completed(first + index));
    return { runId, epoch: (run?.epoch ?? 0) + epochShift, events };
  }

  #id(slot: number): string {
    const id = this.#ids[slot];
    if (id === undefined) throw new Error(`There is no slot ${slot}.`);
    return id;
  }
}

/** Lets the store and the model live through the same history and compares them. */
async function playHistory(subject: Subject, steps: readonly Step[]): Promise<void> {
  const { store } = subject;
  const author = new Author(subject);
  const { model } = author;
  for (const step of steps) {
    if (step === "claim") {
      model.claim("worker-2");
      await store.claim("worker-2", 100);
      continue;
    }
    const expected: string[] = [];
    const entries = step.map((command) => {
      const entry = author.entry(command);
      expected.push(model.write(entry));
      return entry;
    });
    const outcomes = await store.append(entries);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(expected);
  }
  for (const [id, { log, status, epoch, owner }] of model.runs) {
    expect(await store.eventsAfter(id, 0, 1_000)).toEqual(log);
    const record = await store.run(id);
    expect(record).toMatchObject({ status, epoch, owner, lastSeq: log.length });
    expect(record?.pausedAt !== null).toBe(status === "paused");
    expect(record?.completedAt !== null).toBe(isOver(status));
    // Nothing is left waiting for the next history's claims.
    await subject.write({ kind: "append", runId: id, epoch, events: [], status: "cancelled" });
  }
}

export function describeHistories(subject: () => Subject): void {
  it("agree with the model in every outcome and every log", async () => {
    const property = fc.asyncProperty(histories, (steps) => playHistory(subject(), steps));
    await expect(fc.assert(property, { numRuns: 200 })).resolves.toBeUndefined();
  }, 60_000);
}
