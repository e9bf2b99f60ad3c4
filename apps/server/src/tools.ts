import type { JsonObject, RunRequest, ToolChoice, ToolDefinition } from "@noukai/engine";
import { z } from "zod";
import { parseValue, refusal } from "./body.ts";
import type { ErrorCode } from "./generated/error-status.gen.ts";
import { zToolChoice, zTools } from "./generated/zod.gen.ts";

/** The members of a body that say what its caller can be asked to do; `readTools` judges them, with codes of their own. */
export const toolMembers = { tools: z.unknown().optional(), toolChoice: z.unknown().optional() };

/** OpenAI's form as the engine takes it. Throws 400 `TOOLS_INVALID`, or `TOOL_NAME_INVALID` when only names are at fault. */
export function readTools(body: {
  readonly tools?: unknown;
  readonly toolChoice?: unknown;
}): Pick<RunRequest, "tools" | "toolChoice"> {
  if (body.tools === undefined && body.toolChoice === undefined) return {};
  const tools = parseValue(body.tools ?? [], zTools, { at: ["tools"], codeOf: codeOfPlaces }) ?? [];
  const choice = parseValue(body.toolChoice ?? null, zToolChoice, {
    at: ["toolChoice"],
    codeOf: () => "TOOLS_INVALID",
  });
  const names = tools.map((tool) => tool.function.name);
  requireUnique(names);
  requireChoosable(choice, names);
  if (tools.length === 0) return {};
  return {
    tools: tools.map(({ function: { name, description, parameters } }): ToolDefinition => ({
      name,
      ...(description != null && { description }),
      ...(parameters != null && { parameters: parameters as JsonObject }), // was read from JSON text
    })),
    ...(choice !== null && { toolChoice: toToolChoice(choice) }),
  };
}

type WireToolChoice = NonNullable<z.infer<typeof zToolChoice>>;

function toToolChoice(choice: WireToolChoice): ToolChoice {
  return typeof choice === "string" ? choice : { name: choice.function.name };
}

function codeOfPlaces(paths: readonly (readonly PropertyKey[])[]): ErrorCode {
  return paths.every((path) => path.at(-1) === "name") ? "TOOL_NAME_INVALID" : "TOOLS_INVALID";
}

function requireUnique(names: readonly string[]): void {
  const issues = names.flatMap((name, index) =>
    names.indexOf(name) < index
      ? [
          {
            path: `tools[${index}].function.name`,
            message: `"${name}" is the name of another tool; choose a different one`,
          },
        ]
      : [],
  );
  if (issues.length > 0) throw refusal("TOOL_NAME_INVALID", issues);
}

function requireChoosable(choice: WireToolChoice | null, names: readonly string[]): void {
  if (choice === null || choice === "auto" || choice === "none") return;
  if (names.length === 0) {
    throw refusal("TOOLS_INVALID", [{ path: "toolChoice", message: "asks for a tool call, and tools is empty" }]);
  }
  if (typeof choice === "string" || names.includes(choice.function.name)) return;
  const message = `"${choice.function.name}" is none of tools; these are: ${names.join(", ")}`;
  throw refusal("TOOL_NAME_INVALID", [{ path: "toolChoice.function.name", message }]);
}
