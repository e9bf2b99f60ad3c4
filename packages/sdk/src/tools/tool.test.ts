import { toStandardJsonSchema } from "@valibot/to-json-schema";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { tool } from "./tool.ts";

const described = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const execute = (): string => "sunny";

describe("a tool's arguments", () => {
  test("are described and typed by zod", () => {
    const weather = tool({
      name: "get_weather",
      description: "The weather of a city",
      input: z.object({ city: z.string(), days: z.coerce.number().default(1) }),
      execute: ({ city, days }, { signal, executionId, stepId, toolCallId }) => {
        [city, executionId, stepId, toolCallId] satisfies string[];
        days satisfies number;
        signal satisfies AbortSignal;
        // @ts-expect-error: a number has no such member
        void days.trim;
        return { degrees: 20 };
      },
      needsApproval: ({ city }) => (city satisfies string) === "Paris",
    });
    expect(weather.function).toEqual({
      name: "get_weather",
      description: "The weather of a city",
      parameters: {
        type: "object",
        properties: { city: { type: "string" }, days: expect.objectContaining({ default: 1 }) },
        required: ["city"],
      },
    });
    // @ts-expect-error: the city is missing
    void (() => weather.execute({ days: 1 }, undefined as never));
    void (() => (weather.execute({ city: "Lyon", days: 1 }, undefined as never) as { degrees: number }).degrees);
  });

  test("are described and typed by arktype", () => {
    const weather = tool({
      name: "get_weather",
      input: type({ city: "string" }),
      execute: ({ city }) => {
        city satisfies string;
        // @ts-expect-error: text has no such member
        void city.degrees;
        return city;
      },
    });
    expect(weather.function.parameters).toEqual(described);
  });

  test("are described and typed by valibot with its converter", () => {
    const weather = tool({
      name: "get_weather",
      input: toStandardJsonSchema(v.object({ city: v.string() })),
      execute: ({ city }) => {
        city satisfies string;
        // @ts-expect-error: text has no such member
        void city.degrees;
        return city;
      },
    });
    expect(weather.function.parameters).toEqual(described);
  });

  test("are described by hand where the library cannot", () => {
    const input = v.object({ city: v.string() });
    const weather = tool({
      name: "get_weather",
      input,
      inputSchema: described,
      execute: ({ city }) => city satisfies string,
    });
    expect(weather.function.parameters).toEqual(described);
    // @ts-expect-error: nothing describes the arguments
    expect(() => tool({ name: "get_weather", input, execute })).toThrow(
      "`input` of the tool get_weather: its library (valibot) tells no JSON Schema for the model. Wrap it in `toStandardJsonSchema` of @valibot/to-json-schema, or give `inputSchema` beside it.",
    );
  });

  test("that JSON Schema cannot describe are refused with the reason", () => {
    const input = z.object({ day: z.date() });
    expect(() => tool({ name: "plan", input, execute })).toThrow(
      "`input` of the tool plan has no JSON Schema: Date cannot be represented in JSON Schema. Give `inputSchema` beside it.",
    );
  });

  test("are an object", () => {
    expect(() => tool({ name: "plan", input: z.string(), execute })).toThrow("`input` of the tool plan is no object.");
  });
});

test.each([["get weather"], [""], ["x".repeat(65)], [undefined]])("a tool cannot be called %j", (name) => {
  const options = { name: name as string, input: z.object({}), execute };
  expect(() => tool(options)).toThrow("`name` of a tool is");
});

test("a tool without a schema, a function or a sensible time is refused", () => {
  const input = z.object({});
  const schema = { type: "object" } as unknown as StandardSchemaV1;
  expect(() => tool({ name: "a", input: schema, inputSchema: {}, execute })).toThrow(
    "`input` of the tool a is no Standard Schema.",
  );
  expect(() => tool({ name: "a", input, execute: undefined as never })).toThrow(
    "The tool a has no function `execute`.",
  );
  expect(() => tool({ name: "a", input, execute, timeoutMs: 0 })).toThrow("`timeoutMs of the tool a` is 0.");
});
