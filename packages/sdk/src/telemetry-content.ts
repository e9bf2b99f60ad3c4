/** Inputs and outputs as attributes, in the form that OpenTelemetry's conventions give messages. Only for those who asked for them. */

/** What a flow is called with. */
export function describeInput({
  message,
  messages,
  parameters,
}: Readonly<Record<string, unknown>>): Record<string, string> {
  const turns = Array.isArray(messages) ? messages : message === undefined ? [] : [{ role: "user", content: message }];
  return {
    ...(turns.length > 0 && { "gen_ai.input.messages": write(turns.map(toMessage)) }),
    ...(parameters !== undefined && { "noukai.parameters": write(parameters) }),
  };
}

/** What a flow or a step gave. */
export function describeOutput(output: unknown): Record<string, string> {
  const message = { ...toMessage({ role: "assistant", content: output }), finish_reason: "stop" };
  return { "gen_ai.output.messages": write([message]) };
}

function toMessage(turn: unknown): { readonly role: unknown; readonly parts: readonly object[] } {
  const { role, content } = (turn ?? {}) as { readonly role?: unknown; readonly content?: unknown }; // a turn of a conversation has both
  return { role, parts: [{ type: "text", content: typeof content === "string" ? content : write(content) }] };
}

/** Telling what a call does must not fail it. Whether options can be sent is for others to say; what a schema made of an output need not be JSON. */
function write(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "null"; // functions and undefined have no JSON
  } catch {
    return '"(not JSON)"';
  }
}
