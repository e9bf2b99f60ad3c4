import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PartialChunk, PartialStore, Store } from "../store.ts";
import { furnish, type Furnished, never, type StoreUnderTest } from "./subject.ts";

/** Where the store keeps partial output, which it must. */
export function partialsOf({ partials }: Store): PartialStore {
  if (partials === undefined) throw new Error("The store keeps no partial output.");
  return partials;
}

/** The promises of `PartialStore` as tests, to be run by every store that has one. `open` gives a fresh, empty store. */
export function describePartials(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`partial output in a store (${name})`, () => {
    let world: StoreUnderTest;
    let subject: Furnished;
    let partials: PartialStore;
    let runId: string;

    beforeEach(async () => {
      world = await open();
      subject = await furnish(world.store);
      partials = partialsOf(world.store);
      runId = await subject.start();
    });
    afterEach(() => world.dispose());

    const chunk = (offset: number, delta: string, changes: Partial<PartialChunk> = {}): PartialChunk => ({
      runId,
      stepId: "a",
      attempt: 1,
      loopPath: [],
      afterSeq: 1,
      offset,
      delta,
      ...changes,
    });

    it("gives each text whole, from its beginning", async () => {
      const inLoop = { stepId: "b", loopPath: [1, 10] };
      await partials.append([chunk(0, "one "), chunk(0, "uno ", inLoop)]);
      await partials.append([chunk(4, "two "), chunk(4, "due ", inLoop)]);
      await partials.append([chunk(8, "three")]);
      expect(await partials.read(runId)).toEqual([chunk(0, "one two three"), chunk(0, "uno due ", inLoop)]);
      expect(await partials.read(await subject.start())).toEqual([]);
    });

    it("keeps the order of chunks whatever the length of their offsets", async () => {
      const words = Array.from({ length: 30 }, (_, index) => `${index} `);
      let text = "";
      for (const word of words) {
        await partials.append([chunk(text.length, word)]);
        text += word;
      }
      expect(await partials.read(runId)).toEqual([chunk(0, text)]);
    });

    it("takes a chunk that ends within a character, and NUL", async () => {
      await partials.append([chunk(0, "\u0000 \ud83d")]);
      await partials.append([chunk(3, "\ude00")]);
      expect(await partials.read(runId)).toEqual([chunk(0, "\u0000 😀")]);
    });

    it("replaces a chunk that is written again and has grown", async () => {
      await partials.append([chunk(0, "one ")]);
      await partials.append([chunk(0, "one two ")]);
      await partials.append([chunk(8, "three")]);
      expect(await partials.read(runId)).toEqual([chunk(0, "one two three")]);
    });

    it("gives no text behind a chunk that is missing", async () => {
      await partials.append([chunk(0, "one "), chunk(8, "three"), chunk(4, "due ", { stepId: "b" })]);
      expect(await partials.read(runId)).toEqual([chunk(0, "one ")]);
    });

    it("keeps the texts of two attempts apart", async () => {
      const second = { attempt: 2, afterSeq: 5 };
      await partials.append([chunk(0, "first"), chunk(0, "second", second)]);
      expect(await partials.read(runId)).toEqual([chunk(0, "first"), chunk(0, "second", second)]);
    });

    it("forgets the texts of a step that began by then, and no others", async () => {
      const other = { runId: await subject.start() };
      const kept = [
        chunk(0, "later", { afterSeq: 5 }),
        chunk(0, "neighbour", { stepId: "b" }),
        chunk(0, "another pass", { loopPath: [1] }),
        chunk(0, "other", other),
      ];
      await partials.append([chunk(0, "one "), chunk(4, "two"), ...kept]);
      await partials.drop([chunk(0, "", { afterSeq: 4 })]);
      await partials.drop([chunk(0, "", { afterSeq: 4 })]);
      expect(await partials.read(runId)).toEqual([kept[2], ...kept.slice(0, 2)]);
      expect(await partials.read(other.runId)).toEqual(kept.slice(3));
    });

    it("wakes the readers of a run's text, and lets those of its log sleep", async () => {
      const logged = { isWoken: false };
      void world.store.changed(runId, never()).then(() => {
        logged.isWoken = true;
      });
      const change = partials.changed(runId, never());
      await partials.append([chunk(0, "one ")]);
      await change;
      expect(logged.isWoken).toBe(false);
    });

    it("knows nothing of a run that is not there", async () => {
      expect(await partials.read("1")).toEqual([]);
    });
  });
}
