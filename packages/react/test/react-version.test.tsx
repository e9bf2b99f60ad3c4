import { version } from "react";
import { version as rendererVersion } from "react-dom";
import { expect, test } from "vitest";

test("these tests run on the React that the project is named after", () => {
  const major = process.env["REACT_MAJOR"] ?? "19";
  expect([version, rendererVersion].map((each) => each.split(".")[0])).toEqual([major, major]);
});
