import { act } from "@testing-library/react";
import { fault, flow, step } from "@noukai/sdk/testing";
import { createRelayFlow, type RelayFlow } from "@noukai/sdk";
import type { ReactNode } from "react";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  type FlowEvents,
  type ToolDefinition,
  useFlow,
  useFlowEvents,
  usePendingApprovals,
  type UsedFlow,
  useTool,
  type WaitingApproval,
} from "../src/index.ts";
import { asked, clientOf, NAME, serve } from "./fixtures.ts";
import { elapse, open, pass } from "./page.tsx";
import { relayTo } from "./relay.ts";

const PLACE = z.object({ place: z.string() });
/** Asks for the weather of two places, and says what it was told. */
const ADVISOR = flow([
  step("advise", {
    toolCalls: [
      { name: "get_weather", arguments: { place: "Lyon" } },
      { name: "get_weather", arguments: { place: "Oslo" } },
    ],
    onResults: (results) => ({ text: results.map(({ content }) => content).join(", ") }),
  }),
]);

let shown: FlowEvents<RelayFlow>;
let called: UsedFlow<RelayFlow>;
let approvals: readonly WaitingApproval[];

function Advice() {
  shown = useFlowEvents(NAME, { key: "advice" });
  called = useFlow(NAME);
  approvals = usePendingApprovals();
  return null;
}

interface WeatherProps extends Partial<ToolDefinition<typeof PLACE>> {
  readonly say: string;
}

function Weather({ say, ...changes }: WeatherProps) {
  useTool({ name: "get_weather", input: PLACE, flow: NAME, ...changes }, ({ place }) => `${place}: ${say}`);
  return null;
}

async function start(): Promise<void> {
  act(() => shown.start({ message: "Umbrella?" }));
  await pass();
}

describe("a tool on the page", () => {
  test("is called with what its schema reads, by the handler of the latest rendering", async () => {
    const { noukai, server } = serve(ADVISOR);
    const page = open([<Advice key="1" />, <Weather key="2" say="sun" />], { client: noukai });
    page.show([<Advice key="1" />, <Weather key="2" say="rain" />]);
    await start();
    expect(shown).toMatchObject({ status: "completed", text: "Lyon: rain, Oslo: rain" });
    expect(server.requests[0]?.body).toMatchObject({
      tools: [{ type: "function", function: { name: "get_weather", parameters: { required: ["place"] } } }],
    });
  });

  test("is offered to a run that begins with the page, wherever its component stands", async () => {
    const { noukai } = serve(ADVISOR);
    function Begun() {
      return <p>{useFlowEvents(NAME, { start: { message: "Umbrella?" } }).text}</p>;
    }
    const page = open([<Begun key="1" />, <Weather key="2" say="rain" />], { client: noukai });
    await pass();
    expect(page.container.textContent).toBe("Lyon: rain, Oslo: rain");
  });

  test("is offered to flows that are waited for, too", async () => {
    const { noukai } = serve(ADVISOR);
    open([<Advice key="1" />, <Weather key="2" say="rain" />], { client: noukai });
    act(() => void called.execute({ message: "Umbrella?" }));
    await pass();
    expect(called).toMatchObject({ status: "completed", data: { text: "Lyon: rain, Oslo: rain" } });
  });

  test("is offered while its component is there, and to no call that brings its own tools", async () => {
    const { noukai, server } = serve(flow([step("say", { text: "Hello" })]));
    const page = open([<Advice key="1" />, <Weather key="2" say="rain" />], { client: noukai });
    act(() => shown.start({ tools: [] }));
    await pass();
    page.show([<Advice key="1" />]);
    await start();
    expect(server.requests.map(({ body }) => body)).toEqual([
      expect.objectContaining({ tools: [] }),
      expect.not.objectContaining({ tools: expect.anything() }),
    ]);
  });

  test("is offered to the one flow that it is for", async () => {
    const { noukai, server } = serve(flow([step("say", { text: "Hello" })]));
    const other = noukai.flow("acme/demo/other");
    open([<Advice key="1" />, <Weather key="2" say="rain" flow={other} />], { client: noukai });
    await start();
    expect(server.requests[0]?.body).not.toHaveProperty("tools");
  });

  test("that cannot be described to the model is the run's error, and nothing is sent", async () => {
    const { noukai, server } = serve(ADVISOR);
    const input = { "~standard": { version: 1, vendor: "mine", validate: (value: unknown) => ({ value }) } } as const;
    open([<Advice key="1" />, <Weather key="2" say="rain" input={input as unknown as typeof PLACE} />], {
      client: noukai,
    });
    await start();
    expect(shown).toMatchObject({ status: "failed", error: { message: expect.stringContaining("get_weather") } });
    expect(server.requests).toEqual([]);
  });

  test("tells the model when it is gone", async () => {
    const slow = step("advise", {
      after: 500,
      toolCalls: [{ name: "get_weather", arguments: { place: "Lyon" } }],
      onResults: ([weather]) => ({ output: weather?.content }),
    });
    const { noukai } = serve(flow([slow]));
    const page = open([<Advice key="1" />, <Weather key="2" say="rain" />], { client: noukai });
    await start();
    page.show([<Advice key="1" />]);
    await pass(1_000);
    expect(shown.data).toBe('{"error":"The tool get_weather is not on the page any more."}');
  });

  test("of two components with its name is that of the later one", async () => {
    const { noukai } = serve(ADVISOR);
    const tools = [<Weather key="2" say="sun" />, <Weather key="3" say="rain" />];
    const page = open([<Advice key="1" />, tools[0]], { client: noukai });
    page.show([<Advice key="1" />, ...tools]);
    await start();
    expect(shown.text).toBe("Lyon: rain, Oslo: rain");
  });
});

