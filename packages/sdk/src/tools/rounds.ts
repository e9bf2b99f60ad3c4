import { ToolCallLimitError, untilAborted, ValueError } from "@noukai/core";
import type { ToolCall, ToolCallMessage } from "@noukai/core/schema";
import { isExecutable } from "../streaming.ts";
import { type Approval, approvalOf, checkApprovals, type PendingApproval, refusalOf } from "./approvals.ts";
import { type CallsAtWork, eachLimited, type ReadyCall, runTool } from "./run-tool.ts";
import type { ExecutableTool } from "./executable-tool.ts";
import { withOutcomes } from "./outcomes.ts";
import type { ToolAnswers, ToolHandler, ToolRequest, ToolRounds } from "./tool-handler.ts";
import { failureContent, namesOf, readResults, toMessage } from "./tool-results.ts";
import { readArguments } from "./tool-schema.ts";
import type { CallTools } from "./wire-tools.ts";

// In one file with the rest of what runs tools.
export { answerCall } from "./answer-call.ts";

const MAX_ROUNDS = 10;
const CONCURRENCY = 5;

/** What is to become of one call: its result is known, it runs here, a person decides first, or somebody else runs it. */
type Plan =
  | { readonly kind: "answered"; readonly call: ToolCall; readonly content: string }
  | ({ readonly kind: "ready" } & ReadyCall)
  | { readonly kind: "undecided"; readonly call: ToolCall; readonly args: unknown }
  | { readonly kind: "foreign"; readonly call: ToolCall };

/** One go at the calls of a request. */
interface Round extends CallsAtWork {
  readonly request: ToolRequest;
}

/** What the caller brought to one call. */
interface Given {
  readonly result: string | undefined;
  /** What it came to when the request was answered before. */
  readonly outcome: string | undefined;
  readonly approval: Approval | undefined;
  readonly isPending: boolean;
}

/** What `toolRounds` gives to calls that have tools or are resumed. */
export class Rounds implements ToolRounds {
  pendingApprovals: readonly PendingApproval[] = [];
  readonly #executables: ReadonlyMap<string, ExecutableTool>;
  readonly #names: readonly string[];
  readonly #handler: ToolHandler | undefined;
  readonly #maxRounds: number;
  readonly #concurrency: number;
  #rounds = 0;
  /** What `ask` found, for `answer`: tools are asked once whether they need a decision. */
  #asked: { readonly calls: readonly ToolCall[]; readonly plans: readonly Plan[] } | undefined;

  constructor({ tools, toolHandler, maxToolRounds = MAX_ROUNDS, toolConcurrency = CONCURRENCY }: CallTools) {
    const known = tools ?? []; // null from untyped callers
    this.#executables = new Map(known.filter(isExecutable).map((tool) => [tool.function.name, tool]));
    this.#names = known.map((tool) => tool.function.name);
    this.#handler = toolHandler;
    this.#maxRounds = maxToolRounds;
    this.#concurrency = toolConcurrency;
  }

  ask(request: ToolRequest, signal: AbortSignal): Promise<readonly PendingApproval[]> {
    return withOutcomes(request.toolCalls, signal, async (kept) => {
      const plans = await this.#planUndecided({ request, signal, ...kept });
      this.#asked = { calls: request.toolCalls, plans };
      return this.pendingApprovals;
    });
  }

