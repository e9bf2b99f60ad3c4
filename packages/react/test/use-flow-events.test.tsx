import { act } from "@testing-library/react";
import { fault, flow, step } from "@noukai/sdk/testing";
import type { RelayFlow } from "@noukai/sdk";
import { describe, expect, test, vi } from "vitest";
import { type FlowEvents, useFlowEvents, useFlowSteps } from "../src/index.ts";
import { asked, NAME, serve } from "./fixtures.ts";
import { draw, open, pass } from "./page.tsx";

const POEM = ["Roses ", "are ", "red, ", "violets ", "are ", "blue"];
const POET = flow([step("write", { text: POEM, every: 100 })]);
const START = { message: "Flowers" };

/** What the last rendering of `<Poem>` was given. */
let shown: FlowEvents<RelayFlow>;

function Poem({ of, begins = true }: { readonly of?: RelayFlow; readonly begins?: boolean }) {
  shown = useFlowEvents(of ?? NAME, begins ? { key: "poem", start: START } : { key: "poem" });
  return <p>{shown.text}</p>;
}

function textOf({ container }: { readonly container: HTMLElement }): string | null {
  return container.textContent;
}

describe("a run on a page", () => {
  test("shows its text while it is written, and what it came to", async () => {
    const { noukai, server } = serve(POET);
    const page = open(<Poem />, { client: noukai });
    await act(async () => {});
    expect(shown).toMatchObject({ status: "starting", connection: { status: "connecting" } });
    await pass(350);
    expect(textOf(page)).toBe("Roses are red, ");
    expect(shown).toMatchObject({ status: "running", connection: { status: "live" }, steps: [{ status: "running" }] });
    await pass(400);
    expect(textOf(page)).toBe(POEM.join(""));
    expect(shown).toMatchObject({
      status: "completed",
      data: { text: POEM.join("") },
      connection: { status: "closed", reason: "ended" },
      steps: [{ id: "write", status: "completed", costUsd: "0" }],
    });
    expect(shown.events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
    server.assertDone();
  });

  test("is one request for twenty components, under StrictMode", async () => {
    const { noukai, server } = serve(POET);
    const page = open(
      Array.from({ length: 20 }, (_, index) => <Poem key={index} />),
      { client: noukai },
    );
    await pass(1_000);
    expect(textOf(page)).toBe(POEM.join("").repeat(20));
    expect(asked(server)).toEqual(["step"]);
  });

  test("is drawn once a frame, however many pieces of text come", async () => {
    const pieces = Array.from({ length: 3_000 }, (_, index) => `${index} `);
    const { noukai } = serve(flow([step("write", { text: pieces, every: 1 })]));
    let renders = 0;
    let stepRenders = 0;
    function Counted() {
      renders += 1;
      return <p>{useFlowEvents(NAME, { key: "poem", start: START }).text}</p>;
    }
    function Steps() {
      stepRenders += 1;
      return <b>{useFlowSteps(NAME, { key: "poem" }).length}</b>;
    }
    const page = open([<Counted key="text" />, <Steps key="steps" />], { client: noukai });
    await pass(200);
    const [atFirst, stepsAtFirst] = [renders, stepRenders];
    await draw(100);
    expect((renders - atFirst) / 2).toBeLessThanOrEqual(101); // StrictMode renders twice
    expect((renders - atFirst) / 2).toBeGreaterThan(90);
    expect(stepRenders).toBe(stepsAtFirst);
    await pass(3_000);
    expect(textOf(page)).toBe(`${pieces.join("")}1`);
  });

  test("begins at a click, and once for two", async () => {
    const { noukai, server } = serve([POET, POET]);
    open(<Poem begins={false} />, { client: noukai });
    await pass();
    expect(shown).toMatchObject({ status: "idle", connection: { status: "none" } });
    act(() => {
      shown.start(START);
      shown.start(START);
    });
    expect(shown.status).toBe("starting");
    await pass(150);
    act(() => shown.start(START));
    await pass(1_000);
    expect(asked(server)).toEqual(["step"]);
    act(() => shown.start({ message: "Trees" }));
    expect(shown).toMatchObject({ status: "starting", text: "", events: [] });
    await pass(1_000);
    expect(server.requests.map(({ body }) => body)).toMatchObject([START, { message: "Trees" }]);
  });

  test("tells why a call was refused", async () => {
    const { noukai } = serve(POET, { faults: [fault.status(401, { code: "UNAUTHENTICATED" })] });
    open(<Poem />, { client: noukai });
    await pass();
    expect(shown).toMatchObject({ status: "failed", error: { code: "UNAUTHENTICATED" } });
  });

  test("tells that the options of a call cannot be", async () => {
    const { noukai } = serve(POET);
    open(<Poem begins={false} />, { client: noukai });
    act(() => shown.start({ version: 1.5 }));
    await pass();
    expect(shown).toMatchObject({ status: "failed", error: { message: expect.stringContaining("1.5") } });
  });

  test("tells why it failed", async () => {
    const { noukai } = serve(flow([step("write", { error: { code: "MODEL_PROVIDER_ERROR", message: "No model." } })]));
    open(<Poem />, { client: noukai });
    await pass();
    expect(shown).toMatchObject({ status: "failed", error: { code: "MODEL_PROVIDER_ERROR", message: "No model." } });
  });

  test("of another key is another run", async () => {
    const { noukai, server } = serve([POET, POET]);
    function Two() {
      const first = useFlowEvents(NAME, { key: "1", start: START });
      const second = useFlowEvents(NAME, { key: "2", start: START });
      return <p>{`${first.text}|${second.text}`}</p>;
    }
    const page = open(<Two />, { client: noukai });
    await pass(1_000);
    expect(textOf(page)).toBe(`${POEM.join("")}|${POEM.join("")}`);
    expect(asked(server)).toEqual(["step", "step"]);
  });
});

describe("leaving and coming back", () => {
  test("leaves the run alone, and goes on from where it was", async () => {
    const { noukai, server } = serve(POET);
    const page = open(<Poem />, { client: noukai, graceMs: 100 });
    await pass(250);
    page.show(null);
    await pass(1_500);
    expect(asked(server)).toEqual(["step"]);
    page.show(<Poem />);
    await pass();
    expect(textOf(page)).toBe(POEM.join(""));
    expect(asked(server)).toEqual(["step", "streamTrace"]);
    expect(server.requests[1]?.headers.get("last-event-id")).toBe("3");
    server.assertDone();
  });

  test("within a moment asks for nothing anew", async () => {
    const { noukai, server } = serve(POET);
    const page = open(<Poem />, { client: noukai });
    await pass(250);
    page.show(null);
    await pass(500);
    page.show(<Poem />);
    await pass(1_000);
    expect(textOf(page)).toBe(POEM.join(""));
    expect(asked(server)).toEqual(["step"]);
  });

  test("before the run has a name leaves as soon as it has one", async () => {
    const { noukai, server } = serve(POET, { faults: [fault.refused(), fault.refused()] });
    const page = open(<Poem />, { client: noukai, graceMs: 0 });
    await pass(0);
    page.show(null);
    await pass(60_000);
    page.show(<Poem />);
    await pass();
    expect(textOf(page)).toBe(POEM.join(""));
    expect(asked(server)).toEqual(["step", "step", "step", "streamTrace"]);
  });

  test("stops watching at once by `detach`, and goes on by `attach`", async () => {
    const { noukai, server } = serve(POET);
    const page = open(<Poem />, { client: noukai });
    await pass(250);
    act(() => shown.detach());
    await pass(1_000);
    expect(textOf(page)).toBe("Roses are ");
    expect(shown).toMatchObject({ status: "running", connection: { status: "closed", reason: "left" } });
    act(() => shown.attach());
    await pass();
    expect(textOf(page)).toBe(POEM.join(""));
    expect(asked(server)).toEqual(["step", "streamTrace"]);
  });

  test("by reloading in the middle loses no text and doubles none", async () => {
    const poet = flow([
      step("title", { text: ["A ", "poem: "], every: 100 }),
      step("write", { text: POEM, every: 100 }),
    ]);
    const { noukai, server } = serve(poet);
    const before = open(<Poem begins={false} />, { client: noukai });
    act(() => shown.start(START));
    await pass(450);
    const partial = "A poem: Roses are ";
    expect(textOf(before)).toBe(partial);
    before.unmount();

    const after = open(<Poem begins={false} />, { client: noukai });
    expect(textOf(after)).toBe(""); // as a server's markup has it
    await pass(20);
    expect(textOf(after)).toBe(partial);
    await pass(1_000);
    expect(textOf(after)).toBe(`A poem: ${POEM.join("")}`);
    expect(asked(server)).toEqual(["step", "streamTrace"]);
    expect(sessionStorage).toHaveLength(0);
  });

  test("by reloading again and again, at any moment, shows the text that is there and goes on", async () => {
    const poet = flow([
      step("title", {
        text: ["A ", "poem: "],
        every: 70,
        retries: [{ code: "X", message: "x", text: ["An ", "ode"] }],
      }),
      step("write", { text: POEM, every: 70 }),
    ]);
    const whole = `A poem: ${POEM.join("")}`;
    const { noukai, server } = serve(poet);
    let page = open(<Poem begins={false} />, { client: noukai });
    act(() => shown.start(START));
    let before = "";
    let reloads = 0;
    const isOver = (): boolean => shown.status === "completed" || reloads > 100;
    for (;;) {
      await pass(37);
      const text = textOf(page) ?? "";
      if (shown.steps[0]?.attempt === 2) {
        expect(whole.startsWith(text) && text.length >= before.length, `${before} | ${text}`).toBe(true);
        before = text;
      }
      if (isOver()) break;
      reloads += 1;
      page.unmount();
      page = open(<Poem begins={false} />, { client: noukai });
    }
    expect(reloads).toBeGreaterThan(10);
    expect(shown).toMatchObject({ status: "completed", text: whole });
    expect(shown.events.map(({ seq }) => seq)).toEqual(shown.events.map((_, index) => index + 1));
    expect(asked(server).filter((operation) => operation === "step")).toHaveLength(1);
  });

  test("by reloading begins nothing anew that is under way", async () => {
    const { noukai, server } = serve(POET);
    const page = open(<Poem />, { client: noukai });
    await pass(0);
    page.unmount();
    await pass(250);
    open(<Poem />, { client: noukai });
    await pass(1_000);
    expect(asked(server)).toEqual(["step", "streamTrace"]);
    expect(shown.data).toEqual({ text: POEM.join("") });
  });

  test("by reloading forgets a run that the server does not know any more", async () => {
    const { noukai, server } = serve(POET);
    sessionStorage.setItem("noukai:acme/demo/poet poem", "00000009-0000-7000-8000-000000000009");
    open(<Poem begins={false} />, { client: noukai });
    await pass();
    expect(shown).toMatchObject({ status: "idle", error: undefined });
    expect(asked(server)).toEqual(["streamTrace"]);
    expect(sessionStorage).toHaveLength(0);
  });

  test("by reloading shows nothing where that is not wanted", async () => {
    const { noukai, server } = serve([POET, POET]);
    function Fresh() {
      return <p>{useFlowEvents(NAME, { start: START, resume: false }).status}</p>;
    }
    const page = open(<Fresh />, { client: noukai });
    await pass(0);
    page.unmount();
    await pass(250);
    open(<Fresh />, { client: noukai });
    await pass(1_000);
    expect(asked(server)).toEqual(["step", "step"]);
  });
});

describe("stopping", () => {
  test("cancels the run, and shows its end", async () => {
    const { noukai, server } = serve(POET);
    open(<Poem />, { client: noukai });
    await pass(250);
    await act(() => shown.cancel());
    await pass();
    expect(shown).toMatchObject({ status: "cancelled", text: "Roses are ", error: { code: "CANCELLED" } });
    expect(asked(server)).toEqual(["step", "cancel"]);
    server.assertDone();
  });

  test("cancels a run that is not watched, too", async () => {
    const { noukai, server } = serve(POET);
    open(<Poem />, { client: noukai });
    await pass(250);
    act(() => shown.detach());
    await act(() => shown.cancel());
    await pass();
    expect(shown.status).toBe("cancelled");
    expect(asked(server)).toEqual(["step", "cancel", "streamTrace"]);
  });
});

describe("a bad network", () => {
  test("costs no text", async () => {
    const faults = [
      fault.reset({ insideEvent: 2 }),
      fault.reset({ afterEvent: 3 }),
      fault.cleanEnd({ afterBytes: 60 }),
    ];
    const { noukai, server } = serve(POET, { faults });
    const page = open(<Poem />, { client: noukai });
    await pass(30_000);
    expect(textOf(page)).toBe(POEM.join(""));
    expect(shown.events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
    server.assertDone();
  });

  test("that is gone for long is taken up again when it is back", async () => {
    const gone = Array.from({ length: 17 }, () => fault.refused());
    const { noukai, server } = serve(POET, { faults: [fault.reset({ afterEvent: 3 }), ...gone] });
    const page = open(<Poem />, { client: noukai });
    await pass(1_000);
    expect(shown.connection).toMatchObject({ status: "reconnecting" });
    await pass(300_000);
    expect(shown).toMatchObject({
      status: "running",
      connection: { status: "closed", reason: "failed" },
      error: { code: "STREAM_TRUNCATED" },
    });
    globalThis.dispatchEvent(new Event("online"));
    await pass();
    expect(textOf(page)).toBe(POEM.join(""));
    expect(shown).toMatchObject({ status: "completed", error: undefined });
    server.assertDone();
  });

  test("is taken up at once when somebody looks at the page again", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0.9); // what waits are made of: long ones here
    const { noukai, server } = serve(POET, {
      faults: [fault.reset({ afterEvent: 3 }), fault.refused(), fault.refused()],
    });
    const page = open(<Poem />, { client: noukai });
    await pass(1_000);
    expect(shown.connection).toMatchObject({ status: "reconnecting" });
    const before = server.requests.length;
    document.dispatchEvent(new Event("visibilitychange"));
    await pass(20);
    expect(server.requests.length).toBe(before + 1);
    await pass(60_000);
    expect(textOf(page)).toBe(POEM.join(""));
  });
});

