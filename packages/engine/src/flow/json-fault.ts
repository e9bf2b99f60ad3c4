const space = /[ \t\n\r]*/y;
const scalar =
  /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

type Expected = "value" | "valueOrEnd" | "key" | "keyOrEnd" | "colon" | "commaOrEnd" | "nothing";

/** Where a text that `JSON.parse` refused stops being JSON. Lines and columns count from 1; V8's own message names no position for most faults. */
export function findJsonFault(text: string): { readonly line: number; readonly column: number } {
  const before = text.slice(0, faultOffset(text));
  const lineStart = before.lastIndexOf("\n") + 1;
  return { line: before.split("\n").length, column: before.length - lineStart + 1 };
}

function faultOffset(text: string): number {
  const open: ("{" | "[")[] = [];
  let expected: Expected = "value";
  let offset = 0;
  const afterValue = (): Expected => (open.length === 0 ? "nothing" : "commaOrEnd");
  for (;;) {
    offset += lengthAt(space, text, offset);
    const character = text[offset];
    if (character === undefined) return offset;
    const isValue: boolean = expected === "value" || expected === "valueOrEnd";
    if (isValue && (character === "{" || character === "[")) {
      open.push(character);
      expected = character === "{" ? "keyOrEnd" : "valueOrEnd";
      offset += 1;
    } else if (isEnd(character, expected, open.at(-1))) {
      open.pop();
      expected = afterValue();
      offset += 1;
    } else if (character === (expected === "colon" ? ":" : expected === "commaOrEnd" ? "," : undefined)) {
      expected = character === ":" || open.at(-1) === "[" ? "value" : "key";
      offset += 1;
    } else if (isValue || ((expected === "key" || expected === "keyOrEnd") && character === '"')) {
      const length = lengthAt(scalar, text, offset);
      if (length === 0) return offset;
      expected = isValue ? afterValue() : "colon";
      offset += length;
    } else {
      return offset;
    }
  }
}

function isEnd(character: string, expected: Expected, innermost: "{" | "[" | undefined): boolean {
  if (character === "}") return innermost === "{" && (expected === "keyOrEnd" || expected === "commaOrEnd");
  if (character === "]") return innermost === "[" && (expected === "valueOrEnd" || expected === "commaOrEnd");
  return false;
}

function lengthAt(pattern: RegExp, text: string, offset: number): number {
  pattern.lastIndex = offset;
  return pattern.exec(text)?.[0].length ?? 0;
}
