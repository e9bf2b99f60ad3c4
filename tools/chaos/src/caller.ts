import { setTimeout as delay } from "node:timers/promises";
import type { Random } from "./random.ts";

export const apiKey = `nk_test_chaos000_${"0".repeat(32)}`;

/** How long one request may take before it is made again, and all of them together, in milliseconds. */
const requestMs = 10_000;
const patienceMs = 90_000;

export interface Call {
  readonly method: string;
  /** Behind `/api/v1`. */
  readonly path: string;
  readonly body?: object;
  readonly key?: string;
}

export interface Answer {
  readonly status: number;
  readonly executionId: string | undefined;
  // oxlint-disable-next-line typescript/no-explicit-any -- JSON of whatever shape the contract gives the path
  readonly body: any;
}

interface CallInit {
  readonly signal?: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Nobody answered in the caller's time. */
export class UnansweredError extends Error {
  override readonly name = "UnansweredError";
}

/** A client that calls any of the nodes, and again when that one does not answer. */
export class Caller {
  readonly #urls: () => readonly string[];
  readonly #random: Random;

  constructor(urls: () => readonly string[], random: Random) {
    this.#urls = urls;
    this.#random = random;
  }

  /** Sends until somebody answers with something else than a fault of the server's own, however often that takes. */
  async call(call: Call): Promise<Answer> {
    for (const giveUpAt = performance.now() + patienceMs; performance.now() < giveUpAt;) {
      const answer = await this.#try(call);
      if (answer !== undefined && answer.status < 500 && answer.status !== 429) return answer;
      await delay(this.#random.int(20, 250));
    }
    throw new UnansweredError(`${call.method} ${call.path} was not answered`);
  }

  /** One request to one node; rejects when the connection does not hold. */
  send({ method, path, body, key }: Call, init: CallInit = {}): Promise<Response> {
    return fetch(`${this.#random.pick(this.#urls())}/api/v1${path}`, {
      ...init,
      method,
      headers: {
        authorization: `Bearer ${apiKey}`,
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(key !== undefined && { "idempotency-key": key }),
        ...init.headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }

  /** `fetch` for the SDK: whatever address it was told, the request goes to any of the nodes. */
  fetch = (input: Request | string | URL, init?: RequestInit): Promise<Response> => {
    const { pathname, search } = new URL(input instanceof Request ? input.url : input);
    const url = `${this.#random.pick(this.#urls())}${pathname}${search}`;
    return fetch(input instanceof Request ? new Request(url, input) : url, init);
  };

  async #try(call: Call): Promise<Answer | undefined> {
    try {
      const response = await this.send(call, { signal: AbortSignal.timeout(requestMs) });
      const text = await response.text();
      const executionId = response.headers.get("x-noukai-execution-id") ?? undefined;
      return { status: response.status, executionId, body: text === "" ? undefined : JSON.parse(text) };
    } catch {
      return undefined;
    }
  }
}
