import type { Fetch } from "@noukai/core";
import { recordBody } from "./body.ts";
import {
  type Cassette,
  CASSETTE_VERSION,
  type CassetteEntry,
  type RecordedBody,
  type RecordedRequest,
} from "./cassette.ts";
import { createRedactor, type Redactor } from "./redact.ts";

/** How requests are recorded. */
export interface RecordingOptions {
  /** Makes the requests. Default: the global `fetch`. */
  readonly fetch?: Fetch | undefined;
  /** What else must not be kept, beside Noukai's keys and the headers that carry credentials. Replaced in paths, headers and bodies alike. */
  readonly redact?: readonly (RegExp | string)[] | undefined;
}

/** A `fetch` that remembers. */
export interface RecordingFetch {
  (request: Request): Promise<Response>;
  /** What was recorded so far. A body that is still being read is kept as far as it has come; a request without an answer yet is left out. */
  cassette(): Cassette;
  /** The same: `JSON.stringify(recording)` is the cassette's text. */
  toJSON(): Cassette;
}

/** Records what passes through it, byte for byte and piece by piece: `new Noukai({ fetch: createRecordingFetch() })`. Secrets are taken out before they are kept. */
export function createRecordingFetch(options: RecordingOptions = {}): RecordingFetch {
  const { fetch = (request: Request) => globalThis.fetch(request), redact } = options;
  const redactor = createRedactor(redact);
  const takes: Take[] = [];
  const record = async (request: Request): Promise<Response> => {
    const take = new Take(redactor);
    takes.push(take); // before anything is awaited: entries are in the order of the requests
    await take.begin(request);
    try {
      return take.answer(await fetch(request));
    } catch (error) {
      take.fail(error);
      throw error;
    }
  };
  const cassette = (): Cassette => ({
    noukaiCassette: CASSETTE_VERSION,
    entries: takes.flatMap((take) => take.entry ?? []),
  });
  return Object.assign(record, { cassette, toJSON: cassette });
}

/** One request on its way into a cassette. */
class Take {
  readonly #redactor: Redactor;
  readonly #chunks: Uint8Array[] = [];
  #end: RecordedBody["end"] = "left";
  #request: RecordedRequest | undefined;
  #response: Response | undefined;
  #failure: string | undefined;

  constructor(redactor: Redactor) {
    this.#redactor = redactor;
  }

  async begin(request: Request): Promise<void> {
    const { method, url, headers } = request;
    const { pathname, search } = new URL(url);
    const body = await request.clone().text();
    this.#request = {
      method,
      path: this.#redactor.text(pathname + search),
      headers: this.#redactor.headers(headers),
      ...(body !== "" && { body: this.#redactor.text(body) }),
    };
  }

  /** The answer, to be read by the caller: what it reads is what is recorded. */
  answer(response: Response): Response {
    this.#response = response;
    if (!response.body) return response;
    const { status, statusText, headers } = response;
    return new Response(this.#listen(response.body), { status, statusText, headers });
  }

  fail(error: unknown): void {
    this.#failure = this.#redactor.text(String(error));
  }

  /** `undefined` while there is no answer. */
  get entry(): CassetteEntry | undefined {
    if (!this.#request) return undefined;
    if (this.#failure !== undefined) return { request: this.#request, failure: this.#failure };
    if (!this.#response) return undefined;
    const { status, headers, body } = this.#response;
    return {
      request: this.#request,
      response: {
        status,
        headers: this.#redactor.headers(withoutTransfer(headers)),
        ...(body && { body: recordBody(this.#chunks, this.#end, this.#redactor) }),
      },
    };
  }

  #listen(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
    const reader = body.getReader();
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          const { done, value } = await reader.read().catch((error: unknown) => {
            this.#end = "broken";
            throw error;
          });
          if (done) {
            this.#end = "whole";
            controller.close();
            return;
          }
          this.#chunks.push(value.slice()); // the caller may do with its bytes what it likes
          controller.enqueue(value);
        },
        cancel: (reason) => reader.cancel(reason),
      },
      { highWaterMark: 0 }, // nothing is read that the caller has not asked for
    );
  }
}

/** Headers of the way and not of the content: what arrives here is unpacked already. */
function withoutTransfer(headers: Headers): Headers {
  const kept = new Headers(headers);
  for (const name of ["content-encoding", "content-length", "transfer-encoding"]) kept.delete(name);
  return kept;
}
