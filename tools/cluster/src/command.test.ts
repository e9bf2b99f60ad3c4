import { expect, test } from "vitest";
import { readCommand } from "./command.ts";

test("two API nodes and three workers are the default, and each number can be another", () => {
  expect(readCommand([])).toEqual({ api: 2, workers: 3, port: 8080, url: undefined, flows: "flows" });
  expect(readCommand(["--api=1", "--workers=5", "--port=9000"])).toMatchObject({ api: 1, workers: 5, port: 9000 });
  expect(readCommand(["--help"])).toBe("help");
});

test("a number that cannot be is refused by its name", () => {
  expect(() => readCommand(["--workers=none"])).toThrow('--workers must be a whole number from 1 to 50; it is "none".');
  expect(() => readCommand(["--api=0"])).toThrow("--api must be");
});
