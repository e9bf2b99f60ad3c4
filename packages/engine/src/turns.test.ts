import { expect, test } from "vitest";
import { Turns } from "./turns.ts";

test("work on one thing happens in order, also after work that failed; work on another does not wait", async () => {
  const turns = new Turns();
  const done: string[] = [];
  const gate = Promise.withResolvers<void>();
  const slow = turns.take("a", async () => {
    await gate.promise;
    done.push("a1");
    throw new Error("a1 failed");
  });
  const next = turns.take("a", async () => void done.push("a2"));
  await turns.take("b", async () => void done.push("b1"));
  gate.resolve();
  await expect(slow).rejects.toThrow("a1 failed");
  await next;
  expect(done).toEqual(["b1", "a1", "a2"]);
  expect(await turns.take("a", async () => "later")).toBe("later");
});
