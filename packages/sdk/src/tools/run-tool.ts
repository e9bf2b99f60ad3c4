import { untilAborted } from "@noukai/core";
import type { ToolCall } from "@noukai/core/schema";
import type { ExecutableTool, ToolContext } from "./executable-tool.ts";
import type { CallsKept } from "./outcomes.ts";
import type { ToolRequest } from "./tool-handler.ts";
import { failureContent, toContent } from "./tool-results.ts";

/** The longest delay that timers take; a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** A call whose arguments are read and which may run. */
export interface ReadyCall {
  readonly call: ToolCall;
  readonly tool: ExecutableTool;
  readonly args: unknown;
}

/** One go at calls of a request. */
export interface CallsAtWork extends CallsKept {
  readonly request: Pick<ToolRequest, "executionId" | "stepId">;
  readonly signal: AbortSignal;
}

/**
 * Runs one call, or waits for the one that is still at work on it, and keeps what the model is told. Failing is telling the model so: by the
 * error's message, never its stack. Throws only the signal's reason, as soon as it aborts.
 */
export async function runTool(ready: ReadyCall, { request, signal, ...kept }: CallsAtWork): Promise<void> {
  signal.throwIfAborted(); // while a call before it ran
  const { call, tool } = ready;
  const time = limitTime(tool, signal);
  try {
    const { executionId, stepId } = request;
    const context: ToolContext = { signal: time.signal, executionId, stepId, toolCallId: call.id };
    await untilAborted(kept.running.get(call.id) ?? begin(ready, context, kept), time.signal);
  } catch (error) {
    signal.throwIfAborted();
    kept.outcomes.set(call.id, failureContent(messageOf(error)));
  } finally {
    time.end();
  }
}

/** Has the tool work until it is done, whoever waits for it: what it comes to is kept, unless the model was told of its failure by then. */
function begin({ call: { id }, tool, args }: ReadyCall, context: ToolContext, kept: CallsKept): Promise<unknown> {
  const { outcomes, running } = kept;
  const work = (async () => {
    try {
      const output = await tool.execute(args, context);
      if (!outcomes.has(id)) outcomes.set(id, contentOf(output));
    } finally {
      running.delete(id); // one that failed, or gave up when it was told to, may run again
    }
  })();
  running.set(id, work);
  return work;
}

/** A model that heard of a failure alone might call again what has been done. */
function contentOf(output: unknown): string {
  try {
    return toContent(output);
  } catch {
    return failureContent("The tool ran, but its result cannot be written as JSON.");
  }
}

/** A signal that follows the given one, and aborts by itself when the tool's time is over. */
function limitTime(
  { timeoutMs = Infinity, function: { name } }: ExecutableTool,
  outer: AbortSignal,
): { readonly signal: AbortSignal; readonly end: () => void } {
  const controller = new AbortController();
  const onAbort = (): void => controller.abort(outer.reason);
  outer.addEventListener("abort", onAbort, { once: true });
  const expire = (): void => controller.abort(new Error(`${name} did not finish within ${timeoutMs} ms.`));
  const timer = timeoutMs <= MAX_TIMER_MS ? setTimeout(expire, timeoutMs) : undefined;
  const end = (): void => {
    clearTimeout(timer);
    outer.removeEventListener("abort", onAbort);
  };
  return { signal: controller.signal, end };
}

/** What the model is told of a fault: nothing but its message, if it has one. */
function messageOf(error: unknown): string {
  if (typeof error === "string" && error !== "") return error;
  const message = error instanceof Error ? error.message : "";
  return message === "" ? "The tool failed." : message;
}

/** Does `run` with each item, at most `limit` at a time. */
export async function eachLimited<Item>(
  items: readonly Item[],
  limit: number,
  run: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = items.values(); // shared: each worker takes the next
  const work = async (): Promise<void> => {
    for (const item of queue) await run(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, work));
}
