import { expect, it } from "vitest";
import { newRunId } from "../../run-id.ts";
import type { RunEvent } from "../../events.ts";
import type { NewRun, RunStatus } from "../store.ts";
import { append, completed, seize, started, type Subject, written } from "./subject.ts";

/** A run that moved to `status` with an event of seq 2 at `at`. */
async function runAt(
  { start, write }: Subject,
  status: RunStatus,
  at: number,
  changes: Partial<NewRun> = {},
): Promise<string> {
  const id = await start(changes);
  expect(await write({ ...append(id, 1, { ...completed(2), at }), status })).toEqual(written);
  return id;
}

/** A log without payloads, as long as the one that `prunedRun` gets. */
const bare: readonly RunEvent[] = [started(), ...[2, 3, 4, 5].map((seq) => completed(seq, {}))];

/** A run that ended, with five events in three entries under two epochs. */
async function endedRun({ store, start, write }: Subject): Promise<string> {
  const id = await start({ input: { message: "secret" }, options: { messages: ["secret"] } });
  const secret = { text: "secret" };
  await write({ ...append(id, 1, completed(2, secret), completed(3, secret)), release: true });
  await store.claim("worker-2", 1);
  await write({ ...append(id, 2, completed(4, secret), completed(5, secret)), status: "completed" });
  return id;
}

export function describeRetention(subject: () => Subject): void {
  it("finds runs that have been paused since before a time, longest first", async () => {
    const { store, start, write } = subject();
    const third = await runAt(subject(), "paused", 7_000);
    const first = await runAt(subject(), "paused", 5_000);
    const second = await runAt(subject(), "paused", 6_000);
    const resumed = await runAt(subject(), "paused", 4_000);
    await write(seize(resumed, 1, "running", completed(3)));
    await runAt(subject(), "failed", 4_000);
    await start();
    const idsBefore = async (at: number, limit: number) => (await store.pausedBefore(at, limit)).map(({ id }) => id);
    expect(await idsBefore(8_000, 10)).toEqual([first, second, third]);
    expect(await idsBefore(7_000, 10)).toEqual([first, second]);
    expect(await idsBefore(8_000, 1)).toEqual([first]);
    expect(await idsBefore(5_000, 10)).toEqual([]);
    expect(await store.pausedBefore(8_000, 1)).toEqual([await store.run(first)]);
  });

  it("finds runs whose payloads nobody wants any more, oldest end first", async () => {
    const { store, start } = subject();
    const third = await runAt(subject(), "completed", 7_000);
    const first = await runAt(subject(), "failed", 5_000);
    const second = await runAt(subject(), "cancelled", 6_000, { capture: "off" });
    const last = await runAt(subject(), "completed", 7_500, { capture: "redacted" });
    await runAt(subject(), "completed", 4_000, { traced: true });
    await runAt(subject(), "completed", 4_000, { capture: "full" });
    await runAt(subject(), "paused", 4_000);
    await start();
    const idsBefore = async (at: number, limit: number) => (await store.prunable(at, limit)).map(({ id }) => id);
    expect(await idsBefore(8_000, 10)).toEqual([first, second, third, last]);
    expect(await idsBefore(7_000, 10)).toEqual([first, second]);
    expect(await idsBefore(8_000, 1)).toEqual([first]);
    expect(await store.prunable(8_000, 1)).toEqual([await store.run(first)]);
  });

  it("drops payloads, keeps seqs and everything else, and finds the run no more", async () => {
    const { store } = subject();
    const id = await endedRun(subject());
    const before = await store.run(id);
    expect(before).toMatchObject({ isPruned: false, lastSeq: 5 });
    await store.prune(id, bare);
    expect(await store.run(id)).toEqual({ ...before, input: {}, options: {}, isPruned: true });
    expect(await store.prunable(Date.now(), 10)).toEqual([]);
    for (let cursor = 0; cursor <= 5; cursor++) {
      for (let limit = 1; limit <= 5; limit++) {
        expect(await store.eventsAfter(id, cursor, limit)).toEqual(bare.slice(cursor, cursor + limit));
      }
    }
  });

  it("may drop the same payloads again", async () => {
    const { store } = subject();
    const id = await endedRun(subject());
    await store.prune(id, bare);
    const pruned = await store.run(id);
    await store.prune(id, bare);
    expect(await store.run(id)).toEqual(pruned);
    expect(await store.eventsAfter(id, 0, 10)).toEqual(bare);
  });

  it.each<[string, readonly RunEvent[]]>([
    ["is shorter", bare.slice(0, 4)],
    ["is longer", [...bare, completed(6, {})]],
    ["leaves one out", [...bare.slice(0, 3), completed(5, {}), completed(6, {})]],
    ["begins later", bare.slice(1)],
    ["is empty", []],
  ])("refuses a log that %s, and changes nothing", async (_, events) => {
    const { store } = subject();
    const id = await endedRun(subject());
    const [run, log] = [await store.run(id), await store.eventsAfter(id, 0, 10)];
    await expect(store.prune(id, events)).rejects.toThrow();
    expect(await store.run(id)).toEqual(run);
    expect(await store.eventsAfter(id, 0, 10)).toEqual(log);
  });

  it("refuses to prune a run that goes on, and one that is not there", async () => {
    const { store, start } = subject();
    const open = [await start(), await start({ owner: null }), await runAt(subject(), "paused", 4_000)];
    for (const id of open) {
      const [run, log] = [await store.run(id), await store.eventsAfter(id, 0, 10)];
      await expect(store.prune(id, log)).rejects.toThrow(id);
      expect(await store.run(id)).toEqual(run);
    }
    await expect(store.prune(newRunId(), [])).rejects.toThrow();
  });
}
