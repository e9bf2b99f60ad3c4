import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import type { ModelCall } from "./history.ts";
import { hashOf, Random } from "./random.ts";

/** Prices of its models, for `NOUKAI_PRICES`. */
export const prices = {
  "chaos/quick": { promptPerMillion: "1.25", completionPerMillion: "7.5" },
  "chaos/slow": { promptPerMillion: "3", completionPerMillion: "15" },
};

interface ChatRequest {
  readonly model: string;
  readonly messages: readonly { readonly role: string }[];
  readonly tools?: readonly object[];
}

interface Noted extends Omit<ModelCall, "brokenAt"> {
  brokenAt?: number;
}

/**
 * A service that speaks OpenAI's chat completions, slow and not reliable, and the witness of what is executed: each call of it is one
 * attempt of one step, named by its idempotency key. How it answers depends on the key and the seed alone.
 */
export class ModelService {
  readonly #server: Server;
  readonly #seed: number;
  readonly #calls: Noted[] = [];

  private constructor(seed: number) {
    this.#seed = seed;
    this.#server = createServer((request, response) => {
      // A connection that goes in the middle of an answer is what the service is there to see.
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  static async start(seed: number, host: string): Promise<ModelService> {
    const service = new ModelService(seed);
    service.#server.listen(0, host);
    await once(service.#server, "listening");
    return service;
  }

  get calls(): readonly ModelCall[] {
    return this.#calls;
  }

  get url(): string {
    const { address, port } = this.#server.address() as AddressInfo; // it listens on a port
    return `http://${address}:${port}/v1`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const key = String(request.headers["idempotency-key"]);
    const call = this.#note(key);
    response.on("close", () => {
      if (!response.writableFinished) call.brokenAt = performance.now();
    });
    const body = (await json(request)) as ChatRequest; // it is ours that calls
    const random = new Random(this.#seed ^ hashOf(key));
    const patience = body.model === "slow" ? 8 : 1;
    await delay(random.int(1, 40) * patience);
    if (random.chance(0.03)) {
      response.writeHead(random.pick([429, 500, 503])).end("{}");
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const chunk of chunksOf(body, call, random)) {
      response.write(`data: ${JSON.stringify(chunk)}\n\n`);
      // Broken off in the middle: an attempt that failed, which the step makes once more.
      if (random.chance(0.004)) return void response.destroy();
      await delay(random.int(0, 15) * patience);
    }
    response.end("data: [DONE]\n\n");
  }

  #note(key: string): Noted {
    const [runId = "", step = "", attempt = "0", round = "0"] = key.split(":");
    const call = { runId, step, attempt: Number(attempt), round: Number(round), at: performance.now() };
    this.#calls.push(call);
    return call;
  }
}

function chunksOf(body: ChatRequest, call: ModelCall, random: Random): readonly object[] {
  const usage = { prompt_tokens: random.int(10, 500), completion_tokens: random.int(1, 90), total_tokens: 0 };
  const isAsking = body.tools !== undefined && body.tools.length > 0 && body.messages.at(-1)?.role !== "tool";
  const deltas = isAsking ? [toolCall] : wordsOf(call, random).map((content) => ({ content }));
  const finish = isAsking ? "tool_calls" : "stop";
  return [
    ...deltas.map((delta) => ({ choices: [{ index: 0, delta, finish_reason: null }] })),
    {
      choices: [{ index: 0, delta: {}, finish_reason: finish }],
      usage: { ...usage, total_tokens: usage.prompt_tokens + usage.completion_tokens },
    },
  ];
}

const toolCall = {
  tool_calls: [{ index: 0, id: "call_1", type: "function", function: { name: "look", arguments: '{"at":"it"}' } }],
};

/** Tells the attempts of a step apart, and has characters of one, two and more units. */
function wordsOf({ step, attempt, round }: ModelCall, random: Random): readonly string[] {
  const words = Array.from({ length: random.int(1, 12) }, () =>
    random.pick([" Kätzchen", " 😀", " ok", ' "so"', "\n"]),
  );
  return [`${step}#${attempt}.${round}`, ...words];
}
