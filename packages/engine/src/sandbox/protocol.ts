import type { FlowInput } from "./flow-input.ts";
import type { SandboxLimits } from "./limits.ts";
import type { CodeFault } from "./sandbox.ts";

/** A call of a step's code. */
export interface RunQuestion {
  readonly kind: "run";
  readonly runId: string;
  /** For messages. */
  readonly stepId: string;
  readonly code: string;
  /** The members of the input that may become variables. */
  readonly names: readonly string[];
  /** Undefined for code that cannot see it. */
  readonly initial: Pick<FlowInput, "short" | "longNames" | "long"> | undefined;
  /** JSON. */
  readonly input: string;
  readonly timeoutMs: number;
}

/** What a sandbox process is asked. One question at a time; each gets one answer. */
export type Question = RunQuestion | { readonly kind: "check"; readonly code: string; readonly timeoutMs: number };

/** What of it the process is told. */
export type ToldQuestion = Omit<RunQuestion, "stepId"> | Exclude<Question, RunQuestion>;

/** What a sandbox process answers. */
export type Answer =
  /** JSON of an object. */
  | { readonly kind: "result"; readonly json: string }
  /** For the code's author: what went wrong, and where. */
  | { readonly kind: "fault"; readonly message: string }
  | { readonly kind: "checked"; readonly fault: CodeFault | undefined };

/** What a process finds when it looks for ways out, said once before its first answer. */
export interface Surroundings {
  /** Network interfaces that are up. */
  readonly interfaces: number;
  /** Names in its environment. */
  readonly variables: number;
  /** Of Node's permissions, those that it has although it should not. */
  readonly permissions: readonly string[];
}

/** The near side of what questions are made of. A flow's input goes to a process once, however many calls in a row are given it. */
export class QuestionWriter {
  #sent: RunQuestion["initial"];

  toParts(question: Question): readonly string[] {
    const { kind, code, timeoutMs } = question;
    const common = [kind, code, String(timeoutMs)];
    if (kind === "check") return common;
    const { runId, names, input, initial } = question;
    return [...common, runId, JSON.stringify(names), input, ...this.#initialParts(initial)];
  }

  #initialParts(initial: RunQuestion["initial"]): readonly string[] {
    if (initial === undefined) return [];
    if (initial === this.#sent) return ["same"];
    this.#sent = initial;
    return ["new", initial.short, initial.longNames, initial.long];
  }
}

/** The far side. */
export class QuestionReader {
  #kept: RunQuestion["initial"];

  /** `parts` were made by the `QuestionWriter` of this process. */
  toQuestion(parts: readonly string[]): ToldQuestion {
    const [kind, code = "", timeoutMs, runId = "", names = "[]", input = "{}", ...initial] = parts;
    if (kind === "check") return { kind, code, timeoutMs: Number(timeoutMs) };
    const variables = JSON.parse(names) as readonly string[]; // as: from `toParts`
    const common = { kind: "run", code, timeoutMs: Number(timeoutMs), runId, names: variables, input } as const;
    return { ...common, initial: this.#toInitial(initial) };
  }

  #toInitial([how, short = "{}", longNames = "[]", long = ""]: readonly string[]): RunQuestion["initial"] {
    if (how === undefined) return undefined;
    if (how === "new") this.#kept = { short, longNames, long };
    return this.#kept;
  }
}

export function toAnswerParts(answer: Answer): readonly string[] {
  switch (answer.kind) {
    case "result":
      return [answer.kind, answer.json];
    case "fault":
      return [answer.kind, answer.message];
    case "checked":
      return [answer.kind, JSON.stringify(answer.fault ?? null)];
  }
}

/** Throws when the process said something that no answer is. */
export function toAnswer([kind, text]: readonly string[]): Answer {
  if (text === undefined) throw new Error("An answer without a text.");
  switch (kind) {
    case "result":
      return { kind, json: text };
    case "fault":
      return { kind, message: text };
    case "checked":
      return { kind, fault: toCodeFault(JSON.parse(text)) };
    default:
      throw new Error("An answer of no known kind.");
  }
}

function toCodeFault(value: unknown): CodeFault | undefined {
  if (value === null) return undefined;
  const { line, column, message } = value as { readonly [Name in keyof CodeFault]: unknown }; // as: looked at next
  return { line: Number(line), column: Number(column), message: String(message) };
}

/** Room around the result in the longest answer. */
const slackBytes = 64 * 1024;

export function maxAnswerBytes({ outputBytes }: SandboxLimits): number {
  return outputBytes + slackBytes;
}
