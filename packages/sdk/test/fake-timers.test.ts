import { readdirSync, readFileSync } from "node:fs";
import { afterEach, expect, test, vi } from "vitest";
import { Noukai } from "../src/index.ts";
import { createTestServer, flow, step } from "../src/testing/index.ts";

afterEach(() => void vi.useRealTimers());

const poet = flow([step("write", { text: ["Roses ", "are ", "red"], after: 1_000, every: 200 })]);

async function read(texts: AsyncIterable<string>): Promise<string> {
  let text = "";
  for await (const piece of texts) text += piece;
  return text;
}

test("a program under fake timers comes to its end by one advance, though parts of the SDK are loaded on the way", async () => {
  vi.useFakeTimers();
  const poem = new Noukai(createTestServer({ flows: { "acme/demo/poet": poet } })).flow("acme/demo/poet");
  const all = Promise.all([
    read(poem.events().text()),
    poem.execute(),
    poem.events({ stepwise: true }).result(),
    Array.fromAsync(poem.steps()),
  ]);
  const done = vi.fn();
  void all.then(done);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(done).toHaveBeenCalled();
});

test("every part that is loaded later is there in a test", () => {
  const folder = new URL("../src/", import.meta.url);
  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    /(?<!\.test)\.ts$/.test(name),
  );
  const later = sources.flatMap((name) =>
    Array.from(
      readFileSync(new URL(name, folder), "utf8").matchAll(/import\("(\..*?)"\)/g),
      ([, part = ""]) => new URL(part, new URL(name, folder)).href,
    ),
  );
  const parts = readFileSync(new URL("testing/parts.ts", folder), "utf8").matchAll(/import "(.*)";/g);
  const there = Array.from(parts, ([, part = ""]) => new URL(part, new URL("testing/", folder)).href);
  expect(there.toSorted()).toEqual([...new Set(later)].toSorted());
});
