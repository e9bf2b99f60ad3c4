import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, vi } from "vitest";
import { zErrorResponse, zExecutionErrorResponse } from "../src/generated/zod.gen.ts";
import { type StartedServer, startServer, type StartOptions } from "../src/index.ts";
import { requireDocumented } from "./contract/answers.ts";
import type { Frame } from "./contract/frames.ts";

export { type Frame, parseFrames } from "./contract/frames.ts";

/** Flows that the tests run, as files of two projects. */
export const files: Readonly<Record<string, string>> = {
  "acme/spelling/grade-3.yaml": `
name: Grade 3 spelling
input:
  type: object
  properties:
    message: { type: string }
    difficulty: { type: string, default: easy }
  required: [message]
steps:
  - { id: check, type: llm, model: noukai/echo, prompt: "Check ({{difficulty}}): {{message}}" }
  - { id: keep, type: passthrough }
`,
  // Three steps of which the second takes its time, so that a test can step in.
  "acme/spelling/slow.yaml": `
steps:
  - { id: first, type: passthrough }
  - { id: second, type: llm, model: "noukai/echo?deltaMs=20", prompt: "{{message}} one two three four five six seven eight nine ten" }
  - { id: third, type: passthrough }
`,
  "acme/spelling/endless.yaml": `
steps:
  - { id: wait, type: llm, model: "noukai/echo?delayMs=600000", prompt: "{{message}}" }
`,
  "acme/spelling/failing.yaml": `
steps:
  - { id: fail, type: llm, model: "noukai/echo?failAttempts=9&terminal=1", prompt: "{{message}}" }
`,
  "acme/spelling/retried.yaml": `
steps:
  - { id: flaky, type: llm, model: "noukai/echo?failAttempts=1", prompt: "{{message}}", retry: { initialMs: 1 } }
`,
  "acme/spelling/asking.yaml": `
steps:
  - { id: keep, type: passthrough }
  - { id: ask, type: llm, model: noukai/echo, prompt: "{{message}}", tools: true }
  - { id: last, type: llm, model: noukai/echo, prompt: "After: {{text}}" }
`,
  "acme/other/elsewhere.yaml": `
steps:
  - { id: keep, type: passthrough }
`,
};

export interface TestServer extends StartedServer {
  /** The first key of acme/spelling. */
  readonly key: string;
  /** The first key of acme/other. */
  readonly otherKey: string;
  /** Calls the app as a function: no port, no network. */
  readonly call: (method: string, path: string, options?: CallOptions) => Promise<Response>;
  /** Calls the listening server. */
  readonly request: (method: string, path: string, options?: CallOptions) => Promise<Response>;
}

export interface CallOptions {
  /** Default: the key of acme/spelling. `null`: none. */
  readonly key?: string | null;
  /** Sent as JSON; a string is sent as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** A directory that is gone after the test. */
export async function makeDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "noukai-server-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

export async function writeFlows(directory: string, flows: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(flows)) {
    await mkdir(join(directory, path, ".."), { recursive: true });
    await writeFile(join(directory, path), text);
  }
}

/** A server on loopback with the flows above, closed after the test. */
export async function startTestServer(
  options: StartOptions & { readonly flows?: Readonly<Record<string, string>> } = {},
): Promise<TestServer> {
  const { flows = files, ...rest } = options;
  const flowsDir = await makeDirectory();
  await writeFlows(flowsDir, flows);
  const server = await startServer({ flowsDir, drainMs: 0, ...rest });
  onTestFinished(server.close);
  const newKeys = server.newKeys.toSorted((a, b) => Number(b.org === "acme") - Number(a.org === "acme"));
  const keyOf = (project: string): string =>
    rest.apiKey ?? newKeys.find((key) => key.project === project)?.secret ?? "";
  const key = keyOf("spelling");
  return {
    ...server,
    key,
    otherKey: keyOf("other"),
    call: (method, path, call) => checked(server.app.fetch, toRequest("http://server", key, { method, path, ...call })),
    request: (method, path, call) => checked(fetch, toRequest(server.url, key, { method, path, ...call })),
  };
}

/** Whatever a test is about: no answer may be one that the document does not give to that call. */
async function checked(send: (request: Request) => Response | Promise<Response>, request: Request): Promise<Response> {
  const response = await send(request);
  await requireDocumented(request.method, request.url, response);
  return response;
}

function toRequest(
  origin: string,
  defaultKey: string,
  call: CallOptions & { readonly method: string; readonly path: string },
): Request {
  const { method, path, key = defaultKey, body, signal } = call;
  const headers: Record<string, string> = key === null ? {} : { authorization: `Bearer ${key}` };
  if (body !== undefined) headers["content-type"] = "application/json";
  const text = body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body);
  return new Request(`${origin}${path}`, {
    method,
    headers: { ...headers, ...call.headers },
    body: text,
    ...(signal && { signal }),
  });
}

/** Resolves once the server holds so many runs. */
export async function runsInWork(server: TestServer, count: number): Promise<void> {
  await vi.waitFor(async () =>
    expect(await (await server.call("GET", "/metrics")).text()).toContain(`noukai_runs_in_work ${count}\n`),
  );
}

export const seq = "/api/v1/seq/acme/spelling";

/** Tools for the flow `asking`; the echo model calls each of them once, under the ids `call_1`, `call_2`. */
export const weatherTools = ["get_weather", "get_time"].map((name) => ({
  type: "function",
  function: { name, parameters: { type: "object", properties: { place: { type: "string" } }, required: ["place"] } },
}));

/** Frames that stand in the run's log. */
export function logged(frames: readonly Frame[]): readonly Frame[] {
  return frames.filter(({ id }) => id !== undefined);
}

/** `404 RUN_NOT_FOUND` */
export async function refusal(response: Response): Promise<string> {
  const body: unknown = await response.json();
  const executionError = zExecutionErrorResponse.safeParse(body);
  const { code } = executionError.success ? executionError.data.error : zErrorResponse.parse(body).detail;
  return `${response.status} ${code}`;
}
