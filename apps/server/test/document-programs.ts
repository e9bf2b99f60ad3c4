import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";
import { makeDirectory } from "./harness.ts";

// How documents hold programs:
//   ```ts            a program. It is type-checked, and run against a server of its own.
//   ```ts continued  goes on where the block before it ended: both are one program.
//   ```ts no-run …   is type-checked only, for the reason given.
//   ```text          behind a program: what it prints, with `…` for what differs from run to run.
//   ```yaml          with `# flows/acme/demo/name.yaml` in its first line: a flow that the document's programs find on the server.
// A block may stand in a comment (`<!-- … -->`): it is run, and nobody need read it.

export const root = join(import.meta.dirname, "../../..");

/** A program of a document, as a file that has the document's line numbers. */
export interface Program {
  /** As `docs-sdk-tools-12.ts`. */
  readonly file: string;
  readonly source: string;
  readonly isRun: boolean;
  /** What it says that it prints; `undefined` when it does not say. */
  readonly prints: string | undefined;
}

export interface Document {
  readonly programs: readonly Program[];
  /** Texts of flows by their files, below `flows/`. */
  readonly flows: Readonly<Record<string, string>>;
}

interface Block {
  readonly language: string;
  /** What follows the language. */
  readonly note: string;
  /** Of its first line of text, from 1. */
  readonly line: number;
  readonly text: string;
}

function blocksOf(markdown: string): readonly Block[] {
  return Array.from(
    markdown.matchAll(/^```(\w+) ?(.*)\n([^]*?)^```$/gm),
    ({ index, 1: language, 2: note, 3: body }) => ({
      language: language ?? "",
      note: note ?? "",
      line: markdown.slice(0, index).split("\n").length + 1,
      text: body ?? "",
    }),
  );
}

/** What a document says. `path` is below the root. */
export async function readDocument(path: string): Promise<Document> {
  return parseDocument(await readFile(join(root, path), "utf8"), path);
}

/** Throws when a block's note is none. `path` names the programs. */
export function parseDocument(markdown: string, path: string): Document {
  const programs: Program[] = [];
  const flows: Record<string, string> = {};
  for (const block of blocksOf(markdown)) {
    const flow = /^# flows\/(\S+)\n/.exec(block.text)?.[1];
    if (block.language === "yaml" && flow !== undefined) flows[flow] = block.text;
    if (block.language === "ts") takeProgram(programs, block, path);
    const last = programs.at(-1);
    if (block.language === "text" && last)
      programs.splice(-1, 1, { ...last, prints: (last.prints ?? "") + block.text });
  }
  return { programs, flows };
}

function takeProgram(programs: Program[], { note, line, text: source }: Block, path: string): void {
  const before = note === "continued" ? programs.pop() : undefined;
  const [what, ...reason] = note.split(" ");
  if (what === "no-run" ? reason.length === 0 : note !== "" && !before) {
    throw new Error(`${path}:${line - 1}: "${note}" is no note of a program.`);
  }
  const lines = before?.source.split("\n").length ?? 1;
  programs.push({
    file: before?.file ?? `${path.replace(/\.md$/, "").replaceAll(/\W+/g, "-")}-${line}.ts`,
    // A module, whatever it holds: programs of a document do not see each other's names.
    source: (before?.source ?? "export {};") + "\n".repeat(line - lines) + source,
    isRun: before?.isRun ?? what !== "no-run",
    prints: before?.prints,
  });
}

/** A directory that is gone after the test, with these programs in it and what the SDK's users would have installed. */
export async function makeWorkplace(programs: readonly Program[]): Promise<string> {
  const directory = await makeDirectory();
  const modules = join(directory, "node_modules");
  for (const [name, target] of Object.entries(await installed())) {
    await mkdir(join(modules, name, ".."), { recursive: true });
    await symlink(target, join(modules, name));
  }
  for (const { file, source } of programs) await writeFile(join(directory, file), source);
  const compilerOptions = {
    composite: false,
    noEmit: true,
    declaration: false,
    sourceMap: false,
    allowImportingTsExtensions: true,
    target: "ES2024",
    lib: ["ES2024", "ESNext.Array", "ESNext.Disposable", "DOM", "DOM.Iterable", "DOM.AsyncIterable"],
    types: ["node"],
  };
  const config = { extends: join(root, "tsconfig.base.json"), compilerOptions, include: ["*.ts"] };
  await writeFile(join(directory, "tsconfig.json"), JSON.stringify(config));
  await writeFile(join(directory, "package.json"), JSON.stringify({ type: "module" }));
  return directory;
}

/** Where packages are, by name: those that the SDK's own tests use, and the workspace's. */
async function installed(): Promise<Readonly<Record<string, string>>> {
  const modules = join(root, "packages/sdk/node_modules");
  const entries = await readdir(modules);
  const names = entries.filter((name) => !/^[.@]/.test(name));
  for (const scope of entries.filter((name) => name.startsWith("@") && name !== "@noukai")) {
    names.push(...(await readdir(join(modules, scope))).map((name) => `${scope}/${name}`));
  }
  return {
    ...Object.fromEntries(names.map((name) => [name, join(modules, name)])),
    "@types/node": join(root, "node_modules/@types/node"),
    "@noukai/sdk": join(root, "packages/sdk"),
    "@noukai/core": join(root, "packages/core"),
    "@noukai/engine": join(root, "packages/engine"),
    "@noukai/hono": join(root, "packages/hono"),
    hono: join(root, "packages/hono/node_modules/hono"),
  };
}

/** What the compiler has to say of a workplace's programs: nothing, or faults with the document's line numbers. */
export async function faultsOf(directory: string): Promise<string> {
  const compile = promisify(execFile)(join(root, "node_modules/.bin/tsc"), ["-p", directory, "--pretty", "false"]);
  return compile.then(
    () => "",
    (error: unknown) => String((error as { readonly stdout?: string }).stdout || error), // what execFile says of a compiler with complaints
  );
}

const END_OF_PROGRAM = "\0";

/** Runs programs as a user would, one after the other in one process, and gives what each printed. Throws when one fails or complains. */
export async function runPrograms(
  directory: string,
  files: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const script = files.map((file) => `await import("./${file}"); process.stdout.write("\\0");`).join("\n");
  const child = spawn(process.execPath, ["--conditions=@noukai/source", "--input-type=module", "--eval", script], {
    cwd: directory,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  const printed = stdout.split(END_OF_PROGRAM);
  if (stderr === "" && code === 0) return printed;
  throw new Error(`${files[printed.length - 1] ?? "The last program"} ended with ${String(code)}: ${stderr}`);
}

/** Does a program print what its document says? `…` stands for anything. */
export function isPrinted(printed: string, told: string): boolean {
  const parts = told.split("…").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^]*?")}$`).test(printed);
}
