import { expect, test } from "vitest";
import { defaultLimits, limitNames, parseLimits } from "./limits.ts";

test("what is not set keeps its default", () => {
  expect(parseLimits("{}")).toEqual(defaultLimits);
  const { bodyBytes: _, ...rest } = defaultLimits;
  expect(parseLimits('{"bodyBytes": 10}')).toEqual({ ...rest, bodyBytes: 10 });
});

test("every limit can be set", () => {
  const values = Object.fromEntries(limitNames.map((name, index) => [name, name === "usdPerRun" ? "0.5" : index + 1]));
  const { definition, run, project, ...others } = { ...defaultLimits, ...parseLimits(JSON.stringify(values)) };
  const set = { ...definition, ...run, ...project, ...others };
  expect(Object.keys(set).toSorted()).toEqual([...limitNames].toSorted());
  expect(set).toEqual(values);
});

test.each([
  ["nothing", "must be JSON"],
  ["[]", "expected object"],
  ['{"bodyBytes": 0}', "bodyBytes:"],
  ['{"bodyBytes": 1.5}', "bodyBytes:"],
  ['{"treeDepth": 33}', "treeDepth:"],
  ['{"fanOut": 257}', "fanOut:"],
  ['{"usdPerRun": 1}', "usdPerRun:"],
  ['{"bodySize": 1}', "bodySize"],
])("tells what is wrong with %s", (text, fault) => {
  const limits = parseLimits(text);
  expect("faults" in limits && limits.faults.join()).toContain(fault);
});

test("tells every fault at once", () => {
  const limits = parseLimits('{"bodyBytes": 0, "fanOut": 0}');
  expect("faults" in limits && limits.faults).toHaveLength(2);
});
