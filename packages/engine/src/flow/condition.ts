import { type ASTNode, Environment, EvaluationError, type ParseResult } from "@marcbachmann/cel-js";
import { TerminalError } from "../errors.ts";
import type { TemplateScope } from "../template.ts";
import { type ConditionWork, isNode, loopNames, planWork } from "./condition-work.ts";
import type { Json, JsonObject } from "./definition.ts";
import { isList, isObject } from "./json.ts";
import { createLru } from "./lru.ts";
import { compilePattern, type Pattern } from "./schema/pattern.ts";

/**
 * Conditions of branches: expressions in CEL, the Common Expression Language. Values are bound to names, never pasted in as text, and nothing
 * is compiled to JavaScript. A condition cannot loop but over a list, and what it may look at is bounded (`maxWork`), so that it cannot
 * hold the process up.
 */
export interface Condition {
  readonly source: string;
  /** What it reads, such as `steps.check.score`. */
  readonly references: readonly ConditionReference[];
  readonly evaluate: ParseResult;
  /** Names that are to be bound. */
  readonly roots: ReadonlySet<string>;
  readonly work: ConditionWork;
}

export interface ConditionReference {
  readonly names: readonly string[];
  /** As written. */
  readonly source: string;
}

const maxLoops = 3;

/** Methods that build new values are refused: the size of those could be multiplied without end. */
const growing: ReadonlySet<string> = new Set(["map", "bind", "join", "hex", "base64"]);

/** In the units of `ConditionWork`; about a second at the most. */
const maxWork = 20_000_000;

/** Under this name `matches` is ours. */
const safeMatches = "matches_re2";

const patterns = createLru<string, Pattern>(200);

const environment = createEnvironment();

/** JSON's numbers are doubles in CEL and whole literals are ints: both orders of both are defined here, as people write them. */
function createEnvironment(): Environment {
  const limits = { maxAstNodes: 500, maxDepth: 40, maxListElements: 100, maxMapEntries: 100, maxCallArguments: 8 };
  const made = new Environment({ unlistedVariablesAreDyn: true, homogeneousAggregateLiterals: false, limits });
  for (const [a, b] of [["double", "int"] as const, ["int", "double"] as const]) {
    made.registerOperator(`${a} + ${b}: double`, (x: number | bigint, y: number | bigint) => Number(x) + Number(y));
    made.registerOperator(`${a} - ${b}: double`, (x: number | bigint, y: number | bigint) => Number(x) - Number(y));
    made.registerOperator(`${a} * ${b}: double`, (x: number | bigint, y: number | bigint) => Number(x) * Number(y));
    made.registerOperator(`${a} / ${b}: double`, (x: number | bigint, y: number | bigint) => Number(x) / Number(y));
    made.registerOperator(`${a} % ${b}: double`, (x: number | bigint, y: number | bigint) => Number(x) % Number(y));
  }
  made.registerOperator("double % double: double", (x: number, y: number) => x % y);
  // The library's own `matches` uses regular expressions that can take for ever.
  made.registerFunction(`string.${safeMatches}(string): bool`, matches);
  return made;
}

function matches(text: string, source: string): boolean {
  const pattern = patterns.get(source) ?? compilePattern(source);
  patterns.set(source, pattern);
  return pattern.test(text);
}

/** Reads a condition; a string says what is wrong with it. */
export function parseCondition(source: string): Condition | string {
  try {
    const { ast } = environment.parse(source);
    const analysis = analyse(ast);
    if (typeof analysis === "string") return analysis;
    const { matchedAt, ...about } = analysis;
    const evaluate = environment.parse(withSafeMatches(source, matchedAt));
    const checked = evaluate.check();
    if (!checked.valid) return `cannot be read: ${firstLine(checked.error)}`;
    if (checked.type !== "bool" && checked.type !== "dyn")
      return `gives a value of type ${checked.type}; a condition is true or false.`;
    return { source, evaluate, ...about };
  } catch (error) {
    return `cannot be read: ${firstLine(error)}`;
  }
}

/** The same for a text that was checked before; throws `TerminalError` (`INVALID_TREE`) when it is faulty after all. */
export function compileCondition(source: string, place: string): Condition {
  const condition = parseCondition(source);
  if (typeof condition === "string") throw new TerminalError("INVALID_TREE", `${place}: ${condition}`);
  return condition;
}

/** Does the condition hold? Throws `TerminalError` (`STEP_FAILED`) that names the place and the cause; never the values. */
export function holds(condition: Condition, scope: TemplateScope, place: string): boolean {
  const values = bind(condition, scope);
  if (condition.work(values) > maxWork) {
    throw failed(place, `\`${condition.source}\` would look at too much. Give it smaller lists or texts.`);
  }
  let result: unknown;
  try {
    result = condition.evaluate(values);
  } catch (error) {
    throw failed(place, `\`${condition.source}\` cannot be worked out: ${causeOf(error, condition.source)}`, error);
  }
  if (typeof result === "boolean") return result;
  throw failed(place, `\`${condition.source}\` is neither true nor false in this run. Compare it with something.`);
}

function failed(place: string, reason: string, cause?: unknown): TerminalError {
  return new TerminalError("STEP_FAILED", `${place}: ${reason}`, { cause });
}

