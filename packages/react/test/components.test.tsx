import { act, fireEvent, render, screen } from "@testing-library/react";
import type { Trace } from "@noukai/sdk";
import { flow, step } from "@noukai/sdk/testing";
import { describe, expect, test } from "vitest";
import { FlowProgress, TraceWaterfall } from "../src/components/index.ts";
import { NO_RUN, useFlowEvents, useTrace } from "../src/index.ts";
import { NAME, serve } from "./fixtures.ts";
import { open, pass } from "./page.tsx";

const GRADER = flow([
  step("check", { text: "Two mistakes", every: 500, costUsd: "0.0004" }),
  step("each", {
    kind: "loop",
    output: { items: [] },
    after: 500,
    inner: [
      { id: "explain", loopIndex: 0, text: "One" },
      { id: "explain", loopIndex: 1, text: "Two" },
    ],
  }),
  step("keep", { after: 500 }),
]);

describe("a run's progress", () => {
  test("is a bar with a value, and a line that is told politely", async () => {
    const { noukai } = serve(GRADER);
    function Shown() {
      return <FlowProgress run={useFlowEvents(NAME, { start: {} })} label="Grading" />;
    }
    open(<Shown />, { client: noukai });
    await act(async () => {});
    const bar = screen.getByRole("progressbar", { name: "Grading" });
    const line = document.querySelector("[aria-live=polite]");
    expect(bar.hasAttribute("value")).toBe(false); // nobody knows how much there is
    await pass(300);
    expect(bar).toMatchObject({ value: 0, max: 3 });
    expect(bar.getAttribute("aria-valuetext")).toBe("Step 1 of 3: check");
    await pass(900);
    expect(bar).toMatchObject({ value: 2, max: 3 });
    expect(line?.textContent).toBe("Step 3 of 3: keep");
    await pass(1_000);
    expect(bar).toMatchObject({ value: 3, max: 3 });
    expect(line?.textContent).toBe("Done, 3 of 3 steps");
  });

  test("holds still for readers who want that", () => {
    const matches = { matches: true, addEventListener: () => {}, removeEventListener: () => {} };
    Object.assign(globalThis, { matchMedia: () => matches });
    const run = { ...NO_RUN, status: "starting" as const };
    render(<FlowProgress run={run} />);
    expect(screen.getByRole("progressbar").hasAttribute("value")).toBe(true);
    Reflect.deleteProperty(globalThis, "matchMedia");
  });

  test("is told in the words that are given", () => {
    const describeIt = ({ done }: { readonly done: number }): string => `${done} erledigt`;
    render(<FlowProgress run={NO_RUN} describe={describeIt} />);
    expect(screen.getByRole("progressbar").getAttribute("aria-valuetext")).toBe("0 erledigt");
  });
});

describe("a trace", () => {
  async function traced(): Promise<Trace> {
    const { noukai } = serve(GRADER);
    let trace: Trace | undefined;
    function Shown({ id }: { readonly id: string }) {
      trace = useTrace(id).data;
      return null;
    }
    const stream = noukai.flow(NAME).events();
    await stream.opened();
    stream.detach();
    await pass(3_000);
    const page = open(<Shown id={stream.executionId ?? ""} />, { client: noukai });
    await pass(20);
    page.unmount();
    if (!trace) throw new Error("There is no trace.");
    return trace;
  }

  function lines(): readonly string[] {
    return screen
      .getAllByRole("row")
      .slice(1)
      .map((row) => row.textContent);
  }

  function press(key: string): void {
    act(() => void fireEvent.keyDown(document.activeElement ?? document.body, { key }));
  }

  function focused(): string | null | undefined {
    return document.activeElement?.querySelector("th")?.textContent;
  }

  test("is a table of its steps with times, tokens and costs", async () => {
    render(<TraceWaterfall trace={await traced()} label="Grading" />);
    const table = screen.getByRole("treegrid", { name: "Grading" });
    expect(table.querySelector("caption")?.textContent).toMatch(/^completed · .* · \$0\.0004$/);
    expect(screen.getAllByRole("columnheader").map(({ textContent }) => textContent)).toEqual([
      "Step",
      "Status",
      "Timeline",
      "Duration",
      "Tokens",
      "Cost",
    ]);
    expect(lines()[0]).toMatch(/^checkcompleted500 ms\d+\$0\.0004$/);
    expect(lines().map((line) => /^−?\w+( \d)?(?=completed)/.exec(line)?.[0])).toEqual([
      "check",
      "−each",
      "explain 1",
      "explain 2",
      "keep",
    ]);
    const inner = screen.getAllByRole("row")[3];
    expect(["aria-level", "aria-posinset", "aria-setsize"].map((name) => inner?.getAttribute(name))).toEqual([
      "2",
      "1",
      "2",
    ]);
    expect(screen.getAllByRole("img").map((bar) => bar.getAttribute("aria-label"))[1]).toBe("from 500 ms");
  });

  test("is gone through by keyboard, as one stop of the Tab key", async () => {
    render(<TraceWaterfall trace={await traced()} />);
    const stops = screen.getAllByRole("row").filter((row) => row.tabIndex === 0);
    expect(stops).toHaveLength(1);
    act(() => stops[0]?.focus());
    press("ArrowDown");
    expect(focused()).toBe("−each");
    press("ArrowLeft");
    expect(lines()).toHaveLength(3);
    expect(document.activeElement?.getAttribute("aria-expanded")).toBe("false");
    press("ArrowRight");
    press("ArrowRight");
    expect(focused()).toBe("explain 1");
    press("ArrowLeft");
    expect(focused()).toBe("−each");
    press("End");
    expect(focused()).toBe("keep");
    press("ArrowDown");
    expect(focused()).toBe("keep");
    press("Home");
    expect(focused()).toBe("check");
    press("ArrowUp");
    press("x");
    expect(focused()).toBe("check");
  });

  test("opens and closes by a click, too", async () => {
    render(<TraceWaterfall trace={await traced()} />);
    act(() => void fireEvent.click(screen.getByText("each")));
    expect(lines()).toHaveLength(3);
    act(() => void fireEvent.click(screen.getByText("each")));
    expect(lines()).toHaveLength(5);
  });

  test("says of a step again that it was tried again, and of one that was skipped that it has no time", async () => {
    const { flowRun, steps } = await traced();
    const changes = [{ attempt: 2 }, { status: "skipped", startedAt: null, durationMs: null }] as const;
    const trace = { flowRun, steps: steps.slice(0, 2).map((each, index) => ({ ...each, ...changes[index] })) };
    render(<TraceWaterfall trace={trace} />);
    expect(lines()[0]).toContain("completed, attempt 2");
    expect(lines()[1]).toContain("skipped–––");
  });
});