describe("a run that somebody else began", () => {
  test("is watched from its first event, by all who name it", async () => {
    const { noukai, server, flow: poet } = serve(POET);
    const stream = poet.events(START);
    await stream.opened();
    const run = noukai.run(stream.executionId ?? "");
    stream.detach();
    function Watched() {
      return <p>{useFlowEvents(run).text}</p>;
    }
    const page = open([<Watched key="1" />, <Watched key="2" />], { client: noukai });
    await pass(1_000);
    expect(textOf(page)).toBe(POEM.join("").repeat(2));
    expect(asked(server)).toEqual(["step", "streamTrace"]);
  });
});

describe("tool calls that nothing on the page answers", () => {
  test("are shown, and answered by the component", async () => {
    const asking = step("advise", {
      toolCalls: [{ name: "get_weather", arguments: { place: "Lyon" } }],
      onResults: ([weather]) => ({ text: ["Take an umbrella: ", weather?.content ?? ""] }),
    });
    const { noukai, server } = serve(flow([asking]));
    open(<Poem begins={false} />, { client: noukai });
    act(() => shown.start({ ...START, tools: [{ type: "function", function: { name: "get_weather" } }] }));
    await pass();
    expect(shown).toMatchObject({ status: "paused", pause: { toolCalls: [{ function: { name: "get_weather" } }] } });
    const id = shown.pause?.toolCalls[0]?.id ?? "";
    await act(() => shown.resume({ toolResults: [{ toolCallId: id, output: "rain" }] }));
    await pass();
    expect(shown).toMatchObject({ status: "completed", text: "Take an umbrella: rain", pause: undefined });
    expect(asked(server)).toEqual(["step", "step"]);
  });
});
