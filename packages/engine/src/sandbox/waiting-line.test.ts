import { expect, it } from "vitest";
import { WaitingLine } from "./waiting-line.ts";

interface Call {
  readonly runId: string;
  readonly name: string;
}

function lineOf(...names: readonly string[]): { readonly line: WaitingLine<Call>; readonly calls: readonly Call[] } {
  const line = new WaitingLine<Call>();
  const calls = names.map((name) => ({ runId: name.charAt(0), name }));
  for (const call of calls) line.add(call);
  return { line, calls };
}

function takeAll(line: WaitingLine<Call>, mayRun: (runId: string) => boolean = () => true): readonly string[] {
  const names: string[] = [];
  for (let call = line.take(mayRun); call !== undefined; call = line.take(mayRun)) names.push(call.name);
  return names;
}

it("serves the runs in turn, each in its own order", () => {
  const { line } = lineOf("a1", "a2", "a3", "b1", "c1", "b2");
  expect(line.size).toBe(6);
  expect(takeAll(line)).toEqual(["a1", "b1", "c1", "a2", "b2", "a3"]);
  expect(line.size).toBe(0);
});

it("serves one run alone when asked to, and the others then as if nothing had been", () => {
  const { line } = lineOf("a1", "a2", "b1", "c1", "b2");
  expect([line.takeOf("b"), line.takeOf("b"), line.takeOf("b"), line.takeOf("d")].map((call) => call?.name)).toEqual([
    "b1",
    "b2",
    undefined,
    undefined,
  ]);
  expect(line.size).toBe(3);
  expect(takeAll(line)).toEqual(["a1", "c1", "a2"]);
  expect(line.size).toBe(0);
});

it("passes over runs that may not run now", () => {
  const { line } = lineOf("a1", "b1", "a2");
  expect(takeAll(line, (runId) => runId !== "a")).toEqual(["b1"]);
  expect(takeAll(line)).toEqual(["a1", "a2"]);
});

it("gives a call that is put back its place", () => {
  const { line, calls } = lineOf("a1", "a2");
  line.take(() => true);
  const [first] = calls;
  if (first !== undefined) line.add(first, { isNext: true });
  expect(takeAll(line)).toEqual(["a1", "a2"]);
});

it("lets a call leave, once", () => {
  const { line, calls } = lineOf("a1", "a2", "b1");
  const [, second, third] = calls;
  for (const call of [second, second, third]) if (call !== undefined) line.remove(call);
  expect(line.size).toBe(1);
  expect(line.drain().map(({ name }) => name)).toEqual(["a1"]);
  expect(line.size).toBe(0);
});
