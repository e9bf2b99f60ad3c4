/** What a flow is: the tree that `contract.md` §9 describes, as TypeScript. Parsing and checking live in `parse.ts` and `validate.ts`. */

import type { RedactionRule, Retention } from "./kept.ts";

/** A JSON value as it is stored and sent. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** A tenant's JSON Schema (draft 2020-12), kept as data. */
export type JsonSchema = JsonObject;

export const captureModes = ["full", "redacted", "metadata_only", "off"] as const;
/** What traces and sessions may show of a run's inputs and outputs. */
export type CaptureMode = (typeof captureModes)[number];

export interface FlowDefinition {
  /** The address of the definition's own JSON Schema, for editors. It changes nothing. */
  readonly $schema?: string;
  /** For people. Default: the slug. */
  readonly name?: string;
  readonly description?: string;
  /** Default: the project's mode, else `metadata_only`. */
  readonly capture?: CaptureMode;
  /** What the mode `redacted` hides of this flow, beside the built-in rules and the project's. */
  readonly redact?: readonly RedactionRule[];
  /** Default: the project's, else for ever. */
  readonly retention?: Retention;
  /** JSON Schema of an object; property order matters: `message` fills the first one unless one is named `message`. Default: one optional string `message`. */
  readonly input?: JsonSchema;
  /** A sequence; each top-level node is one `stepIndex`. Never empty. */
  readonly steps: readonly StepNode[];
}

export type StepNode = LlmNode | PassthroughNode | CodeNode | LoopNode | ParallelNode | BranchNode | FlowNode;
export type StepKind = StepNode["type"];

interface NodeBase {
  /** Unique in the whole tree. */
  readonly id: string;
  /** Default: the id. */
  readonly name?: string;
  readonly description?: string;
}

/** How often and how patiently one step is tried. */
export interface RetrySettings {
  /** Attempts in all, the first included. Default 3. */
  readonly maxAttempts?: number;
  /** Backoff before the second attempt, in milliseconds. Default 500. */
  readonly initialMs?: number;
  /** Growth of the backoff from one attempt to the next. Default 2. */
  readonly factor?: number;
}

export interface LlmNode extends NodeBase {
  readonly type: "llm";
  /** `provider/model`, such as `openai/gpt-5-mini`. */
  readonly model: string;
  readonly system?: string;
  readonly prompt: string;
  readonly temperature?: number;
  readonly maxOutputTokens?: number;
  /** May this step ask the caller for tools? Default false. */
  readonly tools?: boolean;
  /** JSON Schema of the output object. Absent: the output is `{text}`. */
  readonly output?: JsonSchema;
  /** Bound of one attempt, in milliseconds. Absent: the engine's limit. */
  readonly timeoutMs?: number;
  readonly retry?: RetrySettings;
  /** Models to try, in order, once the step's own model has used up its attempts. */
  readonly fallback?: readonly string[];
}

export interface PassthroughNode extends NodeBase {
  readonly type: "passthrough";
}

export interface CodeNode extends NodeBase {
  readonly type: "code";
  /** Default `javascript`, the only one there is. */
  readonly language?: "javascript";
  /** Body of a function `(initial, input, …fields)` that returns a JSON object. */
  readonly code: string;
  readonly timeoutMs?: number;
  readonly retry?: RetrySettings;
}

export interface LoopNode extends NodeBase {
  readonly type: "loop";
  /** Path of an array in this node's input, such as `mistakes` or `report.mistakes`. */
  readonly over: string;
  /** Items in work at once. Default 1. */
  readonly concurrency?: number;
  /** Default `fail`. YAML reads a bare `null` as the null value, so that both it and the word mean: keep the place with null. */
  readonly onError?: "fail" | "skip" | "null" | null;
  readonly steps: readonly StepNode[];
}

export interface ParallelNode extends NodeBase {
  readonly type: "parallel";
  readonly branches: { readonly [name: string]: readonly StepNode[] };
}

export interface BranchNode extends NodeBase {
  readonly type: "branch";
  readonly when: readonly { readonly if: string; readonly steps: readonly StepNode[] }[];
  readonly else?: readonly StepNode[];
}

export interface FlowNode extends NodeBase {
  readonly type: "flow";
  /** Slug of a flow in the same project. */
  readonly flow: string;
  /** `draft`, `production` or a version number. Default `production`. */
  readonly version?: "draft" | "production" | number;
  /** Strings in it are templates; a string that is one `{{path}}` alone keeps its value's type. Default: the node's own input. */
  readonly input?: JsonObject;
}

/** One fault of a definition. Everything that is wrong is reported at once. */
export interface DefinitionIssue {
  /** Where, such as `steps[2].branches.tone[0].prompt`; empty for the document itself. */
  readonly path: string;
  /** What is wrong and what to do about it. */
  readonly message: string;
  /** Position in the file, from 1, when the definition came as text. */
  readonly line?: number;
  readonly column?: number;
}
