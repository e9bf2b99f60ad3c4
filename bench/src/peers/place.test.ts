import { expect, it } from "vitest";
import { contenders } from "./contenders.ts";
import { Place, wordsOf } from "./place.ts";

it("finds the line that tells what is wrong in what a program said", () => {
  const output =
    "Command failed: node dbos.mjs\n      at file.js:1\nTypeError: Invalid URL\n    at new URL (node:url)\n\nNode.js v24";
  expect(wordsOf(new Error(output))).toBe("TypeError: Invalid URL");
  expect(wordsOf("no such file\nmore")).toBe("no such file");
});

it("needs nothing for floors without a database, and describes them", async () => {
  const [floor] = contenders;
  if (floor === undefined) throw new Error("There is a floor.");
  const place = await Place.prepare([floor]);
  expect(place.obstacleTo(floor)).toBeUndefined();
  expect(await place.databaseFor(floor)).toBeUndefined();
  expect(place.describe(floor, "said so itself")).toMatchObject({
    id: "bare-http",
    versions: "",
    durability: "nothing kept; said so itself",
  });
  await place.close();
});
