import { expect, test } from "vitest";
import { faultsOf, isPrinted, makeWorkplace, parseDocument, runPrograms } from "./document-programs.ts";

const fence = "```";

/** A document of blocks, each with its language and note. */
function documentOf(...blocks: readonly (readonly [info: string, text: string])[]) {
  const texts = blocks.map(([info, text]) => `${fence}${info}\n${text}\n${fence}\n`);
  return parseDocument(texts.join("\nSome words.\n\n"), "docs/a-guide.md");
}

test("a program has the line numbers of its document, also where it goes on in another block", () => {
  const { programs } = documentOf(["ts", "const a = 1;"], ["ts continued", "console.log(a);"]);
  expect(programs).toHaveLength(1);
  expect(programs[0]?.file).toBe("docs-a-guide-2.ts");
  expect(programs[0]?.source.split("\n").slice(0, 9)).toEqual([
    "export {};",
    "const a = 1;",
    "",
    "",
    "",
    "",
    "",
    "console.log(a);",
    "",
  ]);
});

test("what a program prints may be told in pieces", () => {
  const { programs } = documentOf(["ts", "a"], ["text", "1"], ["ts continued", "b"], ["text", "2"], ["ts", "c"]);
  expect(programs.map(({ prints }) => prints)).toEqual(["1\n2\n", undefined]);
  expect(isPrinted("run 7 is done.\n", "run … is done.\n")).toBe(true);
  expect(isPrinted("run 7 is done.\nMore.\n", "run … is done.\n")).toBe(false);
});

test("a block in a comment is a program too, and a flow has its file's name", () => {
  const text = `<!--\n${fence}ts\n1;\n${fence}\n-->\n${fence}yaml\n# flows/acme/demo/a.yaml\nsteps: []\n${fence}\n`;
  const { programs, flows } = parseDocument(text, "a.md");
  expect(programs).toHaveLength(1);
  expect(flows).toEqual({ "acme/demo/a.yaml": "# flows/acme/demo/a.yaml\nsteps: []\n" });
});

test.each(["no-run", "norun because", "continued"])("a block cannot be %s without more", (note) => {
  expect(() => documentOf([`ts ${note}`, "1;"])).toThrow("docs/a-guide.md:1");
});

test("a program that the compiler refuses, one that throws and one that prints otherwise are all seen", async () => {
  const { programs } = documentOf(
    ["ts", 'console.log("one");'],
    ["ts", 'const count: number = "one";'],
    ["ts", 'throw new Error("no");'],
  );
  const directory = await makeWorkplace(programs);
  expect(await faultsOf(directory)).toMatch(/docs-a-guide-8\.ts\(8,7\): error TS2322/);
  const [first = "", , third = ""] = programs.map(({ file }) => file);
  expect(await runPrograms(directory, [first], {})).toEqual(["one\n", ""]);
  await expect(runPrograms(directory, [first, third], {})).rejects.toThrow(`${third} ended with 1`);
});
