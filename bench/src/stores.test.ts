import { expect, it } from "vitest";
import { chooseStores } from "./stores.ts";

it("measures both stores unless told which", () => {
  expect(chooseStores(undefined)).toEqual(["embedded", "postgres"]);
  expect(chooseStores("postgres")).toEqual(["postgres"]);
  expect(() => chooseStores("sqlite")).toThrow('no "sqlite"');
});
