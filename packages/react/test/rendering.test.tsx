// @vitest-environment node
import { flow, step } from "@noukai/sdk/testing";
import { Writable } from "node:stream";
import { type ReactNode, Suspense } from "react";
import { renderToPipeableStream, renderToString } from "react-dom/server";
import { describe, expect, test, vi } from "vitest";
import {
  NoukaiProvider,
  prefetchRun,
  useFlow,
  useFlowEvents,
  useFlowSteps,
  useRunResult,
  useTrace,
} from "../src/index.ts";
import { asked, NAME, serve, textOf } from "./fixtures.ts";
import { elapse } from "./page.tsx";

const POET = flow([step("write", { text: ["Roses ", "are ", "red"], every: 100 })]);

/** The markup once nothing is waited for any more. */
function markupOf(page: ReactNode): Promise<string> {
  return new Promise((resolve, reject) => {
    let markup = "";
    const { pipe } = renderToPipeableStream(page, { onAllReady: () => pipe(sink), onError: reject });
    const sink = new Writable({
      write: (chunk, _encoding, done) => {
        markup += String(chunk);
        done();
      },
      final: () => resolve(markup),
    });
  });
}

describe("on a server", () => {
  test("nothing is asked for by rendering", () => {
    const { noukai, server } = serve(POET);
    function Poem() {
      const { text, status } = useFlowEvents(NAME, { start: { message: "x" } });
      const { isLoading } = useTrace("00000001-0000-7000-8000-000000000001");
      return <p>{[text, status, useFlow(NAME).status, useFlowSteps(NAME).length, isLoading].join()}</p>;
    }
    const page = (
      <NoukaiProvider client={noukai}>
        <Poem />
      </NoukaiProvider>
    );
    expect(renderToString(page)).toBe("<p>,idle,idle,0,true</p>");
    expect(asked(server)).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("a run that was read before is in the markup", async () => {
    const { noukai, flow: poet } = serve(POET);
    const reading = prefetchRun(poet, { start: { message: "x" }, until: "ended" });
    await elapse(1_000);
    const adopt = await reading;
    function Poem() {
      return <p>{useFlowEvents(NAME, { adopt }).text}</p>;
    }
    const page = (
      <NoukaiProvider client={noukai}>
        <Poem />
      </NoukaiProvider>
    );
    expect(renderToString(page)).toBe("<p>Roses are red</p>");
  });

  test("what is waited for within Suspense is in the markup, and one request", async () => {
    const { noukai, server } = serve(POET);
    const stream = noukai.flow(NAME).events();
    await stream.opened();
    const run = noukai.run(stream.executionId ?? "");
    stream.detach();
    function Result() {
      return <p>{textOf(useRunResult(run))}</p>;
    }
    const markup = markupOf(
      <NoukaiProvider client={noukai}>
        <Suspense>
          <Result />
          <Result />
        </Suspense>
      </NoukaiProvider>,
    );
    await elapse(1_000);
    expect(await markup).toContain("<p>Roses are red</p><p>Roses are red</p>");
    expect(asked(server)).toEqual(["step", "streamTrace"]);
  });
});

describe("a run that a server begins for a page", () => {
  test("is handed over as plain data as soon as it has a name", async () => {
    const { server, flow: poet } = serve(POET);
    const run = await prefetchRun(poet, { start: { message: "x" } });
    expect(run).toMatchObject({ executionId: expect.any(String), state: { status: "running" } });
    expect(JSON.parse(JSON.stringify(run))).toEqual(run);
    await elapse(1_000);
    expect(asked(server)).toEqual(["step"]);
    server.assertDone();
  });

  test("is not handed over when the call is refused", async () => {
    const { flow: poet } = serve(POET);
    await expect(prefetchRun(poet, { start: { version: -1 } })).rejects.toMatchObject({ name: "ValueError" });
  });
});
