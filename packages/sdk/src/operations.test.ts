import { expect, test } from "vitest";
import { clientOf, encodeFrame, EXECUTION_ID, RECORDED, streamOf } from "../test/recorded-run.ts";
import { watchedFetch } from "../test/watched-fetch.ts";
import type { Middleware, Operation } from "./middleware.ts";

const STATUS = { executionId: EXECUTION_ID, flowId: "f", blockCount: 1, status: "completed", result: {} };

/** Notes what passes, and hands it on. */
function notingLayer(): { readonly layer: Middleware; readonly seen: Operation[] } {
  const seen: Operation[] = [];
  return {
    seen,
    layer: {
      call: (operation, next) => {
        seen.push(operation);
        return next(operation);
      },
      stream: (operation, next) => {
        seen.push(operation);
        return next(operation);
      },
    },
  };
}

test("each operation passes the layers once, under its name, with its flow, its run and its options", async () => {
  const { layer, seen } = notingLayer();
  const { fetch } = watchedFetch(({ line }) =>
    line.endsWith("/stream")
      ? streamOf(RECORDED.map(encodeFrame))
      : Response.json(line.startsWith("GET /flow-runs?") ? { items: [], nextCursor: null } : STATUS),
  );
  const noukai = clientOf(fetch, { middleware: [layer] });
  const flow = noukai.flow("grade-3");
  const job = await flow.executeAsync({ message: "a" });
  await job.poll({ timeout: 5 });
  await job.wait({ pollInterval: 1 });
  await job.cancel();
  const run = flow.run(EXECUTION_ID);
  await run.summary();
  await run.trace();
  await run.stepTrace("a", { attempt: 2 });
  await run.cancel();
  await Array.fromAsync(run.liveTrace({ after: 1 }));
  await noukai.runs.list({ limit: 5 });
  await noukai.runs.get(EXECUTION_ID);
  const named = { flow: "acme/spelling/grade-3", executionId: EXECUTION_ID };
  expect(seen).toMatchObject([
    { name: "executeAsync", flow: named.flow, options: { message: "a" } },
    { ...named, name: "poll", options: { timeout: 5 } },
    { ...named, name: "wait", options: { pollInterval: 1 } },
    { ...named, name: "cancel" },
    { ...named, name: "summary" },
    { ...named, name: "trace" },
    { ...named, name: "stepTrace", options: { attempt: 2 } },
    { ...named, name: "cancel" },
    { ...named, name: "liveTrace", options: { after: 1 } },
    { name: "listRuns", flow: undefined, options: { limit: 5 } },
    { name: "summary", flow: undefined, executionId: EXECUTION_ID },
  ]);
});

test("a layer changes the options of what it hands on", async () => {
  const layer: Middleware = {
    call: (operation, next) => next({ ...operation, options: { ...operation.options, attempt: 3, limit: 7 } }),
  };
  const { fetch, lines } = watchedFetch(() => Response.json({ items: [], nextCursor: null }));
  const noukai = clientOf(fetch, { middleware: [layer] });
  await noukai.run("run-1").stepTrace("a");
  await noukai.runs.list({ limit: 5 });
  expect(lines()).toEqual(["GET /flow-runs/run-1/steps/a/trace?attempt=3", "GET /flow-runs?limit=7"]);
});
