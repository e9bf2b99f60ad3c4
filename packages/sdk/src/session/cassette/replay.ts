import { ReplayLeftoverError, ReplayMissError } from "@noukai/core";
import { piecesOf } from "./body.ts";
import {
  type Cassette,
  type CassetteEntry,
  readCassette,
  type RecordedBody,
  type RecordedResponse,
} from "./cassette.ts";
import { bodyDifference, matchesText } from "./difference.ts";

/** How requests are found in a cassette. */
export interface CassetteOptions {
  /** `"strict"`: by method, path with query, and body; what is new with each call (idempotency keys, session and request ids) is not compared. `"loose"`: not by the body. Default `"strict"`. */
  readonly mode?: "strict" | "loose" | undefined;
}

/** A `fetch` that answers from a cassette, and never asks anybody. */
export interface CassetteFetch {
  (request: Request): Promise<Response>;
  /** Throws `ReplayLeftoverError` when entries were not asked for. */
  assertDrained(): void;
}

/** A request as it is looked for. */
interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: string | undefined;
}

/**
 * Answers requests from a cassette, given as what `cassette()` gave or as its JSON: `new Noukai({ fetch: createReplayFetch(cassette) })`.
 * Each entry answers once, equal ones in their order. Throws `ReplayMissError`, with the nearest recorded request and where it differs.
 */
export function createReplayFetch(
  cassette: Cassette | string,
  { mode = "strict" }: CassetteOptions = {},
): CassetteFetch {
  const { entries } = readCassette(cassette);
  const left = new Set(entries);
  const isMatch = ({ request }: CassetteEntry, { method, path, body }: Asked): boolean =>
    request.method === method &&
    matchesText(request.path, path) &&
    (mode === "loose" || bodyDifference(request.body, body) === undefined);
  // One after the other, so that equal requests take their entries in the order in which they were made.
  let turn: Promise<unknown> = Promise.resolve();
  const replay = (request: Request): Promise<Response> => {
    const answer = turn.then(async () => {
      const asked = await takeApart(request);
      const entry = [...left].find((candidate) => isMatch(candidate, asked));
      if (!entry) throw missError(asked, entries, (candidate) => isMatch(candidate, asked));
      left.delete(entry);
      return answerOf(entry);
    });
    turn = answer.catch(() => {}); // whoever asked is told
    return answer;
  };
  const assertDrained = (): void => {
    if (left.size === 0) return;
    const names = [...left].map(({ request }) => `${request.method} ${request.path}`).join(", ");
    throw new ReplayLeftoverError(`The cassette has ${left.size} unconsumed entries: ${names}.`, {
      code: "REPLAY_LEFTOVER",
    });
  };
  return Object.assign(replay, { assertDrained });
}

async function takeApart(request: Request): Promise<Asked> {
  const { pathname, search } = new URL(request.url);
  const body = await request.text();
  return { method: request.method, path: pathname + search, body: body === "" ? undefined : body };
}

function answerOf({ response, failure }: CassetteEntry): Response {
  if (!response) throw new TypeError(failure ?? "fetch failed"); // as a `fetch` tells that no answer came
  const { status, headers, body } = response;
  return new Response(body && !isEmpty(response) ? streamOf(body) : null, { status, headers });
}

/** Answers of these may have no body, not even an empty one. */
function isEmpty({ status }: RecordedResponse): boolean {
  return status === 204 || status === 205 || status === 304;
}

function streamOf(body: RecordedBody): ReadableStream<Uint8Array<ArrayBuffer>> {
  const pieces = [...piecesOf(body)];
  return new ReadableStream(
    {
      pull(controller) {
        const piece = pieces.shift();
        if (piece) controller.enqueue(piece);
        else if (body.end === "whole") controller.close();
        else controller.error(endOf(body));
      },
    },
    { highWaterMark: 0 },
  );
}

function endOf({ end }: RecordedBody): Error {
  if (end === "broken") return new TypeError("terminated");
  return new ReplayMissError("The recorded answer was not read to its end, and this reader wants more of it.", {
    code: "REPLAY_MISS",
  });
}

function missError(
  asked: Asked,
  entries: readonly CassetteEntry[],
  isMatch: (entry: CassetteEntry) => boolean,
): ReplayMissError {
  const used = entries.filter(isMatch).length;
  const why =
    used > 0
      ? `It was recorded ${used === 1 ? "once" : `${used} times`}, and is asked for once more.`
      : describeNearest(asked, entries);
  return new ReplayMissError(`${asked.method} ${asked.path} is not in the cassette. ${why}`, { code: "REPLAY_MISS" });
}

function describeNearest(asked: Asked, entries: readonly CassetteEntry[]): string {
  const nearest = entries.toSorted((a, b) => nearness(b, asked) - nearness(a, asked))[0];
  if (!nearest) return "It has no entries.";
  const { method, path, body } = nearest.request;
  const which = `The nearest is entry ${entries.indexOf(nearest) + 1}, ${method} ${path}`;
  const difference = bodyDifference(body, asked.body);
  if (method !== asked.method || !matchesText(path, asked.path) || !difference) return `${which}.`;
  const { path: place, recorded, asked: given } = difference;
  return `${which}, which differs in ${place === "" ? "its body" : `\`${place}\``}: recorded ${shorten(recorded)}, asked ${shorten(given)}.`;
}

/** The same method and path count most, then how far the paths, then how far the bodies are alike. */
function nearness({ request }: CassetteEntry, { method, path, body = "" }: Asked): number {
  const alike = commonLength(request.path, path) / Math.max(request.path.length, path.length);
  const bodies = commonLength(request.body ?? "", body) / Math.max(1, body.length);
  return (request.method === method ? 2 : 0) + (request.path === path ? 2 : alike) + bodies / 2;
}

function commonLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

const SHOWN = 60;

function shorten(value: unknown): string {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}
