import { expect, test } from "vitest";
import { APIConnectionError } from "./index.ts";
import { loaded } from "./loaded.ts";

test("a part that is there is given as it is", async () => {
  const part = { name: "part" };
  expect(await loaded(Promise.resolve(part))).toBe(part);
});

test("a part that cannot be loaded is a fault of the network", async () => {
  const cause = new TypeError("Failed to fetch dynamically imported module");
  const failure = await loaded(Promise.reject(cause)).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(APIConnectionError);
  expect(failure).toMatchObject({ code: "PART_NOT_LOADED", retryable: true, billed: "no", cause });
});

test("a part that is missing while a run is under way leads back to the run", async () => {
  const about = { executionId: "run-1", billed: "possibly" } as const;
  const failure = loaded(Promise.reject(new TypeError("gone")), about);
  await expect(failure).rejects.toMatchObject({ ...about, code: "PART_NOT_LOADED" });
});
