import type { ToolCallMessage } from "@noukai/core/schema";
import { loaded } from "../loaded.ts";
import type { PendingApproval } from "./approvals.ts";
import { isExecutable } from "./executable-tool.ts";
import type { ToolAnswers, ToolRequest, ToolRounds } from "./tool-handler.ts";
import type { CallTools } from "./wire-tools.ts";

/** Answers the tool requests of one call by its tools and its handler. The options have been checked by `checkCallTools`. */
export function toolRounds(options: CallTools): ToolRounds {
  return new LazyRounds(options);
}

/** Most calls meet no pause: what answers one is loaded by those that do. */
class LazyRounds implements ToolRounds {
  readonly #options: CallTools;
  #rounds: ToolRounds | undefined;

  constructor(options: CallTools) {
    this.#options = options;
  }

  get pendingApprovals(): readonly PendingApproval[] {
    return this.#rounds?.pendingApprovals ?? [];
  }

  async ask(request: ToolRequest, signal: AbortSignal): Promise<readonly PendingApproval[]> {
    if (!this.#options.tools?.some(isExecutable)) return [];
    return (await this.#load(request)).ask(request, signal);
  }

  async answer(request: ToolRequest, signal: AbortSignal): Promise<readonly ToolCallMessage[] | undefined> {
    const { toolHandler, tools } = this.#options;
    if (toolHandler === undefined && !tools?.some(isExecutable)) return undefined;
    return (await this.#load(request)).answer(request, signal);
  }

  async settle(request: ToolRequest, given: ToolAnswers, signal: AbortSignal): Promise<readonly ToolCallMessage[]> {
    return (await this.#load(request)).settle(request, given, signal);
  }

  async #load({ executionId }: ToolRequest): Promise<ToolRounds> {
    const { Rounds } = await loaded(import("./rounds.ts"), { executionId, billed: "possibly" });
    return (this.#rounds ??= new Rounds(this.#options));
  }
}
