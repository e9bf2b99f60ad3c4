import { systemClock } from "@noukai/core";
import { Noukai, type NoukaiOptions } from "../../src/index.ts";

/** A server under test, and a project on it in which flows may be made. */
export interface TargetOptions {
  /** Up to and including `/api/v1`. */
  readonly baseUrl: string;
  /** Needs the scopes `run`, `trace:read` and `flow:write`. */
  readonly apiKey: string;
  readonly org: string;
  readonly project: string;
}

/** A frame as it came, and the bytes that it was. */
export interface RawFrame {
  readonly id: number | undefined;
  readonly event: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;
}

/** The flows that the checks run, by slug: the suite makes them. */
const FLOWS: Readonly<Record<string, unknown>> = {
  "conformance-text": {
    steps: [
      { id: "write", type: "llm", model: "noukai/echo", prompt: "{{message}} one two three 漢字 😀" },
      { id: "keep", type: "passthrough" },
    ],
  },
  "conformance-slow": {
    steps: [
      { id: "write", type: "llm", model: "noukai/echo?deltaMs=15", prompt: "{{message}} one two three four five six" },
    ],
  },
  "conformance-branches": {
    steps: [
      {
        id: "fan",
        type: "parallel",
        branches: Object.fromEntries(
          ["left", "right"].map((id) => [
            id,
            [{ id, type: "llm", model: "noukai/echo?deltaMs=4", prompt: `{{message}} ${id} one two three 漢字 😀` }],
          ]),
        ),
      },
      { id: "keep", type: "passthrough" },
    ],
  },
  "conformance-endless": {
    steps: [{ id: "wait", type: "llm", model: "noukai/echo?delayMs=600000", prompt: "{{message}}" }],
  },
  "conformance-asking": {
    steps: [{ id: "ask", type: "llm", model: "noukai/echo", prompt: "{{message}}", tools: true }],
  },
  "conformance-failing": {
    steps: [{ id: "fail", type: "llm", model: "noukai/echo?failAttempts=9&terminal=1", prompt: "{{message}}" }],
  },
};

/** What the checks call: the server by its raw bytes, and through the SDK. */
export class Target {
  readonly options: TargetOptions;

  constructor(options: TargetOptions) {
    this.options = options;
  }

  /** A client that comes back at once: thousands of cuts are waited for. */
  client(options: NoukaiOptions = {}): Noukai {
    const sleep = (ms: number, signal: AbortSignal): Promise<void> => systemClock.sleep(Math.min(ms, 2), signal);
    return new Noukai({ ...this.options, ...options }, { ...systemClock, sleep });
  }

  /** Makes the flows, or brings their drafts up to date. */
  async prepare(): Promise<void> {
    const { org, project } = this.options;
    for (const [slug, definition] of Object.entries(FLOWS)) {
      const body = { slug, definition };
      const made = await this.request("POST", `/projects/${org}/${project}/flows`, { body });
      if (made.status === 409)
        await this.request("PUT", `/projects/${org}/${project}/flows/${slug}`, { body: { definition } });
      else if (!made.ok) throw new Error(`The flow ${slug} cannot be made: ${made.status} ${await made.text()}`);
    }
  }

  /** `path` begins behind `/api/v1`. */
  request(
    method: string,
    path: string,
    { body, headers }: { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> } = {},
  ): Promise<Response> {
    return fetch(`${this.options.baseUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.options.apiKey}`, "content-type": "application/json", ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }

  /** Below the flow's own path: `flowPath("conformance-text", "/v0/step")`. */
  flowPath(slug: string, rest: string): string {
    const { org, project } = this.options;
    return `/seq/${org}/${project}/${slug}${rest}`;
  }
}

/** Reads a stream's text as frames, and holds each to the contract: LF only, one line of data, a blank line at the end. */
export function readFrames(text: string): readonly RawFrame[] {
  if (text.includes("\r")) throw new Error("The stream holds a CR: old clients break on it.");
  if (!text.endsWith("\n\n")) throw new Error("The stream does not end with a blank line.");
  const blocks = text.slice(0, -2).split("\n\n");
  return blocks.filter((block) => !block.split("\n").every((line) => line.startsWith(":"))).map(readFrame);
}

function readFrame(block: string): RawFrame {
  const fields = block.split("\n").map((line) => /^(id|event|data): (.*)$/s.exec(line)?.slice(1) ?? []);
  const named = (name: string): string | undefined => fields.find(([field]) => field === name)?.[1];
  const strange = fields.find(([field]) => field === undefined);
  if (strange !== undefined || fields.length > 3) throw new Error(`Not a frame of the contract: ${block}`);
  const id = named("id");
  return {
    id: id === undefined ? undefined : Number(id),
    event: named("event"),
    data: JSON.parse(named("data") ?? ""),
  };
}
