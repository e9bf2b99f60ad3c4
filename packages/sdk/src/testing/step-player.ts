import type { SseEventDataByName, StepKind, TokenCounts } from "@noukai/core/schema";
import { totalCostUsd, totalTokens } from "../trace-totals.ts";
import type { RunLog } from "./run-log.ts";
import type {
  InnerStepScript,
  ScriptedError,
  ScriptedToolCall,
  ScriptedToolResult,
  StepContinuation,
  StepScript,
} from "./script.ts";
import { finish, type StepRow, type StepRows } from "./step-rows.ts";
import type { AskingStep } from "./tool-exchange.ts";

const DEFAULT_MODEL = "test/model";
const NO_TOKENS: TokenCounts = { prompt: 0, completion: 0, total: 0 };

/** What a step needs of the run that it belongs to. */
export interface StepStage {
  readonly log: RunLog;
  readonly rows: StepRows;
  now(): number;
  /** How much scripted time has passed in the run. What is not scripted takes none, so that equal scripts have equal figures. */
  workedMs(): number;
  /** Lets scripted time pass; nothing to wait for when there is none. */
  rest(ms: number | undefined): Promise<void>;
  /** Pauses the run and resolves with the caller's answers. */
  ask(step: AskingStep, calls: readonly ScriptedToolCall[]): Promise<readonly ScriptedToolResult[]>;
}

/** A step that failed and ends its run. */
export class StepFailure extends Error {
  readonly stepId: string;
  readonly error: ScriptedError;

  constructor(stepId: string, error: ScriptedError) {
    super(error.message);
    this.stepId = stepId;
    this.error = error;
  }
}

/** Plays one top-level step, from its first event to its last, and gives its output. Throws `StepFailure`. */
export class StepPlayer {
  readonly #stage: StepStage;
  readonly #script: StepScript;
  readonly #stepIndex: number;
  readonly #input: unknown;
  readonly #beganAtMs: number;
  #written = 0;

  constructor(stage: StepStage, script: StepScript, at: { readonly stepIndex: number; readonly input: unknown }) {
    this.#stage = stage;
    this.#script = script;
    this.#stepIndex = at.stepIndex;
    this.#input = at.input;
    this.#beganAtMs = stage.workedMs();
  }

