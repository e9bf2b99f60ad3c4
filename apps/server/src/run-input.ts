import type { JsonObject, RunRequest } from "@noukai/engine";
import type { z } from "zod";
import { attachmentMember, readAttachments } from "./attachments.ts";
import { objectAsItCame, refusal } from "./body.ts";
import { conversationMember, readConversation } from "./conversation.ts";
import { zExecuteRequest, zJobRequest, zStepRequest } from "./generated/zod.gen.ts";
import { toolMembers } from "./tools.ts";

// Members with error codes or spellings of their own are judged apart from the rest.
const memberSchemas = {
  ...toolMembers,
  ...conversationMember,
  ...attachmentMember,
  // zod's records drop a key named `__proto__`; the engine is to refuse it like any other step that is none.
  blockOverrides: objectAsItCame("must be an object of step ids").optional(),
};

/** Bodies of the calls that run a flow. */
export const zExecuteBody = zExecuteRequest.extend(memberSchemas);
export const zStepBody = zStepRequest.extend(memberSchemas);
/** With the members that a job is refused for. */
export const zJobBody = zJobRequest.extend(memberSchemas);

/** What the bodies say of a run's input alike. */
type InputBody = Pick<
  z.infer<typeof zExecuteBody>,
  "message" | "messages" | "parameters" | "blockOverrides" | "attachments" | "trace"
>;

/** The input of a run to be made, and what is changed of its flow. */
export function toRunInput(
  body: InputBody,
): Pick<RunRequest, "message" | "history" | "parameters" | "blockOverrides" | "attachments" | "trace"> {
  if (body.messages !== undefined && typeof body.message === "string") {
    throw refusal("INVALID_REQUEST", [{ path: "messages", message: "must not be sent together with message" }]);
  }
  return {
    ...(typeof body.message === "string" && { message: body.message }),
    ...(body.messages !== undefined && readConversation(body.messages)),
    ...(body.parameters && { parameters: body.parameters as JsonObject }), // was read from JSON text
    ...overridesOf(body),
    ...readAttachments(body),
    ...(body.trace === true && { trace: true }),
  };
}

export function overridesOf({ blockOverrides }: Pick<InputBody, "blockOverrides">): Pick<RunRequest, "blockOverrides"> {
  if (!blockOverrides) return {};
  return { blockOverrides: blockOverrides as { readonly [stepId: string]: JsonObject } }; // was read from JSON text
}