describe("a tool that a person must agree to", () => {
  test("waits, and runs when they agree or tells the model when not", async () => {
    const { noukai } = serve(ADVISOR);
    open([<Advice key="1" />, <Weather key="2" say="rain" needsApproval />], { client: noukai });
    await start();
    expect(shown.status).toBe("paused");
    expect(approvals).toMatchObject([
      { name: "get_weather", args: { place: "Lyon" } },
      { name: "get_weather", args: { place: "Oslo" } },
    ]);
    act(() => approvals[0]?.approve());
    expect(approvals).toHaveLength(1);
    act(() => approvals[0]?.refuse("Not Oslo."));
    await pass();
    expect(approvals).toEqual([]);
    expect(shown).toMatchObject({
      status: "completed",
      text: 'Lyon: rain, {"error":"A person refused this call: Not Oslo."}',
    });
  });

  test("asks where its rule says so", async () => {
    const { noukai } = serve(ADVISOR);
    open([<Advice key="1" />, <Weather key="2" say="rain" needsApproval={({ place }) => place === "Oslo"} />], {
      client: noukai,
    });
    await start();
    expect(approvals).toMatchObject([{ args: { place: "Oslo" } }]);
    act(() => approvals[0]?.refuse());
    await pass();
    expect(shown.text).toBe('Lyon: rain, {"error":"A person refused this call."}');
  });

  test("asks no more once the run is cancelled", async () => {
    const { noukai, server } = serve(ADVISOR);
    open([<Advice key="1" />, <Weather key="2" say="rain" needsApproval />], { client: noukai });
    await start();
    const [first] = approvals;
    await act(() => shown.cancel());
    await pass();
    expect(approvals).toEqual([]);
    expect(shown.status).toBe("cancelled");
    act(() => first?.approve());
    server.assertDone();
  });
});

