import { ValueError } from "@noukai/core";

/** The format's version. A change that older readers cannot read raises it. */
export const CASSETTE_VERSION = 1;

/** Requests and their answers, as recorded by `createRecordingFetch`: JSON, to be kept as a file beside the tests that replay it. */
export interface Cassette {
  readonly noukaiCassette: typeof CASSETTE_VERSION;
  /** In the order of the requests. */
  readonly entries: readonly CassetteEntry[];
}

/** One request and what came of it. */
export interface CassetteEntry {
  readonly request: RecordedRequest;
  /** Absent when no answer came. */
  readonly response?: RecordedResponse;
  /** Why no answer came. */
  readonly failure?: string;
}

/** A request, secrets taken out. */
export interface RecordedRequest {
  readonly method: string;
  /** With its query, without the server's origin. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Text as it was sent; absent when there was none. */
  readonly body?: string;
}

/** An answer, secrets taken out. Its body is byte for byte what arrived, in the same pieces. */
export interface RecordedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: RecordedBody;
}

/** A body as it arrived. */
export interface RecordedBody {
  /** UTF-8; absent when the bytes are none, which are in `base64` then. */
  readonly text?: string;
  readonly base64?: string;
  /** The length of each piece, in bytes. */
  readonly chunks: readonly number[];
  /** `whole`: it ended by itself. `left`: the reader went before. `broken`: the connection did. */
  readonly end: "whole" | "left" | "broken";
}

/** Reads a cassette, given as JSON text or as what that parses to. Throws `ValueError` for anything else, and for another version. */
export function readCassette(cassette: Cassette | string): Cassette {
  const read: unknown = typeof cassette === "string" ? parse(cassette) : cassette;
  const { noukaiCassette, entries } = (read ?? {}) as Partial<Cassette>; // any value but these two has members, if only undefined ones
  if (noukaiCassette === CASSETTE_VERSION && Array.isArray(entries)) return read as Cassette; // as far as it tells of itself
  throw new ValueError(
    `This is no cassette of version ${CASSETTE_VERSION}. Record it again with \`createRecordingFetch\`, and keep its \`cassette()\` as JSON.`,
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ValueError("The cassette is not JSON. Keep what `JSON.stringify(recording)` gives.", { cause });
  }
}
