import { createEventSourceResponseHandler, jsonSchema, postJsonToApi } from "@ai-sdk/provider-utils";
import Anthropic from "@anthropic-ai/sdk";
import { Noukai } from "@noukai/sdk";
import { createParser } from "eventsource-parser";
import OpenAI from "openai";
import type { WireFormat } from "./workloads.ts";

/** One way to read a stream of text; gives how many characters of it arrived. */
export interface Contender {
  readonly name: string;
  /** What it does with each event beside finding it: the rows are not alike. */
  readonly does: string;
  readonly format: WireFormat;
  read(body: ReadableStream<Uint8Array>): Promise<number>;
}

const RUN = "0199f3c2-7a41-7c1e-9b1d-2f6a5d3c8e10";

/** As our server writes it. */
const noukaiFormat: WireFormat = {
  head: frame(1, "run_started", { runId: RUN, executionId: RUN, flowId: RUN, stepCount: 1 }),
  event: (index, text) =>
    frame(undefined, "step_output", {
      stepId: "check",
      attempt: 1,
      loopPath: [],
      offset: index * text.length,
      outputData: { delta: text },
    }),
  tail: frame(2, "flow_completed", {
    runId: RUN,
    executionId: RUN,
    result: {},
    summary: { durationMs: 1, stepCount: 1, tokens: { prompt: 0, completion: 0, total: 0 }, costUsd: "0" },
  }),
};

const openaiFormat: WireFormat = {
  head: "",
  event: (_index, content) => `data: ${JSON.stringify({ id: RUN, choices: [{ index: 0, delta: { content } }] })}\n\n`,
  tail: "data: [DONE]\n\n",
};

const anthropicFormat: WireFormat = {
  head: "",
  event: (_index, text) =>
    frame(undefined, "content_block_delta", {
      type: "content_block_delta",
      index: 0,
      delta: { type: "text_delta", text },
    }),
  tail: frame(undefined, "message_stop", { type: "message_stop" }),
};

export const contenders: readonly Contender[] = [
  {
    name: "eventsource-parser",
    does: "frames, JSON.parse; no deadlines, order or types",
    format: noukaiFormat,
    async read(body) {
      let length = 0;
      const parser = createParser({
        onEvent: ({ event, data }) => {
          const parsed: unknown = JSON.parse(data);
          if (event === "step_output") length += deltaOf(parsed).length;
        },
      });
      const decoder = new TextDecoder();
      const reader = body.getReader();
      for (let read = await reader.read(); !read.done; read = await reader.read()) {
        parser.feed(decoder.decode(read.value, { stream: true }));
      }
      return length;
    },
  },
  {
    name: "@noukai/sdk",
    does: "flow.events(): typed events, each once and in order, deadlines, reconnects",
    format: noukaiFormat,
    async read(body) {
      const noukai = new Noukai({ apiKey: "nk_test_bench", fetch: () => answer(body), timeout: 600_000 });
      let length = 0;
      for await (const event of noukai.flow("bench/bench/text").events()) {
        if (event.type === "step_output") length += deltaOf(event).length;
      }
      return length;
    },
  },
  {
    name: "openai",
    does: "chat.completions.create({ stream: true }): chunks as they are",
    format: openaiFormat,
    async read(body) {
      const client = new OpenAI({ apiKey: "bench", fetch: async () => answer(body), maxRetries: 0 });
      const stream = await client.chat.completions.create({ model: "bench", messages: [], stream: true });
      let length = 0;
      for await (const chunk of stream) length += chunk.choices[0]?.delta.content?.length ?? 0;
      return length;
    },
  },
  {
    name: "@anthropic-ai/sdk",
    does: "messages.create({ stream: true }): events as they are",
    format: anthropicFormat,
    async read(body) {
      const client = new Anthropic({ apiKey: "bench", fetch: async () => answer(body), maxRetries: 0 });
      const stream = await client.messages.create({ model: "bench", max_tokens: 1, messages: [], stream: true });
      let length = 0;
      for await (const event of stream) {
        if (event.type === "content_block_delta" && event.delta.type === "text_delta")
          length += event.delta.text.length;
      }
      return length;
    },
  },
  {
    name: "AI SDK (provider-utils)",
    does: "createEventSourceResponseHandler: parsed JSON, no schema to check",
    format: openaiFormat,
    async read(body) {
      const schema = jsonSchema<{ readonly choices: readonly { readonly delta: { readonly content: string } }[] }>({});
      const { value: stream } = await postJsonToApi({
        url: "https://bench.test",
        body: {},
        failedResponseHandler: () => Promise.reject(new Error("The answer was refused.")),
        successfulResponseHandler: createEventSourceResponseHandler(schema),
        fetch: async () => answer(body),
      });
      let length = 0;
      for await (const result of stream) {
        if (result.success) length += result.value.choices[0]?.delta.content.length ?? 0;
      }
      return length;
    },
  },
];

function frame(id: number | undefined, event: string, data: object): string {
  return `${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

function answer(body: ReadableStream<Uint8Array>): Response {
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

function deltaOf(event: unknown): string {
  // What `noukaiFormat` wrote.
  return (event as { readonly outputData: { readonly delta: string } }).outputData.delta;
}
