import { type Fetch, ReplayMissError } from "@noukai/core";
import { cancelAnswer, executeAnswer, runAnswer, stepTraceAnswer, traceAnswer } from "./replay-answers.ts";
import { segmentAnswer, traceStreamAnswer } from "./replay-events.ts";
import type { Recordings } from "./recordings.ts";
import type { ReplayTurns } from "./replay-turns.ts";

/** Where a replay's answers come from. */
export interface ReplaySource {
  readonly sessionId: string;
  readonly recordings: Recordings;
  /** Fetches another session's recording, for a call that names one. */
  readonly open: (sessionId: string) => Promise<Recordings>;
  readonly turns: ReplayTurns;
}

/** A request taken apart. */
interface Asked {
  readonly request: Request;
  /** Behind the base URL, as far as it is told by the contract. */
  readonly parts: readonly (string | undefined)[];
  readonly body: Readonly<Record<string, unknown>>;
}

type Handler = (recordings: Recordings, asked: Asked) => Response;

const RUN = String.raw`/(?:seq/[^/]+/[^/]+/[^/]+/runs|flow-runs)/([^/]+)`;
const FLOW = String.raw`/seq/[^/]+/[^/]+/([^/]+)`;
const VERSIONED = String.raw`${FLOW}(?:/v\d+)?`;

/** What can be answered from a recording; the parts in brackets are what the handler is given. */
const ROUTES: readonly (readonly [method: string, path: RegExp, handler: Handler])[] = [
  ["POST", ending(`${VERSIONED}/execute`), execute],
  ["POST", ending(`${VERSIONED}/step`), step],
  ["POST", ending(`${VERSIONED}/jobs`), job],
  ["GET", ending(`${FLOW}/jobs/[^/]+`), job],
  ["POST", ending(`${FLOW}/jobs/[^/]+/cancel`), job],
  ["GET", ending(RUN), (recordings, { parts }) => runAnswer(recordings.find(id(parts)))],
  ["GET", ending(`${RUN}/trace`), (recordings, { parts }) => traceAnswer(recordings.find(id(parts)))],
  ["GET", ending(`${RUN}/trace/stream`), traceStream],
  ["GET", ending(`${RUN}/steps/([^/]+)/trace`), stepTrace],
  ["POST", ending(`${FLOW}/runs/cancel`), cancelByKey],
  ["POST", ending(`${RUN}/cancel`), (recordings, { parts }) => cancelAnswer(recordings.find(id(parts)))],
  ["GET", ending("/seq/sessions/[^/]+"), ({ recording }) => Response.json(recording)],
];

/** A `fetch` that answers from a session's recording and asks nobody. What was not recorded is a `ReplayMissError`. */
export function replayFetch({ sessionId, recordings, open, turns }: ReplaySource): Fetch {
  const opened = new Map([[sessionId, recordings]]);
  const recordingsOf = async (request: Request, executionId: unknown): Promise<Recordings> => {
    const named = request.headers.get("x-session-id");
    // Later calls do not repeat their session: they name their run.
    if (named === null) return [...opened.values()].find(({ has }) => has(executionId)) ?? recordings;
    const found = opened.get(named) ?? (await open(named));
    opened.set(named, found);
    return found;
  };
  return (request) =>
    turns.take(async () => {
      const { handler, parts } = routeOf(request);
      const body = await readBody(request);
      return handler(await recordingsOf(request, body["executionId"] ?? parts[0]), { request, parts, body });
    });
}

function routeOf({ method, url }: Request): { readonly handler: Handler; readonly parts: Asked["parts"] } {
  const { pathname } = new URL(url);
  for (const [ofMethod, path, handler] of ROUTES) {
    const match = method === ofMethod ? path.exec(pathname) : null;
    if (match) return { handler, parts: match.slice(1) };
  }
  throw new ReplayMissError(
    `${method} ${pathname} cannot be answered in a replay: a session's recording holds runs of flows only. Make this call outside of the scope.`,
    { code: "REPLAY_MISS" },
  );
}

async function readBody(request: Request): Promise<Readonly<Record<string, unknown>>> {
  const text = request.method === "POST" ? await request.text() : "";
  return text === "" ? {} : (JSON.parse(text) as Record<string, unknown>); // the contract's bodies are objects
}

/** A pause is not recorded, only what the run came to: so no tool is asked for, and a resume of a recorded run gives its end. */
function execute(recordings: Recordings, asked: Asked): Response {
  return executeAnswer(taken(recordings, asked, "execute"));
}

function step(recordings: Recordings, asked: Asked): Response {
  const { stepIndex, runRemaining } = asked.body;
  return segmentAnswer(taken(recordings, asked, "step"), {
    from: typeof stepIndex === "number" ? stepIndex : 0,
    isWhole: runRemaining === true,
  });
}

function taken(recordings: Recordings, { request, parts, body }: Asked, trigger: "execute" | "step") {
  const { executionId } = body;
  if (typeof executionId === "string") return recordings.resume(executionId);
  return recordings.take({ slug: id(parts), trigger, idempotencyKey: request.headers.get("idempotency-key") });
}

function job(_recordings: Recordings, { parts }: Asked): never {
  throw new ReplayMissError(
    `Jobs cannot be replayed: "${id(parts)}" was called by executeAsync(). Use execute(), events() or steps() in a replay.`,
    { code: "REPLAY_MISS" },
  );
}

function traceStream(recordings: Recordings, { parts, request }: Asked): Response {
  return traceStreamAnswer(recordings.find(id(parts)), Number(request.headers.get("last-event-id") ?? 0));
}

function stepTrace(recordings: Recordings, { parts, request }: Asked): Response {
  const attempt = new URL(request.url).searchParams.get("attempt");
  return stepTraceAnswer(recordings.find(id(parts)), { stepId: decodeURIComponent(parts[1] ?? ""), attempt });
}

function cancelByKey(recordings: Recordings, { body }: Asked): Response {
  const execution = recordings.byKey(body["idempotencyKey"]);
  if (execution) return cancelAnswer(execution);
  throw new ReplayMissError("The run to cancel is not part of this replay.", { code: "REPLAY_MISS" });
}

function id(parts: Asked["parts"]): string {
  return decodeURIComponent(parts[0] ?? "");
}

function ending(path: string): RegExp {
  return new RegExp(`${path}$`);
}
