import type { DefinitionIssue, FlowDefinition, JsonObject } from "./flow/definition.ts";
import { formatPath } from "./flow/fault.ts";
import { nodesOf } from "./flow/tree.ts";
import type { Sandbox } from "./sandbox/sandbox.ts";

/** The first syntax error of each code step, found without running it. */
export async function codeIssues(
  definition: FlowDefinition,
  sandbox: Pick<Sandbox, "check">,
): Promise<readonly DefinitionIssue[]> {
  const issues: DefinitionIssue[] = [];
  const tree = definition as unknown as JsonObject; // reason: a definition is JSON, which its interfaces do not say
  for (const { node, path } of nodesOf(tree)) {
    const { type, code } = node;
    const fault = type === "code" && typeof code === "string" ? await sandbox.check(code) : undefined;
    if (fault !== undefined) issues.push({ path: formatPath([...path, "code"]), message: fault.message });
  }
  return issues;
}
