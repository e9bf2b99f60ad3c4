/** What a caller is not to see of its own runs. */
export interface Concealment {
  /** May it see what each step was given? It holds prompts' data, and whatever the relay added. */
  readonly showsInputs: boolean;
  /** Parameters that the relay added. Their names are as they stand in JSON: see `addedParameters`. */
  readonly hidden: readonly string[];
}

/** Members of events, answers and traces whose values flows make: there, a passthrough step or a tool's pause hands inputs on. */
const PAYLOADS = new Set(["output", "result", "accumulatedOutputs", "outputContext", "inputData", "inputContext"]);

/** Could this JSON text hold anything to conceal? Without it, bytes go on as they came. */
export function mayConceal(text: string, { showsInputs, hidden }: Concealment): boolean {
  const hasInputs = !showsInputs && (text.includes('"inputData"') || text.includes('"inputContext"'));
  return hasInputs || hidden.some((name) => text.includes(name));
}

/**
 * The JSON without what is to be concealed: inputs become `{}` or null, as they are for runs that nobody captured, and members that are named
 * as a hidden parameter are left out of what flows made, texts that hold such a member with them.
 */
export function conceal(value: unknown, what: Concealment, isPayload = false): unknown {
  if (typeof value === "string") return isPayload && isTelling(value, what) ? "" : value;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => conceal(item, what, isPayload));
  const members = Object.entries(value).flatMap(([name, member]): [string, unknown][] => {
    if (isPayload && what.hidden.includes(name)) return [];
    if (!isPayload && !what.showsInputs && name === "inputData") return [[name, {}]];
    if (!isPayload && !what.showsInputs && name === "inputContext") return [[name, null]];
    return [[name, conceal(member, what, isPayload || PAYLOADS.has(name))]];
  });
  return Object.fromEntries(members);
}

/** JSON within a text, and JSON within that: a preview of a large output, or what a code step has written. */
function isTelling(text: string, { hidden }: Concealment): boolean {
  return hidden.some((name) => text.includes(`"${name}"`) || text.includes(`"${name}\\`));
}
