import type { Noukai, RunSummary } from "@noukai/sdk";
import { Hono } from "hono";
import { hc } from "hono/client";
import { describe, expect, expectTypeOf, test } from "vitest";
import { type ExecuteAnswer, flowRelay, noukai } from "../src/index.ts";
import { relayToServer } from "./harness.ts";

const authorize = () => ({ user: "ann" });

describe("`hc` knows the relay", () => {
  const app = new Hono().route("/agent", flowRelay({ flow: "acme/spelling/grade-3", authorize }));
  const many = new Hono().route("/agent", flowRelay({ flows: { grader: "acme/spelling/grade-3" }, authorize }));

  test("by its routes, what they take and what they give", async () => {
    const { app: real } = await relayToServer();
    const headers = { "x-user": "ann" };
    const client = hc<typeof app>("https://app.test", { fetch: real.request, headers });
    const response = await client.agent.execute.$post({ json: { message: "a" } });
    if (!response.ok) throw new Error((await response.json()).detail);
    const answer = await response.json();
    expectTypeOf(answer).toEqualTypeOf<ExecuteAnswer>();
    expect(answer.status).toBe("completed");
    const { executionId } = answer;
    const run = await client.agent.runs[":executionId"].$get({ param: { executionId } });
    if (!run.ok) throw new Error((await run.json()).detail);
    expectTypeOf((await run.json()).status).toEqualTypeOf<RunSummary["status"]>();
    // @ts-expect-error the message is a text
    const wrong = () => client.agent.execute.$post({ json: { message: 7 } });
    expect(wrong).toBeTypeOf("function");
  });

  test("by the names of its flows", () => {
    const client = hc<typeof many>("https://app.test");
    const url = client.agent[":flow"].jobs[":executionId"].$url({ param: { flow: "grader", executionId: "e" } });
    expect(url.pathname).toBe("/agent/grader/jobs/e");
  });
});

describe("handlers know", () => {
  test("the middleware's client and bindings", () => {
    new Hono().use(noukai()).get("/", (c) => {
      expectTypeOf(c.var.noukai).toEqualTypeOf<Noukai>();
      expectTypeOf(c.env.NOUKAI_API_KEY).toEqualTypeOf<string | undefined>();
      return c.body(null);
    });
  });

  test("the app's own variables and bindings in `authorize`", () => {
    interface Env {
      Variables: { readonly userId: string };
      Bindings: { readonly SECRET: string };
    }
    const relay = flowRelay<Env>({
      flow: "acme/spelling/grade-3",
      ticketSecret: (c) => c.env.SECRET,
      authorize: (c) => ({ user: c.var.userId }),
    });
    expect(relay.routes.length).toBeGreaterThan(10);
    // @ts-expect-error a relay of one flow and of several is neither
    expect(() => flowRelay({ flow: "acme/spelling/grade-3", flows: {}, authorize })).toBeTypeOf("function");
  });
});
