import { ValueError } from "@noukai/core";

/** Which options a call has. */
export type OptionNames = readonly string[];

const TOOL_OPTIONS: OptionNames = ["tools", "toolHandler", "maxToolRounds", "toolConcurrency"];

export const CALL_OPTIONS: OptionNames = [
  ...TOOL_OPTIONS,
  "message",
  "messages",
  "parameters",
  "blockOverrides",
  "attachments",
  "toolChoice",
  "trace",
  "version",
  "timeout",
  "signal",
  "sessionId",
  "session",
  "idempotencyKey",
];
export const EVENTS_OPTIONS: OptionNames = [
  ...CALL_OPTIONS,
  "stepwise",
  "inputOverrides",
  "onConnection",
  "runRemaining",
];
export const JOB_OPTIONS: OptionNames = [...CALL_OPTIONS, "priority", "startAfter", "webhookUrl"];
export const RESUME_OPTIONS: OptionNames = [...TOOL_OPTIONS, "toolResults", "approvals", "timeout", "signal"];

/**
 * Throws `ValueError` for what is no object of options, and for a name that is another one misspelt. Any other name passes: types let an
 * object have more members than they name.
 */
export function checkNames(options: object, known: OptionNames): void {
  for (const [name, value] of Object.entries(options)) {
    // Text and lists have become their characters and entries.
    if (/^\d+$/.test(name)) {
      throw new ValueError('The options are text or a list. Give an object, such as { message: "…" }.');
    }
    if (value === undefined || known.includes(name)) continue;
    const meant = known.find((each) => isNear(lettersOf(name), lettersOf(each)));
    if (meant !== undefined) throw new ValueError(`There is no option \`${name}\`. Did you mean \`${meant}\`?`);
  }
}

function lettersOf(name: string): string {
  return name.toLowerCase().replace(/[_-]/g, "");
}

/** Is it the same text but for one letter that is added, left out, another, or swapped with its neighbour? */
function isNear(a: string, b: string): boolean {
  let same = 0;
  while (same < a.length && a[same] === b[same]) same++;
  const [x, y] = [a.slice(same), b.slice(same)];
  const isSwapped = x[0] === y[1] && x[1] === y[0] && x.slice(2) === y.slice(2);
  return isSwapped || x.slice(1) === y.slice(1) || x === y.slice(1) || x.slice(1) === y;
}
