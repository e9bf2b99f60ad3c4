import type { ExecutableTool, ToolCall, ToolContext } from "@noukai/sdk";

/** What a call of a tool comes to, or what the model is told went wrong, in the words of the SDK's own calls. Throws nothing. */
export async function runCall(
  tool: ExecutableTool,
  { function: { arguments: text } }: ToolCall,
  context: ToolContext,
): Promise<unknown> {
  try {
    const output: unknown = await tool.execute(await readArguments(text, tool), context);
    return output === undefined ? null : output;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { error: message === "" ? "The tool failed." : message };
  }
}

/** Throws what the model is told. A model that means "none" may write nothing at all. */
async function readArguments(text: string, { input }: ExecutableTool): Promise<unknown> {
  const result = await input["~standard"].validate(text.trim() === "" ? {} : parse(text));
  if (!result.issues) return result.value;
  throw new Error(`The arguments do not fit: ${result.issues.map(describe).join("; ")}`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error("The arguments are not JSON."); // the parser's message would quote them
  }
}

type Issue = NonNullable<Awaited<ReturnType<ExecutableTool["input"]["~standard"]["validate"]>>["issues"]>[number];

function describe({ path = [], message }: Issue): string {
  const keys = path.map((segment) => String(typeof segment === "object" ? segment.key : segment));
  return keys.length === 0 ? message : `${keys.join(".")}: ${message}`;
}
