import { act } from "@testing-library/react";
import { createTestServer, flow, step } from "@noukai/sdk/testing";
import { createRelayFlow } from "@noukai/sdk";
import { describe, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import {
  flowQueryOptions,
  prefetchRun,
  type ToolCallback,
  useFlow,
  useFlowEvents,
  useJob,
  useRunResult,
} from "../src/index.ts";
import { asked, clientOf, NAME, serve } from "./fixtures.ts";
import { open, pass } from "./page.tsx";
import { relayTo } from "./relay.ts";
import { complained } from "./setup.ts";

const SCHEMAS = {
  input: z.object({ message: z.string(), strict: z.boolean().optional() }),
  output: z.object({ mistakes: z.number() }),
};
const GRADER = flow([step("check", { output: { mistakes: 2 } })]);

describe("a typed flow", () => {
  test("types what hooks are given and give", async () => {
    const { server } = serve([GRADER, GRADER]);
    const grader = clientOf(server).flow(NAME, SCHEMAS);
    let execute: (() => void) | undefined;
    let mistakes: number | undefined;
    function Grader() {
      const events = useFlowEvents(grader, { start: { message: "kat", parameters: { strict: true } } });
      const called = useFlow(grader);
      const job = useJob(grader);
      expectTypeOf(events.data).toEqualTypeOf<{ mistakes: number } | undefined>();
      expectTypeOf(called.data).toEqualTypeOf<{ mistakes: number } | undefined>();
      expectTypeOf(job.data).toEqualTypeOf<{ mistakes: number } | undefined>();
      execute = () => void called.execute({ message: "kat" });
      mistakes = called.data?.mistakes;
      return <p>{events.data?.mistakes}</p>;
    }
    const page = open(<Grader />, {});
    await pass();
    expect(page.container.textContent).toBe("2");
    act(() => execute?.());
    await pass();
    expect(mistakes).toBe(2);
  });

  test("refuses what it does not take, to the compiler and on the page", async () => {
    const { server } = serve(GRADER);
    const grader = clientOf(server).flow(NAME, SCHEMAS);
    let error: { readonly message: string } | undefined;
    function Wrong() {
      // @ts-expect-error -- `message` is text
      ({ error } = useFlowEvents(grader, { start: { message: 1 } }));
      return null;
    }
    open(<Wrong />, {});
    await pass();
    expect(error?.message).toContain("message");
    expect(server.requests).toEqual([]);
  });

  test.each([
    ["reads", { mistakes: "2" }, { status: "completed", data: { mistakes: 2 } }],
    ["refuses", { mistakes: "many" }, { data: undefined, error: { code: "OUTPUT_SCHEMA_MISMATCH" } }],
  ])("%s the output of a run that is watched as that of one it began", async (_, output, expected) => {
    const { server } = serve(flow([step("check", { after: 500, output })]));
    const grader = clientOf(server).flow(NAME, { output: z.object({ mistakes: z.coerce.number() }) });
    let shown: object | undefined;
    function Grader() {
      shown = useFlowEvents(grader, { key: "grade", start: { message: "kat" } });
      return null;
    }
    const before = open(<Grader />, {});
    await pass();
    before.unmount();
    await pass(100);
    open(<Grader />, {});
    await pass(1_000);
    await pass();
    expect(shown).toMatchObject(expected);
    expect(asked(server).slice(0, 2)).toEqual(["step", "streamTrace"]);
  });

  test("types the arguments of tools", () => {
    const input = z.object({ place: z.string(), days: z.number().default(1) });
    expectTypeOf<Parameters<ToolCallback<typeof input>>[0]>().toEqualTypeOf<{ place: string; days: number }>();
  });

  test("types what is made of it without hooks", () => {
    const { server } = serve(GRADER);
    const grader = clientOf(server).flow(NAME, SCHEMAS);
    expectTypeOf(flowQueryOptions(grader, { message: "kat" }).queryFn).returns.resolves.toEqualTypeOf<{
      mistakes: number;
    }>();
    expectTypeOf(prefetchRun<typeof grader>)
      .returns.resolves.toHaveProperty("state")
      .toHaveProperty("data")
      .toEqualTypeOf<{ mistakes: number } | undefined>();
    expectTypeOf(useRunResult<typeof grader>).returns.toEqualTypeOf<{ mistakes: number }>();
  });
});

describe("a provider", () => {
  test("leads to relays by their names", async () => {
    const server = createTestServer({ flows: { [NAME]: GRADER } });
    const relay = { grader: createRelayFlow({ url: "/agent/execute", fetch: relayTo(server, NAME) }) };
    function Grader() {
      return <p>{JSON.stringify(useFlowEvents("grader", { start: { message: "kat" } }).data)}</p>;
    }
    const page = open(<Grader />, { relay });
    await pass();
    expect(page.container.textContent).toBe('{"mistakes":2}');
  });

  test("begins anew with another client", async () => {
    const first = serve(GRADER);
    const second = serve(flow([step("check", { output: { mistakes: 0 } })]));
    function Grader() {
      return <p>{JSON.stringify(useFlowEvents(NAME, { start: { message: "kat" } }).data)}</p>;
    }
    const page = open(<Grader />, { client: first.noukai });
    await pass();
    page.show(<Grader />, { client: second.noukai });
    await pass();
    expect(page.container.textContent).toBe('{"mistakes":0}');
  });

  test("says what is missing", () => {
    const controller = new AbortController();
    globalThis.addEventListener("error", (event) => event.preventDefault(), controller);
    function shown(Component: () => unknown, options: object): () => void {
      const Shown = (): null => {
        Component();
        return null;
      };
      return () => open(<Shown />, options);
    }
    expect(shown(() => useFlowEvents(), {})).toThrow("Which flow?");
    expect(shown(() => useFlowEvents("grader"), {})).toThrow('Nothing leads to the flow "grader"');
    controller.abort();
    complained(); // React 18 tells of what components throw
  });
});
