import { Attempt, type Call, type Exchange, type WireInit } from "./attempt.ts";
import { type Clock, systemClock } from "./clock.ts";
import type { Config } from "./config.ts";
import { Connection } from "./connection.ts";
import { createRequester, type WireClient } from "./requester.ts";
import { retryDelayMs } from "./retry.ts";
import type { FrameReader } from "./sse.ts";

/** A success with its body parsed, which nothing has checked against the contract. */
export interface JsonAnswer<Data> {
  readonly data: Data;
  readonly response: Response;
}

/** A stream whose headers are there. Whoever has it reads `frames` to their end or closes them: until then the connection is held. */
export interface StreamAnswer {
  readonly frames: FrameReader;
  readonly response: Response;
  /** How many requests it took: above 1, the server may have joined a run that was under way. */
  readonly attempts: number;
}

/** Makes requests: headers, deadlines, retries and typed errors are here, the meaning of a call is not. */
export class Transport {
  readonly config: Config;
  readonly clock: Clock;
  readonly #client: WireClient;

  constructor(config: Config, clock: Clock = systemClock) {
    this.config = config;
    this.clock = clock;
    this.#client = createRequester(config.baseUrl);
  }

  /** A call whose answer is JSON. Its body is read within the scope's time. */
  json<Data>(
    call: Call,
    send: (client: WireClient, init: WireInit) => Promise<Exchange<Data>>,
  ): Promise<JsonAnswer<Data>> {
    return this.#retrying(call, "application/json", async (attempt) => {
      const { data, response } = await attempt.run(call.scope.signal, (init) => send(this.#client, init));
      if (this.config.logPayloads) attempt.log({ phase: "body", body: data });
      return { data: data as Data, response }; // the status of success, which `run` has seen, is what types it
    });
  }

  /** A call whose answer is a stream of events. Resolves when its headers are there; then the caller closes `frames`. */
  stream(
    call: Call,
    send: (client: WireClient, init: WireInit & { readonly parseAs: "stream" }) => Promise<Exchange<unknown>>,
  ): Promise<StreamAnswer> {
    return this.#retrying(call, "text/event-stream", async (attempt, attempts) => {
      const connection = new Connection(call.scope, this.config);
      try {
        const { response } = await attempt.run(connection.signal, (init) =>
          send(this.#client, { ...init, parseAs: "stream" }),
        );
        const isEvents = response.headers.get("content-type")?.startsWith("text/event-stream");
        if (!isEvents || !response.body) throw attempt.unexpectedAnswer(response);
        return { frames: connection.read(response.body), response, attempts };
      } catch (error) {
        connection.close();
        throw error;
      }
    });
  }

  async #retrying<Answer>(
    call: Call,
    accept: "application/json" | "text/event-stream",
    exchange: (attempt: Attempt, number: number) => Promise<Answer>,
  ): Promise<Answer> {
    for (let number = 1; ; number++) {
      const attempt = new Attempt({ config: this.config, clock: this.clock, call, number, accept });
      try {
        return await exchange(attempt, number);
      } catch (error) {
        const isLast = number > (call.maxRetries ?? this.config.maxRetries);
        const delayMs = attempt.fault && !isLast ? retryDelayMs(attempt.fault, number, this.clock) : undefined;
        // A wait that the timeout would cut short helps no one: the caller learns now what went wrong.
        if (delayMs === undefined || delayMs >= call.scope.leftMs) throw error;
        attempt.log({ phase: "retry", delayMs, reason: String(error) });
        call.onRetry?.(number, delayMs);
        await this.clock.sleep(delayMs, call.scope.signal);
      }
    }
  }
}
