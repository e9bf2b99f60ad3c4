import { type Clock, type Fetch, systemClock, ValueError } from "@noukai/core";
import type { SessionRecording } from "@noukai/core/schema";
import { resolveFlow } from "../flow-reference.ts";
import { eventBody } from "./event-body.ts";
import { ExecutionBook } from "./execution-book.ts";
import { type Fault, fault, isStreamFault } from "./fault.ts";
import { Refusal } from "./refusal.ts";
import { type Answer, Requests } from "./requests.ts";
import { isExecutionOperation, type Route, routeOf, type TestOperation } from "./routes.ts";
import { RunBook } from "./run-book.ts";
import type { FlowScript } from "./script.ts";

/** A request as the server got it. */
export interface TestRequest extends Omit<Route, "operation"> {
  /** `undefined` for an address that is none of the scripted server's. */
  readonly operation: TestOperation | undefined;
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  /** The JSON that was sent; `undefined` when nothing was. */
  readonly body: unknown;
  readonly idempotencyKey: string | undefined;
}

/** What the scripted server knows, and what goes wrong with it. */
export interface TestServerOptions {
  /** By `org/project/slug`. Of a list, each run takes the next script. What is not here is answered with 404. */
  readonly flows: Readonly<Record<string, FlowScript | readonly FlowScript[]>>;
  /** What goes wrong, request by request; cancels are spared. More with `inject`. */
  readonly faults?: readonly Fault[] | undefined;
  /** Recordings that are answered for their `sessionId`, or `"expired"`. Runs with a session are recorded by themselves. */
  readonly sessions?: Readonly<Record<string, SessionRecording | "expired">> | undefined;
  /** The only key that is taken. Default: one of the right form. */
  readonly apiKey?: string | undefined;
  /** What scripted time passes by. Default: the machine's, so that fake timers rule it. */
  readonly clock?: Clock | undefined;
}

/** A Noukai server that does what a script says, for tests of programs that call flows. */
export interface TestServer {
  /** For `new Noukai({ fetch })`. */
  readonly fetch: Fetch;
  /** For `new Noukai({ apiKey, baseUrl })`. */
  readonly apiKey: string;
  readonly baseUrl: string;
  /** The UUID of a scripted flow, for `noukai.executions`: `flowId("acme/demo/grader")`. Throws `ValueError` for one that is not scripted. */
  flowId(flow: string): string;
  /** What was asked so far, oldest first. */
  readonly requests: readonly TestRequest[];
  /** Adds faults behind those that are left: each meets one request. */
  inject(...faults: readonly Fault[]): void;
  /** Throws when something did not come to its end: a fault that met no request, a script of a list that no run took, a run that is not over, an address that is none, a script that threw. */
  assertDone(): void;
  /** Begins anew: nothing was asked, and the faults are those of the options. Runs that are under way end. */
  reset(): void;
}

const API_KEY = "nk_test_scripted_0123456789abcdef0123456789abcdef";
const BASE_URL = "https://noukai.test/api/v1";

/**
 * Makes a scripted server. It speaks the whole contract for calling flows: pauses, steps, jobs, traces, sessions, live traces that resume,
 * executions by their id (but for their socket), idempotency keys and cancels, so that the SDK survives faults in a test as it does in the field. Nothing is sent anywhere. Throws
 * `ValueError` for a name of `flows` that names none.
 *
 * ```ts
 * const server = createTestServer({ flows: { "acme/demo/grader": flow([step("check", { text: ["Two ", "mistakes."] })]) } });
 * const noukai = new Noukai(server);
 * ```
 */
export function createTestServer(options: TestServerOptions): TestServer {
  return new ScriptedServer(options);
}

class ScriptedServer implements TestServer {
  readonly apiKey: string;
  readonly baseUrl = BASE_URL;
  readonly requests: TestRequest[] = [];
  readonly #options: TestServerOptions;
  readonly #clock: Clock;
  #faults: Fault[] = [];
  #book: RunBook;
  #executions: ExecutionBook;

  constructor(options: TestServerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    for (const name of Object.keys(options.flows)) resolveFlow(name, {}); // throws for what no call could name
    this.apiKey = options.apiKey ?? API_KEY;
    this.#book = new RunBook({ flows: options.flows, clock: this.#clock });
    this.#executions = new ExecutionBook(this.#book, this.#clock);
    this.reset();
  }