/** The input's fields by their names, and the roots, which win over fields of the same name. Only what the condition names. */
function bind({ roots }: Condition, { input, initial, steps, loop }: TemplateScope): Record<string, Json> {
  const values: Record<string, Json> = Object.create(null);
  const known: JsonObject = {
    ...(isObject(input) ? input : {}),
    initial,
    // A plain object, as the library wants them.
    steps: { ...steps },
    ...loop,
  };
  for (const name of roots) {
    const value = Object.hasOwn(known, name) ? known[name] : undefined;
    if (value !== undefined) values[name] = value;
  }
  return values;
}

interface Analysis extends Pick<Condition, "references" | "roots" | "work"> {
  /** Where receivers of `matches` end in the source. */
  readonly matchedAt: readonly number[];
}

/** Goes through the tree once; a string says what must not be in it. */
function analyse(ast: ASTNode): Analysis | string {
  const references: ConditionReference[] = [];
  const matchedAt: number[] = [];
  let loops = 0;
  let fault: string | undefined;

  const visitAll = (children: readonly unknown[], bound: ReadonlySet<string>, depth: number): void => {
    for (const child of children) {
      if (isList(child as Json)) visitAll(child as readonly unknown[], bound, depth);
      else if (isNode(child)) visit(child, bound, depth);
    }
  };

  const visitLoop = (node: RCall, bound: ReadonlySet<string>, depth: number): void => {
    const [, receiver, [variable, ...bodies]] = node.args;
    visit(receiver, bound, depth);
    loops = Math.max(loops, depth + 1);
    const inside = new Set(bound);
    if (variable?.op === "id") inside.add(variable.args);
    visitAll(bodies, inside, depth + 1);
  };

  const visitMethod = (node: RCall, bound: ReadonlySet<string>, depth: number): void => {
    const [name, receiver, args] = node.args;
    if (loopNames.has(name)) return visitLoop(node, bound, depth);
    if (growing.has(name))
      fault = `\`${name}\` cannot be used in a condition. Use ${[...loopNames].map((known) => `\`${known}\``).join(", ")}, or a code step before.`;
    if (name === safeMatches) fault = `\`${safeMatches}\` is not known. Write \`matches\`.`;
    if (name === "matches") matchedAt.push(receiver.end);
    visitAll([receiver, args], bound, depth);
  };

  const visit = (node: ASTNode, bound: ReadonlySet<string>, depth: number): void => {
    const names = pathOf(node);
    if (names !== undefined) {
      const isKnown = bound.has(names[0] ?? "") || environment.hasVariable(names[0] ?? "");
      if (!isKnown) references.push({ names, source: node.input.slice(node.start, node.end) });
    } else if (node.op === "rcall") {
      visitMethod(node, bound, depth);
    } else if (node.op === "call" && node.args[0] === "has") {
      // It asks whether the last name is there.
      const [asked] = node.args[1];
      if (asked?.op === ".") visit(asked.args[0], bound, depth);
    } else {
      visitAll([node.args], bound, depth);
    }
  };

  visit(ast, new Set(), 0);
  if (fault !== undefined) return fault;
  if (loops > maxLoops) return `has loops nested ${loops} deep; the limit is ${maxLoops}. Use a code step before.`;
  const roots = new Set(references.map(({ names: [root = ""] }) => root));
  return { references, roots, work: planWork(ast, pathOf), matchedAt };
}

type RCall = ASTNode & { readonly op: "rcall" };

/** The names of `a.b["c"]`; undefined for what is no such path. */
function pathOf(node: ASTNode): readonly string[] | undefined {
  if (node.op === "id") return [node.args];
  if (node.op === ".") {
    const before = pathOf(node.args[0]);
    return before && [...before, node.args[1]];
  }
  if (node.op !== "[]" || node.args[1].op !== "value") return undefined;
  const name = node.args[1].args;
  const before = typeof name === "string" || typeof name === "bigint" ? pathOf(node.args[0]) : undefined;
  return before && [...before, String(name)];
}

/** The source with every `.matches(` behind one of `ends` under the name of ours. */
function withSafeMatches(source: string, ends: readonly number[]): string {
  return ends
    .toSorted((a, b) => b - a)
    .reduce((text, end) => text.slice(0, end) + text.slice(end).replace("matches", safeMatches), source);
}

/** Messages of these codes end with a value, which may be a run's. */
const quotingCodes: ReadonlySet<unknown> = new Set(["no_such_key", "invalid_duration", "bool_conversion_error"]);

/** What the library says, without values: only what the condition itself spells out is quoted. */
function causeOf(error: unknown, source: string): string {
  if (!(error instanceof EvaluationError)) return "a function in it refuses what it is given.";
  const [said = "", quoted = ""] = error.summary.split(/:(.*)/su);
  const value = quoted.replace(/^.*"(.*)"$/su, "$1").trim();
  return quotingCodes.has(error.code) && !source.includes(value) ? `${said}.` : firstLine(error);
}

/** What the library says, without the lines that show the place. */
function firstLine(error: unknown): string {
  const [line = ""] = (error instanceof Error ? error.message : "unknown reason").split("\n", 1);
  return line.endsWith(".") ? line : `${line}.`;
}
