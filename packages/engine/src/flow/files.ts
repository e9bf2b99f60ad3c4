import type { Dirent } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { DefinitionIssue } from "./definition.ts";
import { checkSlug } from "./names.ts";
import { parseFlow, type ParsedFlow, type RefusedFlow } from "./parse.ts";
import { parseProject, type ParsedProject } from "./project.ts";

/** One `<org>/<project>/<flow>.yaml`, `.yml` or `.json`. */
export interface FlowFile {
  readonly org: string;
  readonly project: string;
  readonly slug: string;
  /** As found, with the directory that was read. */
  readonly file: string;
  readonly result: ParsedFlow | RefusedFlow;
}

/** One `<org>/<project>/project.yaml`. */
export interface ProjectFile {
  readonly org: string;
  readonly project: string;
  readonly file: string;
  readonly result: ParsedProject;
}

/**
 * Every flow under `dir`, in the order of their names, each read or refused on its own; definitions at a wrong level come last, refused.
 * Names that begin with a dot and files of other kinds are passed over, links are followed. A directory that does not exist holds no flows.
 * Rejects when `dir` itself cannot be read.
 */
export async function readFlowFiles(dir: string): Promise<readonly FlowFile[]> {
  const found: FlowFile[] = [];
  for (const { file, org, project, name } of await filesUnder(dir)) {
    const match = definitionName.exec(name)?.groups;
    if (match?.["slug"] === undefined || isProjectFile(name)) continue;
    const slug = match["slug"];
    const twin = found.find((other) => other.org === org && other.project === project && other.slug === slug);
    const format = match["extension"] === "json" ? "json" : "yaml";
    const issues = [...checkNames({ org, project, slug }), ...(twin === undefined ? [] : [takenBy(twin.file)])];
    found.push({
      org,
      project,
      slug,
      file,
      result: withIssues(await readChecked(file, (text) => parseFlow(text, { format })), issues),
    });
  }
  return [...found, ...(await misplacedFiles(dir))];
}

const definitionName = /^(?<slug>.*)\.(?<extension>ya?ml|json)$/u;

/** Nobody would find out otherwise why a definition above or below its level is not there. */
const misplaced: DefinitionIssue = {
  path: "",
  message: "lies at the wrong level. Move it to <org>/<project>/<flow>.yaml below the flows directory, or out of it.",
};

/** Definitions that are not two directories deep. Links to directories are not followed here: they may lead round in a circle. */
async function misplacedFiles(dir: string, above: readonly string[] = []): Promise<readonly FlowFile[]> {
  const found: FlowFile[] = [];
  for (const entry of await entriesIn(join(dir, ...above))) {
    const path = [...above, entry.name];
    const [org = "", project = ""] = above;
    const slug = definitionName.exec(entry.name)?.groups?.["slug"];
    if (entry.isDirectory()) found.push(...(await misplacedFiles(dir, path)));
    else if (above.length !== 2 && slug !== undefined)
      found.push({ org, project, slug, file: join(dir, ...path), result: { ok: false, issues: [misplaced] } });
  }
  return found;
}

/** The settings of every project under `dir`; otherwise as `readFlowFiles`. */
export async function readProjectFiles(dir: string): Promise<readonly ProjectFile[]> {
  const found: ProjectFile[] = [];
  for (const { file, org, project, name } of await filesUnder(dir)) {
    if (!isProjectFile(name)) continue;
    const twin = found.find((other) => other.org === org && other.project === project);
    const twinIssue = { path: "", message: `the same settings are in ${twin?.file}. Remove one of the two files.` };
    const issues = [...checkNames({ org, project }), ...(twin === undefined ? [] : [twinIssue])];
    found.push({ org, project, file, result: withIssues(await readChecked(file, parseProject), issues) });
  }
  return found;
}

/** One line per fault: `file:line:column path: message`. */
export function describeIssues(file: string, issues: readonly DefinitionIssue[]): readonly string[] {
  return issues.map(({ path, message, line, column }) => {
    const place = line === undefined ? file : `${file}:${line}:${column ?? 1}`;
    return path === "" ? `${place} ${message}` : `${place} ${path}: ${message}`;
  });
}

/** `project` is a flow's slug in no other spelling than these. */
function isProjectFile(name: string): boolean {
  return name === "project.yaml" || name === "project.yml";
}

interface FoundFile {
  readonly org: string;
  readonly project: string;
  readonly name: string;
  readonly file: string;
}

async function filesUnder(dir: string): Promise<readonly FoundFile[]> {
  const found: FoundFile[] = [];
  for (const org of await namesIn(dir)) {
    for (const project of await namesIn(join(dir, org))) {
      for (const name of await namesIn(join(dir, org, project)))
        found.push({ org, project, name, file: join(dir, org, project, name) });
    }
  }
  return found;
}

async function namesIn(dir: string): Promise<readonly string[]> {
  return (await entriesIn(dir)).map(({ name }) => name);
}

/** What a directory holds, sorted; nothing when it does not exist or is none. */
async function entriesIn(dir: string): Promise<readonly Dirent[]> {
  try {
    const entries = await readdir(dir, { withFileTypes: true });
    return entries.filter(({ name }) => !name.startsWith(".")).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (isCode(error, "ENOENT") || isCode(error, "ENOTDIR")) return [];
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

interface Refused {
  readonly ok: false;
  readonly issues: readonly DefinitionIssue[];
}

/** No file beyond this is read into memory: a text at its limit takes up to four bytes per character. */
const maxFileBytes = 4_000_000;

async function readChecked<Result>(file: string, parse: (text: string) => Result): Promise<Result | Refused> {
  const text = await readText(file);
  return typeof text === "string" ? parse(text) : { ok: false, issues: [{ path: "", message: text.fault }] };
}

async function readText(file: string): Promise<string | { readonly fault: string }> {
  try {
    const { size } = await stat(file);
    if (size > maxFileBytes)
      return { fault: `the file holds ${size} bytes; the limit is ${maxFileBytes}. Make it smaller.` };
    return new TextDecoder("utf-8", { fatal: true }).decode(await readFile(file));
  } catch (error) {
    const reason =
      error instanceof TypeError ? "it is no UTF-8" : error instanceof Error ? error.message : "unknown reason";
    return { fault: `the file cannot be read: ${reason}.` };
  }
}

function checkNames({
  org,
  project,
  slug,
}: {
  readonly org: string;
  readonly project: string;
  /** Absent for what is no flow. */
  readonly slug?: string;
}): readonly DefinitionIssue[] {
  const names = [
    ["the organisation's directory", org],
    ["the project's directory", project],
    ["the file's name", slug],
  ] as const;
  return names.flatMap(([what, name]) => {
    const fault = name === undefined ? undefined : checkSlug(name);
    return fault === undefined ? [] : [{ path: "", message: `${what}: ${fault}` }];
  });
}

function takenBy(file: string): DefinitionIssue {
  return { path: "", message: `the same flow is in ${file}. Remove one of the two files.` };
}

function withIssues<Accepted extends { readonly ok: true }>(
  result: Accepted | Refused,
  issues: readonly DefinitionIssue[],
): Accepted | Refused {
  if (issues.length === 0) return result;
  return { ok: false, issues: result.ok ? issues : [...issues, ...result.issues] };
}