  async play(): Promise<unknown> {
    const { log } = this.#stage;
    const { id: stepId, retries = [], inner = [] } = this.#script;
    const name = this.#script.name ?? stepId;
    log.add("step_started", { stepId, name, stepIndex: this.#stepIndex });
    log.add("step_input", { stepId, inputData: this.#input as SseEventDataByName["step_input"]["inputData"] }); // inputs are objects
    for (const retry of retries) await this.#failOnce(retry);
    const row = this.#begin();
    let doing: StepContinuation = this.#script;
    await this.#stage.rest(doing.after);
    for (const step of inner) await this.#playInner(step);
    for (;;) {
      await this.#write(doing, row.attempt);
      if (!doing.toolCalls?.length) break;
      this.#account(row, doing);
      const text = textOf(doing);
      const results = await this.#stage.ask({ stepId, stepIndex: this.#stepIndex, text }, doing.toolCalls);
      doing = doing.onResults?.(results) ?? {
        text: results.map((result) => `${result.name}: ${result.content}`).join("\n"),
      };
      await this.#stage.rest(doing.after);
    }
    return this.#end(row, doing);
  }

  #begin(): StepRow {
    const { id, name = id } = this.#script;
    const row = { stepId: id, name, kind: this.#kind, loopPath: [], parentStepId: null, input: this.#input };
    return this.#stage.rows.start(row, this.#stage);
  }

  get #kind(): StepKind {
    const { kind, inner, retries } = this.#script;
    if (kind) return kind;
    if (inner) return inner.some(({ loopIndex }) => loopIndex !== undefined) ? "loop" : "parallel";
    return modelOf(this.#script) === undefined && !retries ? "passthrough" : "llm";
  }

  async #failOnce({ text, every, code, message }: NonNullable<StepScript["retries"]>[number]): Promise<void> {
    const row = this.#begin();
    await this.#write({ text, every }, row.attempt);
    this.#written = 0;
    this.#account(row, { text, model: modelOf(this.#script) ?? DEFAULT_MODEL });
    row.error = { code, message };
    finish(row, this.#stage);
    const { stepId, attempt } = row;
    const error = { code, message };
    this.#stage.log.add("step_retrying", { stepId, loopPath: [], attempt: attempt + 1, delayMs: 0, error });
  }

  async #write({ text, every }: Pick<StepContinuation, "text" | "every">, attempt: number): Promise<void> {
    for (const delta of piecesOf(text)) {
      await this.#stage.rest(every);
      const place = { stepId: this.#script.id, attempt, loopPath: [], offset: this.#written };
      this.#stage.log.addPartial("step_output", { ...place, outputData: { delta } });
      this.#written += delta.length;
    }
  }

  #end(row: StepRow, doing: StepContinuation): unknown {
    const { log } = this.#stage;
    const { stepId, name } = row;
    this.#account(row, doing);
    finish(row, this.#stage);
    if (doing.error) {
      row.error = doing.error;
      throw new StepFailure(stepId, doing.error);
    }
    const output = outputOf(doing, this.#input);
    row.output = output;
    const isContainer = this.#script.inner !== undefined;
    if (this.#kind === "loop") log.add("loop_completed", this.#loopFigures());
    log.add("step_completed", {
      stepId,
      name,
      output,
      durationMs: this.#durationMs,
      ...(isContainer ? this.#sums() : { tokens: row.tokens ?? NO_TOKENS, costUsd: row.costUsd ?? "0" }),
      modelUsed: row.model ?? null,
      stepIndex: this.#stepIndex,
    });
    return output;
  }

  async #playInner(script: InnerStepScript): Promise<void> {
    const { log, rows } = this.#stage;
    const { id: stepId, name = stepId, loopIndex } = script;
    const loopPath = loopIndex === undefined ? [] : [loopIndex];
    const kind = modelOf(script) === undefined ? "passthrough" : "llm";
    const row = rows.start(
      { stepId, name, kind, loopPath, parentStepId: this.#script.id, input: this.#input },
      this.#stage,
    );
    const { attempt } = row;
    const about = { stepId, name, parentStepId: this.#script.id, loopIndex: loopIndex ?? null, loopPath, attempt };
    log.add("step_progress", { ...about, phase: "started" });
    await this.#stage.rest(script.after);
    let offset = 0;
    for (const delta of piecesOf(script.text)) {
      await this.#stage.rest(script.every);
      log.addPartial("step_progress", { ...about, phase: "output", offset, outputData: { delta } });
      offset += delta.length;
    }
    this.#account(row, script);
    finish(row, this.#stage);
    row.error = script.error;
    row.output = script.error ? undefined : outputOf(script, this.#input);
    const figures = {
      durationMs: row.durationMs ?? 0,
      tokens: row.tokens ?? null,
      costUsd: row.costUsd ?? null,
    };
    const end = script.error
      ? ({ phase: "failed", error: script.error } as const)
      : ({ phase: "completed", output: row.output } as const);
    log.add("step_progress", { ...about, ...figures, ...end });
  }

  #loopFigures(): SseEventDataByName["loop_completed"] {
    const inner = this.#script.inner ?? [];
    const passes = new Set(inner.map(({ loopIndex }) => loopIndex));
    const failed = new Set(inner.filter(({ error }) => error).map(({ loopIndex }) => loopIndex));
    const durationMs = this.#durationMs;
    return { stepId: this.#script.id, loopPath: [], itemCount: passes.size, failedCount: failed.size, durationMs };
  }

  get #durationMs(): number {
    return this.#stage.workedMs() - this.#beganAtMs;
  }

  /** A container's figures are those of what it holds. */
  #sums(): Usage {
    return sumOf(this.#stage.rows.all.filter(({ parentStepId }) => parentStepId === this.#script.id));
  }

  /** Notes what a model used. Rounds of one attempt add up. */
  #account(row: StepRow, doing: Written): void {
    const model = modelOf(doing);
    if (model === undefined) return;
    const { tokens = countTokens(doing), costUsd = "0" } = doing;
    const { model: earlier } = row;
    row.model = model;
    Object.assign(row, earlier === undefined ? { tokens, costUsd } : sumOf([row, { tokens, costUsd }]));
  }
}

type Written = Pick<StepContinuation, "text" | "model" | "tokens" | "costUsd" | "toolCalls">;

interface Usage {
  readonly tokens: TokenCounts;
  readonly costUsd: string;
}

function sumOf(parts: readonly { readonly [Name in keyof Usage]?: Usage[Name] | undefined }[]): Usage {
  const figures = parts.map(({ tokens = null, costUsd = null }) => ({ tokens, costUsd }));
  return { tokens: totalTokens(figures), costUsd: totalCostUsd(figures).costUsd };
}

function modelOf({ model, text, toolCalls }: Written): string | undefined {
  return model ?? (text !== undefined || toolCalls?.length ? DEFAULT_MODEL : undefined);
}

/** About as many as a model would count: one for each four characters written, and ten read. */
function countTokens({ text }: Written): TokenCounts {
  const completion = Math.ceil(textOf({ text }).length / 4);
  return { prompt: 10, completion, total: 10 + completion };
}

function piecesOf(text: string | readonly string[] | undefined): readonly string[] {
  const pieces = typeof text === "string" ? [text] : (text ?? []);
  return pieces.filter((piece) => piece !== "");
}

function outputOf({ output, text }: Pick<StepContinuation, "output" | "text">, input: unknown): unknown {
  if (output !== undefined) return output;
  return text === undefined ? input : { text: textOf({ text }) };
}

function textOf({ text }: Pick<StepContinuation, "text">): string {
  return piecesOf(text).join("");
}
