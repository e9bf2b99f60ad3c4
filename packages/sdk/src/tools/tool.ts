import { parseTimeout, ValueError } from "@noukai/core";
import type { JsonSchema, ToolFunction } from "@noukai/core/schema";
import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec";
import type { ExecutableTool, ToolContext } from "./executable-tool.ts";
import { checkToolName } from "./tool-checks.ts";
import { describeInput } from "./tool-schema.ts";

interface ToolDefinition<Schema extends StandardSchemaV1, Result> {
  /** Letters, digits, `_` and `-`, at most 64; unique among the tools of a call. */
  readonly name: string;
  /** Tells the model what it does and when to call it. */
  readonly description?: string | undefined;
  /** Reads the arguments: a schema of zod, valibot, arktype or any other Standard Schema library. */
  readonly input: Schema;
  /** Runs the call. What it returns is sent to the model, as JSON unless it is text; of what it throws, the message. */
  readonly execute: (args: StandardSchemaV1.InferOutput<Schema>, context: ToolContext) => Result | Promise<Result>;
  /** Milliseconds that one call may take. Default: as long as the whole call has. */
  readonly timeoutMs?: number | undefined;
  /**
   * Must a person agree before it runs? Then the round's calls come back as a `PausedResult` with `pendingApprovals`, none of them run, and
   * `paused.resume({ approvals: { [toolCallId]: true } })` goes on. Default `false`.
   */
  readonly needsApproval?:
    | boolean
    | ((args: StandardSchemaV1.InferOutput<Schema>) => boolean | Promise<boolean>)
    | undefined;
}

/** How a tool is made. `inputSchema` describes the arguments to the model where the library of `input` cannot. */
export type ToolOptions<Schema extends StandardSchemaV1, Result = unknown> = ToolDefinition<Schema, Result> &
  (Schema extends StandardJSONSchemaV1
    ? { readonly inputSchema?: JsonSchema | undefined }
    : { readonly inputSchema: JsonSchema });

/**
 * A tool that the SDK runs when the model calls it: the arguments are parsed and validated, the result goes back. Bad arguments, a tool that
 * throws and one that takes too long become a result `{"error": "…"}`, so that the model can mend its call; none of them ends the run.
 * Throws `ValueError` for a name that cannot be, and for an `input` that nothing describes to the model.
 */
export function tool<Schema extends StandardSchemaV1, Result>(
  options: ToolOptions<Schema, Result>,
): ExecutableTool<StandardSchemaV1.InferOutput<Schema>, Result> {
  const {
    name,
    description,
    input,
    execute,
    timeoutMs,
    needsApproval = false,
  }: ToolDefinition<Schema, Result> = options;
  checkToolName(name, "`name` of a tool");
  if (typeof execute !== "function") throw new ValueError(`The tool ${name} has no function \`execute\`. Give one.`);
  if (timeoutMs !== undefined) parseTimeout(timeoutMs, `timeoutMs of the tool ${name}`);
  const parameters = describeInput(name, input, options.inputSchema);
  const described: ToolFunction = { name, ...(description !== undefined && { description }), parameters };
  return {
    type: "function",
    function: described,
    input,
    timeoutMs,
    execute: (args, context) => execute(args, context),
    needsApproval: typeof needsApproval === "function" ? needsApproval : () => needsApproval,
  };
}
