import type { CancelByKeyRequest, FlowRunList, SessionRecording } from "@noukai/core/schema";
import {
  cancelAccepted,
  executeAnswer,
  flowRun,
  jobAccepted,
  jobStatus,
  runSummary,
  sessionExecution,
  stepTrace,
  trace,
} from "./answers.ts";
import type { StreamItem } from "./event-body.ts";
import type { ExecutionBook } from "./execution-book.ts";
import { answerExecution } from "./execution-requests.ts";
import { Refusal } from "./refusal.ts";
import { type CallPlace, type RunBody, type RunBook, type RunRequest } from "./run-book.ts";
import { endsCall, isTerminal, itemOf, type LogItem } from "./run-log.ts";
import { isExecutionOperation, type Route } from "./routes.ts";
import type { ScriptedRun } from "./scripted-run.ts";

/** What a request is answered with: JSON, nothing, or events for as long as the reader is there. */
export type Answer = { readonly run?: ScriptedRun | undefined } & (
  | { readonly json: unknown; readonly status?: number }
  | { readonly status: 204 }
  | { readonly events: (reader: AbortSignal) => AsyncIterable<StreamItem> }
);

export interface RequestsOptions {
  readonly book: RunBook;
  readonly executions: ExecutionBook;
  readonly sessions: Readonly<Record<string, SessionRecording | "expired">>;
}

interface Incoming {
  readonly request: Request;
  readonly text: string;
}

const DEFAULT_LIMIT = 20;

/** What each operation of the contract does with scripted runs. */
export class Requests {
  readonly #options: RequestsOptions;

  constructor(options: RequestsOptions) {
    this.#options = options;
  }

  /** Throws a `Refusal` for what cannot be. */
  async answer(route: Route, incoming: Incoming): Promise<Answer> {
    const { book, executions } = this.#options;
    if (isExecutionOperation(route.operation)) {
      const { request, text } = incoming;
      const { headers, url } = request;
      const body = readJson(text) as Record<string, unknown>; // an object
      const query = new URL(url).searchParams;
      return answerExecution(executions, { operation: route.operation, place: route, query, headers, text, body });
    }
    const run = (): ScriptedRun => book.find(route.executionId, route.flow);
    switch (route.operation) {
      case "execute":
        return this.#execute(readRun(route, incoming), incoming.request.signal);
      case "step":
        return this.#step(readRun(route, incoming));
      case "submitJob": {
        const { run } = book.call(readRun(route, incoming), "job");
        return { run, json: jobAccepted(run), status: 202 };
      }
      case "getJob":
        return this.#job(run());
      case "cancel":
        return cancelled(run());
      case "cancelByKey":
        return cancelled(
          book.findByKey((readJson(incoming.text) as CancelByKeyRequest).idempotencyKey, route.flow ?? ""),
        );
      case "getRun":
        return { json: runSummary(run()) };
      case "getTrace":
        return { json: trace(run()) };
      case "getStepTrace":
        return { json: this.#stepTrace(run(), route, incoming.request) };
      case "streamTrace":
        return watched(run(), cursorOf(incoming.request));
      case "getSession":
        return { json: this.#session(route.sessionId ?? "") };
      case "listRuns":
        return { json: this.#list(new URL(incoming.request.url).searchParams) };
    }
  }

  async #execute(request: RunRequest, signal: AbortSignal): Promise<Answer> {
    const { run, index } = this.#options.book.call(request, "execute");
    return { run, json: executeAnswer(run, await run.outcome(index, signal)) };
  }

  /** A repeated call is told what is kept, as the server does; only who made the call sees each piece of text as it is written. */
  #step(request: RunRequest): Answer {
    const { run, index, isRepeated } = this.#options.book.call(request, "step");
    const isFresh = !isRepeated && !run.log.items.slice(index).some(endsCall);
    return { run, events: (reader) => segment({ run, index }, { isFresh, reader }) };
  }

  /** Asking moves a job on that waits for it; the answer is what it has come to by then. */
  async #job(run: ScriptedRun): Promise<Answer> {
    run.poll();
    await settle();
    return { json: jobStatus(run) };
  }

  #stepTrace(run: ScriptedRun, { stepId = "" }: Route, request: Request): unknown {
    const query = new URL(request.url).searchParams;
    return stepTrace(run, { stepId, attempt: query.get("attempt") ?? "latest", loopIndex: query.get("loop_index") });
  }

  #session(sessionId: string): SessionRecording {
    const given = this.#options.sessions[sessionId];
    if (given === "expired") throw new Refusal(410, "SESSION_EXPIRED", { message: "The recording has expired." });
    if (given) return given;
    const executions = this.#options.book.runs
      .filter(({ options }) => options.sessionId === sessionId)
      .map(sessionExecution);
    if (executions.length > 0) return { sessionId, executions };
    throw new Refusal(404, "SESSION_NOT_FOUND", { message: "No run of this session is here." });
  }

  #list(query: URLSearchParams): FlowRunList {
    const status = query.get("status");
    const flowId = query.get("flow_id");
    const all = this.#options.book.runs
      .filter((run) => (status === null || run.status === status) && (flowId === null || run.options.flowId === flowId))
      .toReversed();
    const cursor = query.get("cursor");
    const start = cursor === null ? 0 : all.findIndex(({ options }) => options.executionId === cursor) + 1;
    const end = start + Number(query.get("limit") ?? DEFAULT_LIMIT);
    const last = all[end - 1]?.options.executionId;
    return { items: all.slice(start, end).map(flowRun), nextCursor: end < all.length ? (last ?? null) : null };
  }
}

/** The events of one call. One that goes on with a run opens with a copy of its first event. */
async function* segment(
  { run, index }: CallPlace,
  { isFresh, reader }: { readonly isFresh: boolean; readonly reader: AbortSignal },
): AsyncGenerator<LogItem, void> {
  const first = itemOf(run.log.items[0], "run_started");
  if (index > 0 && first) yield { ...first, seq: undefined };
  if (isFresh) return yield* run.log.from(index, endsCall, reader);
  const before = run.log.items.slice(0, index).findLast(({ seq }) => seq !== undefined)?.seq ?? 0;
  yield* run.log.behind(before, endsCall, reader);
}

function watched(run: ScriptedRun, after: number): Answer {
  run.watch();
  return { run, events: (reader) => run.log.behind(after, isTerminal, reader) };
}

function cancelled(run: ScriptedRun): Answer {
  run.cancel();
  return { run, json: cancelAccepted(run), status: 202 };
}

function readRun(route: Route, { request, text }: Incoming): RunRequest {
  const { headers } = request;
  return {
    route: { ...route, flow: route.flow ?? "" },
    body: readJson(text) as RunBody, // what it says is up to the client under test
    text,
    idempotencyKey: headers.get("idempotency-key") ?? undefined,
    sessionId: headers.get("x-session-id") ?? undefined,
  };
}

function readJson(text: string): unknown {
  try {
    const body: unknown = text === "" ? {} : JSON.parse(text);
    if (typeof body === "object" && body !== null) return body;
  } catch {
    // Told below, as any other body that is no object.
  }
  throw new Refusal(400, "INVALID_REQUEST", { message: "The body is not a JSON object." });
}

function cursorOf({ headers }: Request): number {
  return Number(headers.get("last-event-id") ?? 0);
}

/** Lets everything happen that takes no time. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener("message", () => {
      port1.close();
      resolve();
    });
    port1.start();
    port2.postMessage(undefined);
  });
}
