import type { RecordedBody } from "./cassette.ts";
import type { Redactor } from "./redact.ts";

/** How bytes are kept as text, and back. */
interface Codec {
  readonly name: "text" | "base64";
  /** Throws when the bytes are not of this kind. */
  decode(bytes: Uint8Array): string;
  encode(text: string): Uint8Array<ArrayBuffer>;
}

const encoder = new TextEncoder();
const utf8: Codec = {
  name: "text",
  decode: (bytes) => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes),
  encode: (text) => encoder.encode(text),
};
/** One character per byte: what is no text can still be searched for keys. */
const binary: Codec = {
  name: "base64",
  decode: (bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""),
  encode: (text) => Uint8Array.from(text, (character) => character.charCodeAt(0)),
};

/** What arrived in these pieces, as a cassette keeps it. */
export function recordBody(chunks: readonly Uint8Array[], end: RecordedBody["end"], redactor: Redactor): RecordedBody {
  const whole = join(chunks);
  const codec = isUtf8(whole) ? utf8 : binary;
  const original = codec.decode(whole);
  const redacted = redactor.pieces(original, [original.length]).text;
  if (redacted === original) return keep(codec, { text: original, chunks: chunks.map(({ length }) => length), end });
  // Where something is taken out, borders are counted in characters: one inside of a character moves behind it.
  const { text, lengths } = redactor.pieces(original, lengthsIn(codec, original, chunks));
  let at = 0;
  const sizes = lengths.map((length) => codec.encode(text.slice(at, (at += length))).length);
  return keep(codec, { text, chunks: sizes, end });
}

/** A recorded body as the pieces in which it arrived. */
export function piecesOf({ text, base64, chunks }: RecordedBody): readonly Uint8Array<ArrayBuffer>[] {
  const whole = base64 === undefined ? utf8.encode(text ?? "") : binary.encode(atob(base64));
  let at = 0;
  return chunks.map((length) => whole.slice(at, (at += length)));
}

function keep(
  codec: Codec,
  { text, ...body }: Pick<RecordedBody, "chunks" | "end"> & { readonly text: string },
): RecordedBody {
  return codec === utf8 ? { text, ...body } : { base64: btoa(text), ...body };
}

/** The pieces' lengths in characters of the whole. */
function lengthsIn(codec: Codec, whole: string, chunks: readonly Uint8Array[]): readonly number[] {
  if (codec === binary) return chunks.map(({ length }) => length);
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let left = whole.length;
  return chunks.map((chunk, index) => {
    const length = index === chunks.length - 1 ? left : decoder.decode(chunk, { stream: true }).length;
    left -= length;
    return length;
  });
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    utf8.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

function join(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
