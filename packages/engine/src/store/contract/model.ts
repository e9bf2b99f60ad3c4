import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { RunEvent } from "../../events.ts";
import { type AppendOutcome, isOver, type JournalEntry, type NewRun, type RunStatus } from "../store.ts";
import { completed, type Subject } from "./subject.ts";

type AppendEntry = JournalEntry & { readonly kind: "append" };

interface ModelRun {
  status: RunStatus;
  epoch: number;
  owner: string | null;
  readonly log: RunEvent[];
  /** What was appended, under which epoch. */
  readonly commits: string[];
}

/** What the port's documentation says, in the plainest code. */
class Model {
  readonly runs = new Map<string, ModelRun>();
  readonly #keys = new Map<string, { readonly runId: string; readonly requestHash: string }>();

  write(entry: JournalEntry): AppendOutcome["outcome"] {
    return entry.kind === "create" ? this.#create(entry.run, entry.events) : this.#append(entry);
  }

  claim(worker: string): void {
    for (const run of this.runs.values()) {
      if (run.status === "pending") Object.assign(run, { status: "running", epoch: run.epoch + 1, owner: worker });
    }
  }

  #create({ id, owner, idempotency }: NewRun, events: readonly RunEvent[]): AppendOutcome["outcome"] {
    if (this.runs.has(id)) return "written";
    if (idempotency !== null && this.#keys.has(idempotency.key)) return "duplicate";
    const epoch = owner === null ? 0 : 1;
    const status = owner === null ? "pending" : "running";
    this.runs.set(id, { status, epoch, owner, log: [...events], commits: [JSON.stringify([epoch, events])] });
    if (idempotency !== null) this.#keys.set(idempotency.key, { runId: id, requestHash: idempotency.requestHash });
    return "written";
  }

  #append({ runId, epoch, events, status, release }: AppendEntry): AppendOutcome["outcome"] {
    const run = this.runs.get(runId);
    if (run === undefined) return "refused";
    const next = release === true ? "pending" : status;
    const commit = JSON.stringify([epoch, events]);
    const isHolder = run.epoch === epoch && !isOver(run.status);
    const isNext = events.length === 0 || events[0]?.seq === run.log.length + 1;
    if (!isHolder || !isNext) {
      const isRepeated = events.length > 0 ? run.commits.includes(commit) : run.epoch === epoch && run.status === next;
      if (isRepeated) return "written";
      return isHolder ? "refused" : "staleEpoch";
    }
    run.log.push(...events);
    run.commits.push(commit);
    if (next !== undefined) run.status = next;
    if (next !== undefined && next !== "running" && next !== "paused") run.owner = null;
    return "written";
  }
}

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

/** Sends an earlier entry once more, as a journal does when an answer was lost. */
interface RepeatCommand {
  readonly kind: "repeat";
  readonly which: number;
}

type Command = CreateCommand | AppendCommand | RepeatCommand;

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

const repeats: fc.Arbitrary<RepeatCommand> = fc.record({ kind: fc.constant("repeat"), which: fc.nat() });

type Step = readonly Command[] | "claim";

const commits: fc.Arbitrary<Step> = fc.array(
  fc.oneof({ weight: 2, arbitrary: creates }, { weight: 6, arbitrary: appends }, { weight: 1, arbitrary: repeats }),
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
    const runId = this.#id(command.slot);
    const run = this.model.runs.get(runId);
    const first = Math.max((run?.log.length ?? 0) + 1 + command.seqShift, 1);
    return {
      kind: "append",
      runId,
      epoch: (run?.epoch ?? 0) + command.epochShift,
      events: Array.from({ length: command.count }, (_, index) => completed(first + index)),
      ...(command.status === undefined ? {} : { status: command.status }),
      ...(command.isRelease ? { release: true } : {}),
    };
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
    expect(await store.run(id)).toMatchObject({ status, epoch, owner, lastSeq: log.length });
    // Nothing is left waiting for the next history's claims.
    await subject.write({ kind: "append", runId: id, epoch, events: [], status: "cancelled" });
  }
}

export function describeModel(subject: () => Subject): void {
  it("agree with the model in every outcome and every log", async () => {
    const property = fc.asyncProperty(histories, (steps) => playHistory(subject(), steps));
    await expect(fc.assert(property, { numRuns: 200 })).resolves.toBeUndefined();
  }, 60_000);
}