  readonly fetch: Fetch = async (request) => {
    request.signal.throwIfAborted();
    const { method, headers } = request;
    const path = new URL(request.url).pathname;
    const route = routeOf(method, path);
    const text = await request.clone().text();
    const idempotencyKey = headers.get("idempotency-key") ?? undefined;
    const { operation, ...place } = route ?? { ...NOWHERE, operation: undefined };
    this.requests.push({ operation, ...place, method, path, headers, body: parse(text), idempotencyKey });
    const requestId = `req_${this.requests.length}`;
    const response = await this.#through(this.#takeFault(route), (fault) =>
      this.#answer({ request, route, text }, fault),
    );
    if (!response.headers.has("x-request-id")) response.headers.set("x-request-id", requestId);
    return response;
  };

  flowId(flow: string): string {
    if (Object.hasOwn(this.#options.flows, flow)) return this.#book.flowId(flow);
    throw new ValueError(`No flow ${flow} is scripted. Name one of \`flows\`.`);
  }

  inject(...faults: readonly Fault[]): void {
    this.#faults.push(...faults);
  }

  assertDone(): void {
    const { runs, unused } = this.#book;
    const broken = runs.find((run) => run.fault !== undefined);
    if (broken) throw broken.fault;
    const left = [
      ...this.#faults.map(({ kind }) => `a fault (${kind}) met no request`),
      ...unused.map((scripts) => `${scripts} were not asked for`),
      ...runs
        .filter((run) => !run.isOver)
        .map(({ options, status }) => `the run ${options.executionId} of ${options.flow} is ${status}`),
      ...this.requests
        .filter(({ operation }) => !operation)
        .map(({ method, path }) => `${method} ${path} is not served`),
    ];
    if (left.length > 0) throw new Error(`The scripted server is not done:\n- ${left.join("\n- ")}`);
  }

  reset(): void {
    for (const run of this.#book.runs) run.cancel();
    this.requests.length = 0;
    this.#faults = [...(this.#options.faults ?? [])];
    this.#book = new RunBook({ flows: this.#options.flows, clock: this.#clock });
    this.#executions = new ExecutionBook(this.#book, this.#clock);
  }

  /** The next fault, when it fits the request. */
  #takeFault(route: Route | undefined): Fault {
    const [next] = this.#faults;
    const isCancel = CANCELS.has(route?.operation);
    const isStream = STREAMS.has(route?.operation);
    if (!next || isCancel || (isStreamFault(next) && !isStream)) return fault.none();
    this.#faults.shift();
    return next;
  }

  async #through(fault: Fault, answer: (fault: Fault) => Promise<Response>): Promise<Response> {
    if (fault.kind === "refuse") throw new TypeError("fetch failed");
    if (fault.kind === "status" && !fault.hasRun) return statusAnswer(fault);
    const response = await answer(fault);
    if (fault.kind !== "lose" && fault.kind !== "status") return response;
    await response.body?.cancel();
    if (fault.kind === "status") return statusAnswer(fault);
    throw new TypeError("fetch failed");
  }

  async #answer(
    { request, route, text }: { readonly request: Request; readonly route: Route | undefined; readonly text: string },
    fault: Fault,
  ): Promise<Response> {
    try {
      this.#authorize(request.headers, route);
      if (!route) throw new Refusal(404, "ROUTE_NOT_FOUND", { message: "There is nothing here that is scripted." });
      const { sessions = {} } = this.#options;
      const requests = new Requests({ book: this.#book, executions: this.#executions, sessions });
      return this.#respond(await requests.answer(route, { request, text }), { fault, signal: request.signal });
    } catch (error) {
      if (error instanceof Refusal) return refused(error, route, `req_${this.requests.length}`);
      throw error;
    }
  }

  #respond(answer: Answer, { fault, signal }: { readonly fault: Fault; readonly signal: AbortSignal }): Response {
    const headers = { ...(answer.run && { "x-noukai-execution-id": answer.run.options.executionId }) };
    if (!("json" in answer || "events" in answer)) return new Response(null, { status: answer.status });
    if ("json" in answer) return Response.json(answer.json, { status: answer.status ?? 200, headers });
    const reader = new AbortController();
    const body = eventBody(answer.events(reader.signal), {
      fault,
      clock: this.#clock,
      signal,
      onClose: () => reader.abort(),
    });
    return new Response(body, { headers: { ...headers, "content-type": "text/event-stream; charset=utf-8" } });
  }

  /** A key opens the projects of the scripted flows, and no other. */
  #authorize(headers: Headers, route: Route | undefined): void {
    if (headers.get("authorization") !== `Bearer ${this.apiKey}`) {
      throw new Refusal(401, "UNAUTHENTICATED", { message: "This key is not valid here." });
    }
    const project = route?.flow?.replace(/[^/]+$/, "");
    if (project === undefined || Object.keys(this.#options.flows).some((flow) => flow.startsWith(project))) return;
    throw new Refusal(403, "FORBIDDEN", { message: `This key does not open ${project.slice(0, -1)}.` });
  }
}

const STREAMS: ReadonlySet<TestOperation | undefined> = new Set(["step", "streamTrace", "streamExecution"] as const);
const CANCELS: ReadonlySet<TestOperation | undefined> = new Set(["cancel", "cancelByKey", "cancelExecution"] as const);

const NOWHERE: Omit<Route, "operation"> = {
  flow: undefined,
  version: undefined,
  executionId: undefined,
  stepId: undefined,
  sessionId: undefined,
  taskId: undefined,
};

function refused(refusal: Refusal, route: Route | undefined, requestId: string): Response {
  const isExecution = route !== undefined && isExecutionOperation(route.operation);
  return isExecution ? refusal.toExecutionResponse(requestId) : refusal.toResponse();
}

function parse(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}

function statusAnswer({ status, code, retryAfter, isHtml }: Fault & { readonly kind: "status" }): Response {
  const headers = { ...(retryAfter !== undefined && { "retry-after": String(retryAfter) }) };
  if (isHtml) {
    const page = `<!doctype html><title>${status}</title><h1>Something is in the way</h1>`;
    return new Response(page, { status, headers: { ...headers, "content-type": "text/html" } });
  }
  const detail = { code, message: `The script answers ${status}.` };
  return code === undefined ? new Response(null, { status, headers }) : Response.json({ detail }, { status, headers });
}
