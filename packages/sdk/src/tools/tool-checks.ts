import { ValueError } from "@noukai/core";
import type { ToolChoice } from "@noukai/core/schema";
import { show } from "../identifiers.ts";
import type { ExecutableTool } from "./executable-tool.ts";
import type { CallTools } from "./wire-tools.ts";

/** Source: `contract.md` §4. */
const MAX_TOOLS = 64;
const TOOL_CHOICES: readonly unknown[] = ["auto", "none", "required"];
/** Source: `openapi/schemas/execute.yaml`. */
const TOOL_NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** Throws `ValueError` for a name that the server would refuse. */
export function checkToolName(name: unknown, what: string): asserts name is string {
  if (typeof name === "string" && TOOL_NAME.test(name)) return;
  throw new ValueError(`${what} is ${show(name)}. It takes 1 to 64 letters, digits, hyphens and underscores.`);
}

/** Checks what a call is told about tools. Throws `ValueError` that names the option. */
export function checkCallTools(options: CallTools & { readonly toolChoice?: ToolChoice | undefined }): void {
  const { tools, toolChoice, toolHandler, maxToolRounds, toolConcurrency } = options;
  const names = checkTools(tools);
  if ((toolChoice ?? undefined) !== undefined) checkToolChoice(toolChoice, names);
  if (toolHandler !== undefined && typeof toolHandler !== "function") {
    throw new ValueError(`\`toolHandler\` is ${show(toolHandler)}. Give a function that takes the calls.`);
  }
  if (maxToolRounds !== undefined) checkCount(maxToolRounds, "maxToolRounds");
  if (toolConcurrency !== undefined) checkCount(toolConcurrency, "toolConcurrency");
}

// Untyped callers may give anything, null included: to the server it means "absent".
function checkTools(tools: unknown): readonly string[] {
  if (tools === undefined || tools === null) return [];
  if (!Array.isArray(tools)) throw new ValueError(`\`tools\` is ${show(tools)}. Give a list of tools.`);
  if (tools.length > MAX_TOOLS) {
    throw new ValueError(`\`tools\` has ${tools.length} entries. Give at most ${MAX_TOOLS}.`);
  }
  const names = tools.map(checkTool);
  const twice = names.findIndex((name, index) => names.indexOf(name) < index);
  if (twice === -1) return names;
  throw new ValueError(`\`tools[${twice}]\` has the name of another tool, ${show(names[twice])}. Rename one of them.`);
}

function checkTool(tool: unknown, index: number): string {
  const { type, function: described, execute, needsApproval } = (tool ?? {}) as Partial<ExecutableTool>; // all but null and undefined have members
  const isWhole = execute === undefined || typeof needsApproval === "function";
  if (type !== "function" || typeof described !== "object" || described === null || !isWhole) {
    throw new ValueError(
      `\`tools[${index}]\` is no tool. Make it with tool(), or give { type: "function", function }.`,
    );
  }
  checkToolName(described.name, `\`tools[${index}].function.name\``);
  return described.name;
}

function checkToolChoice(choice: unknown, names: readonly string[]): void {
  const { type, function: chosen } = choice as { type?: unknown; function?: { name?: unknown } | null }; // it is not null
  const isNamed = type === "function" && typeof chosen?.name === "string";
  if (!isNamed && !TOOL_CHOICES.includes(choice)) {
    throw new ValueError(
      `\`toolChoice\` is ${show(choice)}. It is "auto", "none", "required", or { type: "function", function: { name } }.`,
    );
  }
  if (names.length === 0 && (isNamed || choice === "required")) {
    throw new ValueError("`toolChoice` asks for a tool call, and `tools` has none. Give the tools.");
  }
  if (isNamed && !names.some((name) => name === chosen.name)) {
    throw new ValueError(
      `\`toolChoice\` names ${show(chosen.name)}, which is none of \`tools\`: ${names.join(", ")}. Choose one of these.`,
    );
  }
}

function checkCount(count: unknown, name: string): void {
  if (Number.isInteger(count) && Number(count) >= 1) return;
  throw new ValueError(`\`${name}\` is ${show(count)}. Give a whole number from 1.`);
}