describe("a run that waits when the page is reloaded", () => {
  /** Reloads the page while its run waits, and shows what comes then. */
  async function reload(before: ReactNode, after: ReactNode, { relay = false }: { readonly relay?: boolean } = {}) {
    const { noukai, server } = serve(ADVISOR);
    const lent = createRelayFlow({ url: "/agent/execute", fetch: relayTo(server, NAME) });
    const provided = relay ? { relay: { [NAME]: lent } } : { client: noukai };
    const first = open(before, provided);
    await start();
    expect(shown.status).toBe("paused");
    first.unmount();
    await pass(2_000);
    const page = open(after, provided);
    await pass(); // loads what answers
    await pass();
    return { server, page };
  }

  const WAITING = [<Advice key="1" />, <Weather key="2" say="sun" needsApproval />];

  test.each([
    ["a client", false],
    ["a relay", true],
  ])("is answered by the tools that are there, by %s", async (_, relay) => {
    const { server } = await reload(WAITING, [<Advice key="1" />, <Weather key="2" say="rain" />], { relay });
    expect(shown).toMatchObject({ status: "completed", text: "Lyon: rain, Oslo: rain", error: undefined });
    expect(asked(server).filter((operation) => operation === "step")).toHaveLength(2);
    server.assertDone();
  });

  test.each([
    ["a client", false],
    ["a relay", true],
  ])("asks a person again, and goes on with what they decide, by %s", async (_, relay) => {
    const { server } = await reload(WAITING, WAITING, { relay });
    expect(approvals).toMatchObject([
      { name: "get_weather", args: { place: "Lyon" } },
      { name: "get_weather", args: { place: "Oslo" } },
    ]);
    act(() => approvals[0]?.approve());
    act(() => approvals[0]?.refuse("Not Oslo."));
    await pass();
    expect(approvals).toEqual([]);
    expect(shown).toMatchObject({
      status: "completed",
      text: 'Lyon: sun, {"error":"A person refused this call: Not Oslo."}',
    });
    expect(asked(server).filter((operation) => operation === "step")).toHaveLength(2);
  });

  test("waits for a tool that comes to the page later", async () => {
    const { page, server } = await reload(WAITING, [<Advice key="1" />]);
    expect(shown).toMatchObject({ status: "paused", error: undefined });
    page.show([<Advice key="1" />, <Weather key="2" say="rain" />]);
    await pass();
    expect(shown).toMatchObject({ status: "completed", text: "Lyon: rain, Oslo: rain" });
    expect(asked(server).filter((operation) => operation === "step")).toHaveLength(2);
  });

  test("can be answered by hand, and says what is missing", async () => {
    await reload(WAITING, [<Advice key="1" />]);
    await act(() => expect(shown.resume({})).rejects.toMatchObject({ name: "ValueError" }));
    const toolResults = shown.pause?.toolCalls.map(({ id }) => ({ toolCallId: id, output: id })) ?? [];
    await act(async () => {
      const resumed = shown.resume({ toolResults });
      await elapse(50);
      await resumed;
    });
    await pass();
    expect(shown).toMatchObject({ status: "completed", text: "call_1, call_2" });
  });

  test("can be cancelled, and asks nobody any more", async () => {
    await reload(WAITING, WAITING);
    expect(approvals).toHaveLength(2);
    await act(() => shown.cancel());
    await pass();
    expect(shown.status).toBe("cancelled");
    expect(approvals).toEqual([]);
  });

  test("goes on waiting when it is left again", async () => {
    const { page, server } = await reload(WAITING, WAITING);
    page.unmount();
    await pass(2_000);
    expect(asked(server).filter((operation) => operation === "step")).toHaveLength(1);
    expect(asked(server).filter((operation) => operation === "cancel")).toEqual([]);
  });

  test("runs no tool for what another tab has answered, and goes on watching", async () => {
    const { server } = await reload(WAITING, WAITING);
    const tab = clientOf(server)
      .flow(NAME)
      .run(shown.executionId ?? "");
    const paused = await tab.pause();
    const toolResults = paused?.toolCalls.map(({ id }) => ({ toolCallId: id, output: "elsewhere" })) ?? [];
    await act(async () => {
      await paused?.resume({ toolResults });
    });
    await pass();
    expect(approvals).toEqual([]);
    expect(shown).toMatchObject({ status: "completed", text: "elsewhere, elsewhere", error: undefined });
    expect(asked(server).filter((operation) => operation === "step")).toHaveLength(2);
  });

  test("tells why it is not answered, and takes an answer by hand then", async () => {
    const { page, server } = await reload(WAITING, [<Advice key="1" />]);
    server.inject(fault.status(403, { code: "ACCESS_DENIED" }));
    page.show([<Advice key="1" />, <Weather key="2" say="rain" />]);
    await pass();
    expect(shown).toMatchObject({ status: "paused", error: { code: "ACCESS_DENIED" } });
    await act(async () => {
      const resumed = shown.resume({});
      await elapse(50);
      await resumed;
    });
    await pass();
    expect(shown).toMatchObject({ status: "completed", text: "Lyon: rain, Oslo: rain", error: undefined });
  });

  test("is answered after all when the page takes it up again behind a fault", async () => {
    const { page, server } = await reload(WAITING, [<Advice key="1" />]);
    server.inject(fault.status(403, { code: "ACCESS_DENIED" }));
    page.show([<Advice key="1" />, <Weather key="2" say="rain" />]);
    await pass(1_000);
    expect(shown).toMatchObject({ status: "paused", error: { code: "ACCESS_DENIED" } });
    act(() => shown.detach());
    act(() => shown.attach());
    await pass();
    expect(shown).toMatchObject({ status: "completed", text: "Lyon: rain, Oslo: rain", error: undefined });
    expect(asked(server).filter((operation) => operation === "step")).toHaveLength(2);
  });

  test("tells the model of arguments that do not fit", async () => {
    const input = z.object({ place: z.enum(["Lyon"]) }) as unknown as typeof PLACE;
    await reload(WAITING, [<Advice key="1" />, <Weather key="2" say="rain" input={input} />]);
    expect(shown.text).toMatch(/^Lyon: rain, \{"error":"The arguments do not fit: place: /);
  });
});

test("each round of tool calls is answered once, whenever the page is reloaded", async () => {
  const ask = (text: string, place: string) => ({
    text,
    toolCalls: [{ name: "get_weather", arguments: { place } }],
  });
  const advise = step("advise", {
    ...ask("Let me look. ", "Lyon"),
    onResults: () => ({
      ...ask("And there. ", "Oslo"),
      after: 5_000,
      onResults: (results) => ({ after: 5_000, text: results.map(({ content }) => content).join() }),
    }),
  });
  const { noukai, server } = serve(flow([advise]));
  const calls: string[] = [];
  function Tool() {
    useTool({ name: "get_weather", input: PLACE, flow: NAME }, ({ place }) => {
      calls.push(place);
      return `${place}: rain`;
    });
    return null;
  }
  const page = [<Advice key="1" />, <Tool key="2" />];
  let shownNow = open([<Advice key="1" />], { client: noukai });
  await start();
  for (let reloads = 0; reloads < 6; reloads += 1) {
    shownNow.unmount();
    await pass(1_500);
    shownNow = open(page, { client: noukai });
    await pass(500);
  }
  await pass(10_000);
  expect(shown).toMatchObject({ status: "completed", text: "Let me look. And there. Oslo: rain", error: undefined });
  expect(calls).toEqual(["Lyon", "Oslo"]);
  expect(asked(server).filter((operation) => operation === "step")).toHaveLength(3);
});

test("the call whose pause another tab has answered watches the run from then on", async () => {
  const { noukai, server } = serve(ADVISOR);
  open([<Advice key="1" />, <Weather key="2" say="rain" needsApproval />], { client: noukai });
  await start();
  const paused = await clientOf(server)
    .flow(NAME)
    .run(shown.executionId ?? "")
    .pause();
  const toolResults = paused?.toolCalls.map(({ id }) => ({ toolCallId: id, output: "elsewhere" })) ?? [];
  await act(async () => void (await paused?.resume({ toolResults })));
  for (const { approve } of approvals) act(() => approve());
  await pass();
  expect(shown).toMatchObject({ status: "completed", text: "elsewhere, elsewhere", error: undefined });
});

test("a tool that was begun for a run that is left and taken up again does not run twice", async () => {
  const { noukai } = serve(ADVISOR);
  const calls: string[] = [];
  function Slow() {
    useTool({ name: "get_weather", input: PLACE, flow: NAME }, async ({ place }) => {
      calls.push(place);
      await new Promise((resolve) => setTimeout(resolve, 500));
      return place;
    });
    return null;
  }
  open([<Advice key="1" />, <Slow key="2" />], { client: noukai });
  await start();
  act(() => shown.detach());
  await pass();
  act(() => shown.attach());
  await pass(1_000);
  expect(shown).toMatchObject({ status: "completed", text: "Lyon, Oslo" });
  expect(calls).toEqual(["Lyon", "Oslo"]);
});
