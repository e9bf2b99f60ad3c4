import { createParser } from "eventsource-parser";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Frame, SseParser } from "./sse-parser.ts";

interface Reading {
  readonly frames: readonly Frame[];
  readonly retryMs: number | undefined;
}

function parse(pieces: readonly string[]): Reading {
  const parser = new SseParser();
  const frames: Frame[] = [];
  for (const piece of pieces) parser.feed(piece, frames);
  return { frames, retryMs: parser.retryMs };
}

/** The WHATWG rules ("9.2.6 Interpreting an event stream"), written as they stand there, over the whole text at once. */
function interpret(text: string): Reading {
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/);
  lines.pop(); // unfinished, or what follows the last line's end
  const frames: Frame[] = [];
  let retryMs: number | undefined;
  let frame: { id?: string; event?: string; data?: string } = {};
  for (const line of lines) {
    if (line === "") {
      if (frame.data !== undefined) frames.push({ id: frame.id, event: frame.event || undefined, data: frame.data });
      frame = {};
      continue;
    }
    const [, name, value = ""] = /^([^:]*)(?:: ?(.*))?$/su.exec(line)!; // matches any line
    if (name === "data") frame.data = frame.data === undefined ? value : `${frame.data}\n${value}`;
    if (name === "event") frame.event = value;
    if (name === "id" && !value.includes("\0")) frame.id = value;
    if (name === "retry" && /^[0-9]+$/.test(value)) retryMs = Number(value);
  }
  return { frames, retryMs };
}

/** What the package that most of the field uses makes of it. */
function askOracle(pieces: readonly string[]): Reading {
  const frames: Frame[] = [];
  let retryMs: number | undefined;
  const parser = createParser({
    onEvent: ({ id, event, data }) => frames.push({ id, event: event || undefined, data }),
    onRetry: (ms) => {
      retryMs = ms;
    },
  });
  for (const piece of pieces) parser.feed(piece);
  return { frames, retryMs };
}

/** Cuts the text at the given places. */
function split(text: string, cuts: readonly number[]): string[] {
  const places = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].toSorted((a, b) => a - b);
  return [0, ...places].map((place, index) => text.slice(place, places[index] ?? text.length));
}

const FIELDS = [
  "data: ",
  "data:",
  "data",
  "data : x",
  "event: step",
  "event:",
  "event",
  "id: 7",
  "id: \0",
  "id:",
  "id",
];
const OTHER_FIELDS = ["retry: 10", "retry: 1x", "retry:", "other: x", "dat", "datas: x", "ev", ": beat", ":"];
const ENDS = ["\n", "\n\n", "\r", "\r\r", "\r\n", "\r\n\r\n"];
const TEXTS = ["{}", " ", "a", "é", "漢", "😀", "\uFEFF", "id: 8\nevent: step_output\ndata: {}\n\n"];
/** Whole lines as our server writes them, and such as look alike. */
const LINES = [
  "id: 7\n",
  "id: \0\n",
  "event: a\n",
  "event: \n",
  "data: x\n",
  "data: y\rz\n",
  "data:\n",
  ": beat\n",
  "\n",
];
const WHOLE = ["id: 8\nevent: b\ndata: {}\n\n", "event: c\ndata: {}\n\n", "id: \0\nevent: d\ndata: {}\n\n"];
const pieces = fc.oneof(...[FIELDS, OTHER_FIELDS, ENDS, TEXTS].map((group) => fc.constantFrom(...group)));
const streams = fc.tuple(fc.constantFrom("", "\uFEFF"), fc.array(pieces, { maxLength: 40 })).map(([mark, parts]) => {
  return mark + parts.join("");
});

const ours = fc.array(fc.constantFrom(...LINES, ...WHOLE), { maxLength: 12 });

describe("the parser reads", () => {
  test("by the WHATWG rules what is written as our server writes it, and what is nearly so", () => {
    const property = fc.property(ours, fc.array(fc.nat(100), { maxLength: 3 }), (lines, cuts) => {
      const expected = interpret(lines.join(""));
      expect(parse([lines.join("")])).toEqual(expected);
      expect(parse(lines)).toEqual(expected);
      expect(parse(split(lines.join(""), cuts))).toEqual(expected);
    });
    fc.assert(property, { seed: 20_261_122, numRuns: 4_000 });
  });

  test("by the WHATWG rules, wherever the text is cut", () => {
    const property = fc.property(streams, fc.array(fc.nat(200), { maxLength: 12 }), (text, cuts) => {
      expect(parse(split(text, cuts))).toEqual(interpret(text));
    });
    fc.assert(property, { seed: 20_261_120, numRuns: 4_000 });
  });

  test("by the WHATWG rules, unit by unit", () => {
    const property = fc.property(streams, (text) => {
      expect(parse(text.split(""))).toEqual(interpret(text));
    });
    fc.assert(property, { seed: 20_261_120, numRuns: 2_000 });
  });

  test("as eventsource-parser does", () => {
    const property = fc.property(streams, fc.array(fc.nat(200), { maxLength: 12 }), (text, cuts) => {
      const parts = split(text, cuts);
      expect(parse(parts)).toEqual(askOracle(parts));
    });
    fc.assert(property, { seed: 20_261_121, numRuns: 4_000 });
  });
});

describe("of a stream", () => {
  test.each([
    ["a CRLF that is cut", ["data: 1\r", "\n\r", "\ndata: 2\r\n\r\n"], ["1", "2"]],
    ["a CR before a piece that is empty", ["data: 1\r", "", "\n", "\n"], ["1"]],
    ["CR alone", ["data: 1\r\rdata: 2\r\r"], ["1", "2"]],
    ["lines of data", ["data: a\ndata\ndata: b\n\n"], ["a\n\nb"]],
    ["one blank that belongs to the field, and one that does not", ["data:  x\n\n"], [" x"]],
    ["an event without data", ["event: step\nid: 7\n\ndata: 1\n\n"], ["1"]],
    ["a second byte order mark", ["\uFEFF\uFEFFdata: 1\n\ndata: 2\n\n"], ["2"]],
    ["a mark that is no beginning", ["data: 1\n\n", "\uFEFFdata: 2\n\n"], ["1"]],
    ["an unfinished frame", ["data: 1\n\ndata: 2\n"], ["1"]],
    ["nothing", [""], []],
  ])("%s", (_name, parts, expected) => {
    expect(parse(parts).frames.map((frame) => frame.data)).toEqual(expected);
  });

  test("ids and names are a frame's own", () => {
    expect(parse(["id: 1\nevent: step\ndata: a\n\ndata: b\n\nid: 2\0\ndata: c\n\n"]).frames).toEqual([
      { id: "1", event: "step", data: "a" },
      { id: undefined, event: undefined, data: "b" },
      { id: undefined, event: undefined, data: "c" },
    ]);
  });

  test("the wait that it asks for, when it is a number", () => {
    expect(parse(["retry: 2500\n"]).retryMs).toBe(2_500);
    expect(parse(["retry: soon\nretry: -1\nretry\n"]).retryMs).toBeUndefined();
  });
});
