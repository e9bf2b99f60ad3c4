import { expect, it } from "vitest";
import type { JsonObject } from "../../flow/definition.ts";
import { append, completed, started, type Subject, written } from "./subject.ts";

async function roundTrip({ store, newRun }: Subject, value: JsonObject) {
  const run = newRun({ input: value, options: value });
  const outcomes = await store.append([
    { kind: "create", run, events: [started()] },
    append(run.id, 1, completed(2, value)),
  ]);
  expect(outcomes).toEqual([written, written]);
  const record = await store.run(run.id);
  const [, event] = await store.eventsAfter(run.id, 0, 2);
  return {
    input: record?.input,
    options: record?.options,
    output: event?.type === "step_completed" ? event.output : undefined,
  };
}

export function describePayloads(subject: () => Subject): void {
  it.each<[string, JsonObject]>([
    ["NUL", { text: "a\u0000b", "key\u0000": "" }],
    ["lone surrogates", { text: "\ud800 \udc00 \ud83d", "\udfff": 1 }],
    ["text beyond the basic plane", { text: "🦜 𝄞 ﷽", line: "\u2028\u2029\r\n" }],
    ["every kind of value", { null: null, yes: true, whole: -12, broken: 1.5e-300, list: [[], {}], empty: "" }],
    ["names that objects have anyway", JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}')],
    ["what looks like SQL", { text: "'); DROP TABLE runs; -- ?1 $1 :name" }],
  ])("come back as they were: %s", async (_, value) => {
    const { input, options, output } = await roundTrip(subject(), value);
    const text = JSON.stringify(value);
    expect(JSON.stringify(input)).toBe(text);
    expect(JSON.stringify(options)).toBe(text);
    expect(JSON.stringify(output)).toBe(text);
  });

  it("keep the order of keys", async () => {
    const { input, output } = await roundTrip(subject(), { zebra: 1, apple: { b: 1, a: 2 }, mango: 3 });
    expect(JSON.stringify(input)).toBe('{"zebra":1,"apple":{"b":1,"a":2},"mango":3}');
    expect(JSON.stringify(output)).toBe('{"zebra":1,"apple":{"b":1,"a":2},"mango":3}');
  });

  it("may be megabytes", async () => {
    const value = { text: "wörd ".repeat(1_000_000) };
    const { input, output } = await roundTrip(subject(), value);
    expect(input).toEqual(value);
    expect(output).toEqual(value);
  });

  it("may be thousands of events in one run, read in pages", async () => {
    const { store, start } = subject();
    const id = await start();
    const perEntry = 7;
    const entries = Array.from({ length: 600 }, (_, entry) =>
      append(id, 1, ...Array.from({ length: perEntry }, (__, index) => completed(2 + entry * perEntry + index))),
    );
    const outcomes = await store.append(entries);
    expect(outcomes.every(({ outcome }) => outcome === "written")).toBe(true);
    const seqs: number[] = [];
    for (
      let page = await store.eventsAfter(id, 0, 500);
      page.length > 0;
      page = await store.eventsAfter(id, seqs.length, 500)
    ) {
      expect(page.length).toBeLessThanOrEqual(500);
      seqs.push(...page.map(({ seq }) => seq));
    }
    expect(seqs).toEqual(Array.from({ length: 1 + 600 * perEntry }, (_, index) => index + 1));
  });
}
