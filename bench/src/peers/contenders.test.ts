import { expect, it } from "vitest";
import { chooseContenders, contenders } from "./contenders.ts";

function chosen(only: string | undefined): readonly string[] {
  return chooseContenders(only).map(({ id }) => id);
}

it("takes all unless told, and those that are named by id or group, in the table's order", () => {
  expect(chosen(undefined)).toHaveLength(contenders.length);
  expect(chosen("postgres,embedded")).toEqual(["embedded", "postgres"]);
  expect(chosen("noukai,dbos")).toEqual(["embedded", "postgres", "dbos"]);
});

it("says which names there are when one means nobody", () => {
  expect(() => chooseContenders("embedded,dbso")).toThrow(/no "dbso"\. Known: floors, noukai, peers, bare-http/);
});

it("measures each of ours against a floor, and sets each peer beside one of ours", () => {
  const ids = new Set(contenders.map(({ id }) => id));
  for (const { group, floor, beside } of contenders) {
    if (group === "noukai") expect(ids).toContain(floor);
    if (group === "peer") expect(ids).toContain(beside);
  }
  expect(ids.size).toBe(contenders.length);
});
