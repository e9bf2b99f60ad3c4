import { act, render } from "@testing-library/react";
import { flow, step } from "@noukai/sdk/testing";
import * as React from "react";
import { Component, type ReactNode, StrictMode, Suspense } from "react";
import { hydrateRoot } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { describe, expect, test, vi } from "vitest";
import { NoukaiProvider, prefetchRun, useFlowEvents, useRunResult } from "../src/index.ts";
import { asked, NAME, serve, textOf } from "./fixtures.ts";
import { open, pass } from "./page.tsx";
import { complained } from "./setup.ts";

const POEM = ["Roses ", "are ", "red"];
const POET = flow([step("title", { text: "Poem: " }), step("write", { text: POEM, every: 100 })]);

class Boundary extends Component<{ readonly children: ReactNode }> {
  override readonly state: { readonly error?: Error } = {};
  static getDerivedStateFromError(error: Error) {
    return { error };
  }
  override render() {
    return this.state.error?.message ?? this.props.children;
  }
}

test("a page goes on with the run that its server began", async () => {
  const { noukai, server, flow: poet } = serve(POET);
  const adopt = await prefetchRun(poet, { start: { message: "x" } });
  function Poem() {
    const { text, status } = useFlowEvents(NAME, { adopt });
    return <p>{`${status}: ${text}`}</p>;
  }
  const page = (
    <StrictMode>
      <NoukaiProvider client={noukai}>
        <Poem />
      </NoukaiProvider>
    </StrictMode>
  );
  const container = document.createElement("div");
  container.innerHTML = renderToString(page);
  expect(container.textContent).toBe("running: ");
  const root = await act(async () => hydrateRoot(container, page));
  await pass(1_000);
  expect(container.textContent).toBe("completed: Poem: Roses are red");
  expect(asked(server)).toEqual(["step", "streamTrace"]);
  act(() => root.unmount());
});

test.runIf("use" in React)("a page waits by `use` for the run that its server begins", async () => {
  const { noukai, server, flow: poet } = serve(POET);
  const reading = prefetchRun(poet, { start: { message: "x" } });
  function Poem() {
    return <p>{useFlowEvents(NAME, { adopt: React.use(reading) }).text}</p>;
  }
  const page = await act(async () =>
    open(
      <Suspense fallback="…">
        <Poem />
      </Suspense>,
      { client: noukai },
    ),
  );
  await pass(1_000);
  expect(page.container.textContent).toBe("Poem: Roses are red");
  expect(asked(server)).toEqual(["step", "streamTrace"]);
});

describe("a component that waits for a run within Suspense", () => {
  async function begun(script = POET) {
    const served = serve(script);
    const stream = served.flow.events();
    await stream.opened();
    stream.detach();
    return { ...served, run: served.noukai.run(stream.executionId ?? "") };
  }

  test("is shown with its result, after one request", async () => {
    const { noukai, server, run } = await begun();
    function Result() {
      return <b>{textOf(useRunResult(run))}</b>;
    }
    const page = open(
      <Suspense fallback="…">
        <Result />
        <Result />
      </Suspense>,
      { client: noukai },
    );
    expect(page.container.textContent).toBe("…");
    await pass(1_000);
    await pass(20);
    expect(page.container.textContent).toBe("Roses are redRoses are red");
    expect(asked(server)).toEqual(["step", "streamTrace"]);
  });

  test("gives its fault to the error boundary", async () => {
    // React 18 tells the page of it as well.
    const controller = new AbortController();
    globalThis.addEventListener("error", (event) => event.preventDefault(), controller);
    const failing = flow([step("write", { after: 100, error: { code: "STEP_FAILED", message: "No ink." } })]);
    const { noukai, run } = await begun(failing);
    function Result() {
      return <b>{String(useRunResult(run))}</b>;
    }
    const page = open(
      <Boundary>
        <Suspense fallback="…">
          <Result />
        </Suspense>
      </Boundary>,
      { client: noukai },
    );
    await pass(1_000);
    await pass(20);
    expect(page.container.textContent).toContain("No ink.");
    controller.abort();
    complained(); // React tells of what boundaries catch
  });

  test("and is given up leaves no connection and no timer behind", async () => {
    const slow = flow([step("write", { text: POEM, every: 600_000 })]);
    const { noukai, server, run } = await begun(slow);
    function Result() {
      return <b>{String(useRunResult(run))}</b>;
    }
    const page = open(
      <Suspense fallback="…">
        <Result />
      </Suspense>,
      { client: noukai },
    );
    await pass(100);
    page.show(null);
    expect(asked(server)).toEqual(["step", "streamTrace"]);
    const served = vi.getTimerCount();
    await pass(40_000);
    expect(vi.getTimerCount()).toBeLessThan(served);
    expect(asked(server)).toEqual(["step", "streamTrace"]);
  });

  test("waits longer than a lease without a second wait", async () => {
    const slow = flow([step("write", { text: POEM, every: 40_000 })]);
    const { noukai, run } = await begun(slow);
    function Result() {
      return <b>{textOf(useRunResult(run))}</b>;
    }
    const page = render(
      <NoukaiProvider client={noukai}>
        <Suspense fallback="…">
          <Result />
        </Suspense>
      </NoukaiProvider>,
    );
    for (let seconds = 0; seconds < 150; seconds += 10) await pass(10_000);
    expect(page.container.textContent).toBe("Roses are red");
  });
});
