import type { Attachment, RunRequest } from "@noukai/engine";
import { z } from "zod";
import { parseValue } from "./body.ts";
import { zAttachments } from "./generated/zod.gen.ts";

/** The member of a body that holds attachments; `readAttachments` judges it, in both spellings. */
export const attachmentMember = { attachments: z.unknown().optional() };

/** The files that a call names, by their addresses: nothing is fetched. Throws 400 `INVALID_REQUEST` with every fault. */
export function readAttachments(body: { readonly attachments?: unknown }): Pick<RunRequest, "attachments"> {
  if (body.attachments === undefined) return {};
  const spelled = Array.isArray(body.attachments) ? body.attachments.map(spellAsDocumented) : body.attachments;
  const attachments = parseValue(spelled, zAttachments, { at: ["attachments"] }) ?? [];
  return {
    attachments: attachments.map(({ url, mimeType, filename }): Attachment => ({
      url,
      mimeType,
      ...(filename !== undefined && { filename }),
    })),
  };
}

/** Clients in the field write `mime_type` as well, and null for what they leave out. */
function spellAsDocumented(attachment: unknown): unknown {
  if (typeof attachment !== "object" || attachment === null) return attachment;
  const members = Object.entries(attachment).filter(([, value]) => value !== null);
  const { mime_type: mimeType, ...rest }: Readonly<Record<string, unknown>> = Object.fromEntries(members);
  return { ...(mimeType !== undefined && { mimeType }), ...rest };
}
