import type { Context } from "hono";
import { joinBytes } from "./bytes.ts";
import { closeBehindAnswer } from "./node-connection.ts";
import { RelayRefusal } from "./refusal.ts";

/** Forms of other sites can send anything but this type without asking first; the caller's cookies would come with it. */
const JSON_TYPE = /^application\/json\s*(;|$)/i;

/** How much of a body is read, and for how long. */
export interface BodyBounds {
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

/**
 * The request's body, read no further than it may go. Throws 413 `BODY_TOO_LARGE` at the first byte too many (at none, when its length is
 * told), 408 `BODY_TIMEOUT` when it does not come in time, 400 `BODY_INCOMPLETE` when it breaks off.
 */
export async function readBody(c: Context, bounds: BodyBounds): Promise<Uint8Array> {
  try {
    return await readWithin(c.req.raw, bounds);
  } catch (error) {
    closeBehindAnswer(c);
    throw error;
  }
}

/** A body of JSON, as `readBody` reads it. Throws 415 `UNSUPPORTED_MEDIA_TYPE` for one that does not say that it is. */
export async function readJsonBody(c: Context, bounds: BodyBounds): Promise<Uint8Array> {
  if (!JSON_TYPE.test(c.req.header("content-type") ?? "")) throw new RelayRefusal(415, "UNSUPPORTED_MEDIA_TYPE");
  return readBody(c, bounds);
}

async function readWithin(request: Request, { maxBytes, timeoutMs }: BodyBounds): Promise<Uint8Array> {
  const declared = Number(request.headers.get("content-length") ?? 0);
  if (declared > maxBytes) throw new RelayRefusal(413, "BODY_TOO_LARGE");
  if (!request.body) return new Uint8Array();
  const reader = request.body.getReader();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const isLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new RelayRefusal(408, "BODY_TIMEOUT")), timeoutMs);
  });
  try {
    return await Promise.race([readPieces(reader, maxBytes), isLate]);
  } finally {
    clearTimeout(timer);
  }
}

/** What is not read is not cancelled either: on Node that would reset the connection, before the refusal has gone out on it. */
async function readPieces(reader: ReadableStreamDefaultReader<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw new RelayRefusal(400, "BODY_INCOMPLETE");
    });
    if (done) return joinBytes(pieces);
    size += value.length;
    if (size > maxBytes) throw new RelayRefusal(413, "BODY_TOO_LARGE");
    pieces.push(value);
  }
}