  answer(request: ToolRequest, signal: AbortSignal): Promise<readonly ToolCallMessage[] | undefined> {
    return withOutcomes(request.toolCalls, signal, async (kept) => {
      const round: Round = { request, signal, ...kept };
      const asked = this.#asked?.calls === request.toolCalls ? this.#asked.plans : undefined;
      this.#asked = undefined;
      const plans = asked ?? (await this.#planUndecided(round));
      const isForeign = this.#handler === undefined && plans.some(({ kind }) => kind === "foreign");
      if (isForeign || this.pendingApprovals.length > 0) return undefined;
      if (this.#rounds >= this.#maxRounds) throw limitError(request, this.#maxRounds);
      return this.#run(plans, round);
    });
  }

  settle(request: ToolRequest, given: ToolAnswers, signal: AbortSignal): Promise<readonly ToolCallMessage[]> {
    return withOutcomes(request.toolCalls, signal, async (kept) => {
      const round: Round = { request, signal, ...kept };
      checkApprovals(given, request.toolCalls);
      const plans = await this.#planAll(round, given);
      const missing = plans.filter(({ kind }) => kind === "foreign").map(({ call }) => call);
      if (this.#handler === undefined && missing.length > 0) throw missingError(missing);
      const undecided = plans.filter(({ kind }) => kind === "undecided").map(({ call }) => call);
      if (undecided.length > 0) throw undecidedError(undecided);
      return this.#run(plans, round);
    });
  }

  /** Finds out what is to become of each call before anybody has decided. */
  async #planUndecided(round: Round): Promise<readonly Plan[]> {
    this.pendingApprovals = [];
    const plans = await this.#planAll(round, {});
    this.pendingApprovals = plans.filter((plan) => plan.kind === "undecided").map(toPending);
    return plans;
  }

  /** Decides on each call before any of them runs. */
  #planAll({ request, signal, outcomes }: Round, given: ToolAnswers): Promise<readonly Plan[]> {
    const { toolCalls } = request;
    const results = readResults(given.toolResults ?? [], toolCalls, "toolResults");
    const both = toolCalls.filter((call) => results.has(call.id) && approvalOf(call, given) !== undefined);
    if (both.length > 0) throw contradictionError(both);
    const pending = new Set(
      [...this.pendingApprovals, ...(request.pendingApprovals ?? [])].map((each) => each.toolCallId),
    );
    const plan = (call: ToolCall): Promise<Plan> =>
      this.#plan(call, {
        result: results.get(call.id),
        outcome: outcomes.get(call.id),
        approval: approvalOf(call, given),
        isPending: pending.has(call.id),
      });
    return untilAborted(Promise.all(toolCalls.map(plan)), signal);
  }

  async #plan(call: ToolCall, { result, outcome, approval, isPending }: Given): Promise<Plan> {
    if (result !== undefined) return { kind: "answered", call, content: result };
    const refusal = approval === undefined ? undefined : refusalOf(approval);
    if (refusal !== undefined) return failed(call, refusal);
    if (outcome !== undefined) return { kind: "answered", call, content: outcome };
    const tool = this.#executables.get(call.function.name);
    if (tool === undefined)
      return this.#isUnknown(call) ? failed(call, this.#unknownName(call)) : { kind: "foreign", call };
    const read = await readArguments(call.function.arguments, tool.input);
    if ("fault" in read) return failed(call, read.fault);
    const { args } = read;
    // Who was asked for a decision once is not passed over because the rule now says otherwise.
    const isOpen = approval === undefined && (isPending || (await tool.needsApproval(args)));
    return isOpen ? { kind: "undecided", call, args } : { kind: "ready", call, tool, args };
  }

  /** A name that the model made up. Where no names are known, as in another process, and where nothing runs here, the caller knows better. */
  #isUnknown(call: ToolCall): boolean {
    const runsHere = this.#handler !== undefined || this.#executables.size > 0;
    return runsHere && this.#names.length > 0 && !this.#names.includes(call.function.name);
  }

  #unknownName({ function: { name } }: ToolCall): string {
    return `There is no tool ${name}. These exist: ${this.#names.join(", ")}.`;
  }

  async #run(plans: readonly Plan[], round: Round): Promise<readonly ToolCallMessage[]> {
    this.#rounds++;
    const { request, signal } = round;
    // Whoever gives the round up, the handler by throwing or the caller, gives up what else of it is running.
    const controller = new AbortController();
    const both = AbortSignal.any([signal, controller.signal]);
    try {
      signal.throwIfAborted();
      const contents = await untilAborted(this.#contents(plans, { ...round, signal: both }), signal);
      return [
        ...request.toolCallMessages,
        ...request.toolCalls.map((call) => toMessage(call, contents.get(call.id) ?? "")),
      ];
    } catch (error) {
      controller.abort(error);
      throw error;
    }
  }

  async #contents(plans: readonly Plan[], round: Round): Promise<ReadonlyMap<string, string>> {
    const ready = plans.filter((plan) => plan.kind === "ready");
    const foreign = plans.filter(({ kind }) => kind === "foreign").map(({ call }) => call);
    await Promise.all([
      eachLimited(ready, this.#concurrency, (plan) => runTool(plan, round)),
      this.#handle(foreign, round),
    ]);
    const answered = plans.filter((plan) => plan.kind === "answered");
    return new Map([...round.outcomes, ...answered.map(({ call, content }) => [call.id, content] as const)]);
  }

  async #handle(calls: readonly ToolCall[], { request, signal, outcomes }: Round): Promise<void> {
    if (calls.length === 0 || this.#handler === undefined) return;
    const { executionId, stepId } = request;
    const results = readResults(await this.#handler(calls, { executionId, stepId, signal }), calls, "toolHandler(…)");
    for (const [id, content] of results) outcomes.set(id, content);
    const missing = calls.filter(({ id }) => !results.has(id));
    if (missing.length === 0) return;
    throw new ValueError(`\`toolHandler\` returned no result for ${namesOf(missing)}. Return one for each call.`);
  }
}

function failed(call: ToolCall, fault: string): Plan {
  return { kind: "answered", call, content: failureContent(fault) };
}

function toPending({ call, args }: { readonly call: ToolCall; readonly args: unknown }): PendingApproval {
  return { toolCallId: call.id, name: call.function.name, args };
}

function limitError({ executionId }: ToolRequest, maxRounds: number): ToolCallLimitError {
  const rounds = maxRounds === 1 ? "1 round" : `${maxRounds} rounds`;
  return new ToolCallLimitError(
    `The run asks for tools again after ${rounds}. Raise \`maxToolRounds\`, or go on from the pause: it can still be resumed.`,
    { code: "TOOL_CALL_LIMIT_CLIENT", executionId, billed: "yes" },
  );
}

function missingError(calls: readonly ToolCall[]): ValueError {
  return new ValueError(
    `No result for ${namesOf(calls)}. Give one in \`toolResults\` for each call, or the \`tools\` or \`toolHandler\` that run them.`,
  );
}

function contradictionError(calls: readonly ToolCall[]): ValueError {
  return new ValueError(
    `Both \`toolResults\` and \`approvals\` speak of ${namesOf(calls)}. Give a result or a decision.`,
  );
}

function undecidedError(calls: readonly ToolCall[]): ValueError {
  return new ValueError(`No decision on ${namesOf(calls)}. Give true or false for each of them in \`approvals\`.`);
}
