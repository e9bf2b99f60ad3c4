import type { Context } from "hono";
import { readJsonBody } from "../body.ts";
import { RelayRefusal } from "../refusal.ts";
import { Admission, type Caller } from "./admission.ts";
import { eventsAnswer, jsonAnswer } from "./answer.ts";
import { addedParameters, bodyFor, versionOf } from "./call-body.ts";
import { keyForUser } from "./idempotency.ts";
import { parseObject, type Received, receive } from "./input.ts";
import { enter, type Place } from "./limits.ts";
import { type RelayOptions, versionSegment } from "./options.ts";
import type { OwnedRun } from "./owners.ts";
import { cursorOf, toExecutionId } from "./paths.ts";
import { send, type UpstreamRequest, upstreamOf } from "./upstream.ts";

/** What becomes of the server's answer. */
interface Outcome {
  readonly run: OwnedRun;
  /** Kept for as long as the answer streams; absent for one that does not. */
  readonly place?: Place | undefined;
}

/** Takes each request from its caller to the server, and the answer back. */
export class Exchange {
  readonly #options: RelayOptions;
  readonly #admission: Admission;

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#admission = new Admission(options);
  }

  /** Begins a run, or goes on with one. */
  async run(c: Context, operation: "execute" | "step" | "jobs"): Promise<Response> {
    const flow = this.#admission.flowOf(c);
    const received = receive(await this.#readJson(c), this.#inputBounds);
    const version = versionOf(received, flow);
    const executionId = toExecutionId(received.executionId);
    const caller = await this.#admission.admit(c, { operation, version, input: received.input, executionId });
    const begun = await this.#begun(caller, received);
    const added = addedParameters(this.#options, caller.grant);
    const request = await this.#requestFor(caller, operation, {
      version: caller.grant.version ?? version,
      body: bodyFor(received, { grant: caller.grant, added, isLaterSegment: operation === "step" && !!begun }),
    });
    return this.#inPlace(caller, !begun, async (place) => {
      const response = await this.#send(c, request);
      const named = await namedRun(response, operation);
      const mine = begun ?? { user: caller.grant.user, hidden: Object.keys(added) };
      const run = await this.#admission.claim(caller, named, mine).catch((error: unknown) => {
        response.body?.cancel().catch(() => {}); // nobody is going to read it
        throw error;
      });
      return this.#answer(c, response, { run, place: operation === "step" ? place : undefined });
    });
  }

  /** Reads a run or a job: `rest` is the path behind its id. */
  async read(c: Context, kind: "runs" | "jobs", rest: string): Promise<Response> {
    // Hono takes HEAD for GET, and the stream that nobody reads would stay open.
    if (c.req.method === "HEAD") throw new RelayRefusal(405, "METHOD_NOT_ALLOWED");
    const { caller, executionId, run } = await this.#admission.findRun(c, "read");
    const isStream = rest.endsWith("/stream");
    const path = `${caller.flow.path}/${kind}/${executionId}${rest}`;
    const accept = isStream ? "text/event-stream" : "application/json";
    const headers = { "last-event-id": cursorOf(c) };
    return this.#inPlace(caller, false, async (place) => {
      const response = await this.#send(c, { method: "GET", path, accept, headers, signal: c.req.raw.signal });
      return this.#answer(c, response, { run, place: isStream ? place : undefined });
    });
  }

  async cancel(c: Context): Promise<Response> {
    const { caller, executionId, run } = await this.#admission.findRun(c, "cancel");
    return this.#postCancel(caller, { path: `/runs/${executionId}/cancel`, run });
  }

  /** The run may have no name yet. Whose it is, its key says: as the server knows it, it is this user's alone. */
  async cancelByKey(c: Context): Promise<Response> {
    const { idempotencyKey } = parseObject(await this.#readJson(c));
    if (typeof idempotencyKey !== "string") throw new RelayRefusal(400, "INVALID_REQUEST");
    const caller = await this.#admission.admit(c, { operation: "cancel" });
    const { grant, flow } = caller;
    const body = JSON.stringify({ idempotencyKey: await keyForUser(idempotencyKey, grant.user, flow.path) });
    return this.#postCancel(caller, { path: "/runs/cancel", run: this.#admission.unknownRun(grant), body });
  }

  /** Not bound to the caller's connection: whoever closes a page has asked for it all the same. No limit holds it up. */
  async #postCancel(
    { c, flow }: Caller,
    { path, run, body }: Outcome & { readonly path: string; readonly body?: string },
  ): Promise<Response> {
    const request = { method: "POST", path: flow.path + path, body, accept: "application/json" } as const;
    return this.#answer(c, await this.#send(c, request), { run });
  }

  #readJson(c: Context): Promise<Uint8Array> {
    const { maxBodyBytes: maxBytes = 262_144, bodyTimeoutMs: timeoutMs = 30_000 } = this.#options.bounds ?? {};
    return readJsonBody(c, { maxBytes, timeoutMs });
  }

  get #inputBounds() {
    const { maxMessages = 40, allow = [] } = this.#options.bounds ?? {};
    return { maxMessages, allow };
  }

  /** The run that the call goes on with. Throws 400, for another's as for none. */
  async #begun(caller: Caller, { executionId }: Received): Promise<OwnedRun | undefined> {
    if (executionId === undefined) return undefined;
    const run = await this.#admission.owned(caller, toExecutionId(executionId));
    if (run) return run;
    throw new RelayRefusal(400, "EXECUTION_ID_INVALID");
  }

  async #requestFor(
    { c, flow, grant }: Caller,
    operation: "execute" | "step" | "jobs",
    { version, body }: { readonly version: typeof flow.version; readonly body: string },
  ): Promise<UpstreamRequest> {
    const key = await keyForUser(c.req.header("idempotency-key"), grant.user, flow.path);
    return {
      method: "POST",
      path: `${flow.path}${versionSegment(version)}/${operation}`,
      body,
      accept: operation === "step" ? "text/event-stream" : "application/json",
      headers: { "idempotency-key": key, "last-event-id": cursorOf(c) },
      signal: c.req.raw.signal,
    };
  }

  #send(c: Context, request: UpstreamRequest): Promise<Response> {
    return send(upstreamOf(c, this.#options), request);
  }

  /** A stream that has begun leaves its place when it ends. */
  async #inPlace(
    { store, grant: { user } }: Caller,
    isNewRun: boolean,
    answer: (place: Place) => Promise<Response>,
  ): Promise<Response> {
    const { limits = {}, now = Date.now } = this.#options;
    const place = await enter({ store, limits, user, isNewRun, now });
    let isStreaming = false;
    try {
      const response = await answer(place);
      isStreaming = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
      return response;
    } finally {
      if (!isStreaming) place.leave();
    }
  }

  #answer(c: Context, response: Response, { run: { hidden }, place }: Outcome): Promise<Response> {
    const showsInputs = hidden.length === 0 && this.#inputBounds.allow.includes("inputs");
    const options = { key: upstreamOf(c, this.#options).key, hidden, showsInputs };
    return place ? eventsAnswer(c, response, { ...options, place }) : jsonAnswer(response, options);
  }
}

/** The run that an answer names: in its header, or, of a job, perhaps in its body alone. */
async function namedRun(response: Response, operation: "execute" | "step" | "jobs"): Promise<string | undefined> {
  const named = toExecutionId(response.headers.get("x-noukai-execution-id"));
  if (named !== undefined || operation !== "jobs") return named;
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => undefined); // what is no JSON is refused later
  return toExecutionId((body as { readonly executionId?: unknown } | undefined)?.executionId); // any object can be asked for a member
}
