import { expect, test } from "vitest";
import { holds, parseCondition } from "./condition.ts";
import type { Json } from "./definition.ts";

const place = "step `route`, when[0].if";
const input = {
  score: 1,
  ratio: 0.5,
  name: "bob",
  tags: ["a", "b"],
  lines: [
    { n: 1, words: ["x"] },
    { n: 4, words: ["y", "z"] },
  ],
  deep: { "a-b": { none: null } },
};

function works(
  source: string,
  more: { readonly [name: string]: Json } = {},
  loop?: { item: Json; index: number },
): boolean {
  const condition = parseCondition(source);
  if (typeof condition === "string") throw new Error(condition);
  const scope = { input: { ...input, ...more }, initial: { message: "hi" }, steps: { check: { ok: true } } };
  return holds(condition, loop === undefined ? scope : { ...scope, loop }, place);
}

test.each([
  ["score > 0.5 && ratio < 1", true],
  ["score == 1", true],
  ["score + 1 == 2.0 && 3 * score == 3.0 && score % 2 == 1.0 && 2 - ratio == 1.5", true],
  ["name == 'bob' ? tags[0] == 'a' : false", true],
  ["'b' in tags && !('c' in tags)", true],
  ["size(tags) == 2 && tags.size() < 3", true],
  ["lines.exists(line, line.n > 3)", true],
  ["lines.all(line, line.words.exists(word, word == 'x'))", false],
  ["lines.filter(line, line.n > 3).size() == 1", true],
  ["has(deep.x)", false],
  ['deep["a-b"].none == null', true],
  ["initial.message == 'hi' && steps.check.ok && steps['check'].ok", true],
  ["name.matches('^b.b$') && 'matches'.matches('match') && (name).matches('b+')", true],
  ["name.startsWith('b') && name.contains('o')", true],
  ["type(score) == double", true],
])("`%s` is %s", (source, expected) => {
  expect(works(source)).toBe(expected);
});

test("a loop's item and index are bound, and win over fields of the same name", () => {
  expect(
    works("item.x == 1 && index == 2 && int(index) % 2 == 0", { item: "field" }, { item: { x: 1 }, index: 2 }),
  ).toBe(true);
});

test.each([
  ["score >", "cannot be read:"],
  ["1 + 2", "gives a value of type int"],
  ["tags.map(t, t + t).size() > 1", "`map` cannot be used"],
  ["cel.bind(x, score, x > 1)", "`bind` cannot be used"],
  ["name.split('').join(name).size() > 1", "`join` cannot be used"],
  ["bytes(bytes(name).hex()).base64() == ''", "cannot be used"],
  ["name.toUpperCase() == 'X'", "cannot be read:"],
  ["name.matches_re2('x')", "Write `matches`"],
  ["a.all(x, a.all(y, a.all(z, a.all(q, true))))", "nested 4 deep"],
  [Array.from({ length: 300 }, () => "a").join(" && "), "cannot be read:"],
  ["(".repeat(100) + "true" + ")".repeat(100), "cannot be read:"],
])("refuses %s", (source, fault) => {
  expect(parseCondition(source)).toContain(fault);
});

test.each([
  ["missing > 1", "Unknown variable: missing"],
  ["deep.x.y == 1", "No such key: x"],
  ["name > 1", "no such overload"],
  ["name", "neither true nor false"],
  ["constructor == 1", "Unknown variable: constructor"],
  ["deep.toString == 1", "No such key: toString"],
  ["deep[name] == 1", "No such key."],
  ["duration(name) > duration('1s')", "Invalid duration string."],
  ["bool(name)", "bool() conversion error."],
  ["name.matches('(' + name)", "a function in it refuses what it is given."],
])("fails on `%s` with place and cause, and without the values", (source, cause) => {
  expect(() => works(source)).toThrow(place);
  expect(() => works(source)).toThrow(cause);
  expect(() => works(source)).not.toThrow("bob");
});

test("what would look at too much is refused before it begins", () => {
  const list = Array.from({ length: 3_000 }, (_, index) => index);
  const nested = "many.all(x, many.all(y, x != y || true))";
  expect(() => works(nested, { many: list })).toThrow("would look at too much");
  expect(works(nested, { many: list.slice(0, 300) })).toBe(true);
  expect(works("many.exists(x, x == 2999)", { many: list })).toBe(true);
  expect(() => works("text.split('').exists(x, text.contains(x))", { text: "a".repeat(100_000) })).toThrow("too much");
});

test.each([
  ["many.exists(x, 'zz' in many)"],
  ["many.exists(x, (many + many) != (many + many))"],
  ["many.exists(x, many == same)"],
  ["[many, many].exists(x, many.exists(y, x == many))"],
  ["bytes(json).json().list.exists(x, 'zz' in many)"],
  ["text.lastIndexOf(needle) == 1"],
  ["text.contains(needle)"],
  ["many.exists(x, size(text) == 1)"],
])("`%s` over large values is refused before it begins", (source) => {
  const many = Array.from({ length: 20_000 }, (_, index) => index);
  const json = JSON.stringify({ list: many });
  const large = { many, same: [...many], json, text: "a".repeat(400_000), needle: "a".repeat(100_000) };
  expect(() => works(source, large)).toThrow("would look at too much");
});

test.each([
  ["people.exists(x, x.id == wanted)", true],
  ["people.exists(x, 'vip' in x.tags && x.name.startsWith('n9') && x.age + 1 > 3)", true],
  ["people.filter(x, x.name == initial.message).size() == 0", true],
  ["text.contains(wanted) || text.contains('no such thing')", false],
  ["'zz' in text.split('a')", false],
])("`%s` over large values is worked out", (source, expected) => {
  const people = Array.from({ length: 10_000 }, (_, index) => ({
    id: `id${index}`,
    name: `n${index}`,
    age: index,
    tags: ["new", "vip"],
  }));
  expect(works(source, { people, wanted: "id9999", text: "a".repeat(1_000_000) })).toBe(expected);
});

test("a pattern that takes other engines for ever takes this one no time", () => {
  expect(works("text.matches('^(a+)+$')", { text: `${"a".repeat(5_000)}!` })).toBe(false);
});

test("tells what a condition reads, without what its loops name", () => {
  const condition = parseCondition("lines.exists(line, line.n > steps.check.limit) && has(initial.x.y)");
  expect(typeof condition === "string" ? condition : condition.references).toEqual([
    { names: ["lines"], source: "lines" },
    { names: ["steps", "check", "limit"], source: "steps.check.limit" },
    { names: ["initial", "x"], source: "initial.x" },
  ]);
});
