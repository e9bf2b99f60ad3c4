// What a page loads before it can do anything with an export of a package: the static closure of its bundle, without the parts that are
// loaded when they are first needed. size-limit cannot tell: it bundles everything into one file, or counts the entry's own file alone.
//
//   node scripts/first-load.mjs    measures the built packages against the limits below
import { createRequire } from "node:module";
import { relative } from "node:path";
import { gzipSync } from "node:zlib";

/** The bundler that size-limit uses, so that both sizes are of the same code. */
const { build } = createRequire(import.meta.resolve("@size-limit/esbuild"))("esbuild");

const LISTED = 10;

const programs = [
  {
    name: "createRelayFlow and one streamed call",
    limitBytes: 16_500,
    code: `import { createRelayFlow } from "@noukai/sdk";
           for await (const event of createRelayFlow({ url: "/agent/execute" }).events({ message: "a" })) console.log(event);`,
  },
  {
    name: "Noukai and one streamed call",
    limitBytes: 17_700,
    code: `import { Noukai } from "@noukai/sdk";
           for await (const event of new Noukai().flow("acme/spelling/grade-3").events({ message: "a" })) console.log(event);`,
  },
  {
    name: "NoukaiProvider and useFlowEvents over a relay, beside React",
    limitBytes: 21_300,
    folder: "packages/react",
    external: ["react"],
    code: `import { NoukaiProvider, useFlowEvents } from "@noukai/react";
           import { createRelayFlow } from "@noukai/sdk";
           console.log(NoukaiProvider, useFlowEvents, createRelayFlow({ url: "/agent/execute" }));`,
  },
];

if (process.argv[1] === import.meta.filename) {
  let isOver = false;
  for (const { name, code, limitBytes, folder = "packages/sdk", external } of programs) {
    const size = await firstLoad(code, folder, external);
    isOver ||= size.firstBytes > limitBytes;
    console.log(`${size.firstBytes > limitBytes ? "TOO LARGE" : "ok"}  ${name}: limit ${limitBytes}`);
    console.log(tableOf(size));
  }
  process.exit(isOver ? 1 : 0);
}

/**
 * Bundles a program as for a browser, and adds up its files as they travel: gzipped one by one. `firstBytes` is of the entry and all that it
 * imports statically, `totalBytes` of those that are loaded later too. `modules`: source file → minified bytes in the first load. `external`: the
 * packages that the page has anyway.
 */
export async function firstLoad(code, folder, external = []) {
  const { files, first, outputs } = await bundle(code, { folder, external });
  const sizes = files.map(({ path, contents }) => [path, gzipSync(contents, { level: 9 }).length]);
  const sum = (some) => some.reduce((bytes, [, each]) => bytes + each, 0);
  return {
    firstBytes: sum(sizes.filter(([path]) => first.has(path))),
    files: first.size,
    totalBytes: sum(sizes),
    modules: modulesOf(outputs, first),
  };
}

/** The files that a bundler makes of a program, and which of them (`first`) are its static closure. */
export async function bundle(code, { folder, conditions = [], external = [] }) {
  const { metafile, outputFiles } = await build({
    stdin: { contents: code, resolveDir: folder },
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    target: "es2022",
    outdir: "out",
    write: false,
    metafile: true,
    logLevel: "silent",
    conditions,
    external,
  });
  const files = outputFiles.map(({ path, contents }) => ({ path: relative("", path), contents }));
  return { files, first: closureOf(metafile.outputs), outputs: metafile.outputs };
}

/** The program's own file and what it imports statically, from file to file. */
function closureOf(outputs) {
  const closure = new Set(Object.keys(outputs).filter((path) => outputs[path].entryPoint === "<stdin>"));
  for (const path of closure) {
    for (const { kind, path: imported } of outputs[path].imports) {
      if (kind === "import-statement" && imported in outputs) closure.add(imported); // a set is gone through to the end that it grows to
    }
  }
  return closure;
}

function modulesOf(outputs, files) {
  const inputs = [...files].flatMap((path) => Object.entries(outputs[path].inputs));
  return new Map(inputs.map(([path, { bytesInOutput }]) => [path, bytesInOutput])); // no module is in two files
}

/** The sizes and the largest modules, for people. */
export function tableOf({ firstBytes, files, totalBytes, modules }) {
  const largest = [...modules].toSorted(([, a], [, b]) => b - a).slice(0, LISTED);
  const row = (bytes, what) => `${String(bytes).padStart(9)}  ${what}`;
  return [
    row(firstBytes, `first load, gzipped, in ${files} files`),
    row(totalBytes, "with everything that may be loaded later, gzipped"),
    ...largest.map(([path, bytes]) => row(bytes, `${path}, minified`)),
  ].join("\n");
}
