import type { ConversationMessage } from "@noukai/core/schema";
import type { FlowTarget } from "../flow-target.ts";
import { flowName } from "../identifiers.ts";
import { checkInputs } from "../option-checks.ts";
import type { ExecuteOptions } from "../options.ts";
import type { FlowSchemas } from "./flow-schemas.ts";
import { loaded } from "../loaded.ts";
import type { OutputOrigin } from "./schema-checks.ts";

// Most flows are called without schemas: what checks them is loaded by those that have some.

/**
 * The options with what the flow's `input` schema makes of the inputs: they are all in `parameters` then, the text of `message` too. That of
 * `messages` is checked, and sent as it is. Throws `ValueError` that names the path of what does not fit.
 */
export async function readInput<Options extends ExecuteOptions>(
  { address, schemas }: FlowTarget,
  options: Options,
): Promise<Options> {
  if (!schemas.input && !schemas.output) return options;
  const { parseInput } = await loaded(import("./schema-checks.ts")); // for the output too, before there is a run
  if (!schemas.input) return options;
  checkInputs(options);
  const { message, messages, parameters } = options;
  const text = message ?? lastText(messages);
  const inputs = { ...parameters, ...(text !== undefined && { message: text }) };
  const parsed = { ...(await parseInput(schemas.input, inputs, flowName(address))) };
  if (messages && "message" in parsed) delete parsed.message;
  return { ...options, message: undefined, parameters: parsed };
}

/** What the flow's `output` schema makes of a run's output. Throws `FlowExecutionError` (`OUTPUT_SCHEMA_MISMATCH`) that names the path. */
export async function readOutput(schemas: FlowSchemas, output: unknown, origin: OutputOrigin): Promise<unknown> {
  if (!schemas.output) return output;
  const { executionId } = origin;
  const { parseOutput } = await loaded(import("./schema-checks.ts"), { executionId, billed: "yes" });
  return parseOutput(schemas.output, output, origin);
}

/** What a conversation gives to the input `message`: the text of its last entry by the user. */
function lastText(messages: readonly ConversationMessage[] | undefined): string | undefined {
  const content = messages?.findLast(({ role }) => role === "user")?.content;
  if (typeof content === "string" || !Array.isArray(content)) return content ?? undefined;
  return content.map((part) => part?.text ?? "").join("\n"); // untyped callers may give anything
}
