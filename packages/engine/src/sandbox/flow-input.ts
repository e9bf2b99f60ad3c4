import type { JsonObject } from "../flow/definition.ts";

/**
 * The flow's input as code gets it. A loop runs its code once per item, and the list that it goes over is mostly a member of the flow's input:
 * read on every call, a list of 10 000 items costs 1.5 ms, five times as much as the rest of the call. So long members are read when the code asks.
 */
export interface FlowInput {
  /** JSON of the input, with 0 in place of each long member. */
  readonly short: string;
  /** JSON of the long members' names. */
  readonly longNames: string;
  /** The long members' JSON, a line for each. */
  readonly long: string;
  /** Of the input's JSON in UTF-8. */
  readonly bytes: number;
}

/** Of a member's JSON in UTF-16 units; reading less than that costs less than putting it off. */
const longLength = 4096;

/** Members keep their order. */
export function toFlowInput(initial: JsonObject): FlowInput {
  const members = Object.entries(initial).map(([name, value]) => ({ name, json: JSON.stringify(value) }));
  const isLong = ({ json }: { readonly json: string }): boolean => json.length > longLength;
  const long = members.filter(isLong);
  const shortMembers = members.map((member) => `${JSON.stringify(member.name)}:${isLong(member) ? "0" : member.json}`);
  const short = `{${shortMembers.join(",")}}`;
  const bytes = long.reduce((sum, { json }) => sum + Buffer.byteLength(json) - 1, Buffer.byteLength(short));
  const longNames = JSON.stringify(long.map(({ name }) => name));
  // JSON that was made without indentation has no line break in it.
  return { short, longNames, long: long.map(({ json }) => json).join("\n"), bytes };
}

/**
 * Can `code` see the flow's input? Its name can be written in no other way than with an escape, and only `eval` reads names that were put together.
 * Code that does not is spared it.
 */
export function seesFlowInput(code: string): boolean {
  return /initial|eval|\\u/u.test(code);
}
