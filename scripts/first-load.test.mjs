import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { bundle, firstLoad, tableOf } from "./first-load.mjs";

/** Text that does not compress, so that sizes tell what is in them. */
const noise = (seed) => Array.from({ length: 500 }, (_, index) => ((index + seed) * 2654435761) >>> 0).join("");

function folderOf(modules) {
  const folder = mkdtempSync(join(tmpdir(), "noukai-first-load-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, source] of Object.entries(modules)) writeFileSync(join(folder, name), source);
  return folder;
}

const MODULES = {
  "now.js": `import "./shared.js"; console.log("${noise(1)}");`,
  "shared.js": `console.log("${noise(2)}");`,
  "later.js": `import "./shared.js"; console.log("${noise(3)}");`,
};

test("counts what is imported at once, also from files that later parts share, and not those parts", async () => {
  const folder = folderOf(MODULES);
  const { firstBytes, totalBytes, files, modules } = await firstLoad(
    'import "./now.js"; addEventListener("click", () => import("./later.js"));',
    folder,
  );
  const part = gzipSync(noise(1)).length;
  expect(firstBytes / part).toBeGreaterThan(1.9);
  expect(firstBytes / part).toBeLessThan(2.5);
  expect((totalBytes - firstBytes) / part).toBeGreaterThan(0.9);
  expect(files).toBe(2);
  expect(new Set([...modules.keys()].map((path) => path.split("/").at(-1)))).toEqual(
    new Set(["<stdin>", "now.js", "shared.js"]),
  );
});

test("leaves out what nobody uses of a package without side effects", async () => {
  const folder = folderOf({
    "package.json": '{ "sideEffects": false }',
    "index.js": 'export { used } from "./used.js"; export { unused } from "./unused.js";',
    "used.js": "export const used = 1;",
    "unused.js": `export const unused = "${noise(4)}";`,
  });
  const { totalBytes } = await firstLoad('import { used } from "./index.js"; console.log(used);', folder);
  expect(totalBytes).toBeLessThan(200);
});

test("tells the largest modules first, and ten of them", () => {
  const modules = new Map(Array.from({ length: 12 }, (_, index) => [`m${index}.js`, index]));
  const lines = tableOf({ firstBytes: 1000, files: 2, totalBytes: 3000, modules }).split("\n");
  expect(lines).toHaveLength(12);
  expect(lines[0]).toBe("     1000  first load, gzipped, in 2 files");
  expect([lines[2], lines.at(-1)]).toEqual(["       11  m11.js, minified", "        2  m2.js, minified"]);
});

/** A program with the SDK as a page has it, and what takes the parts away from it that are loaded later. */
async function pageOf(code) {
  const { files, first } = await bundle(code, {
    folder: join(import.meta.dirname, "../packages/sdk"),
    conditions: ["@noukai/source"],
  });
  const names = (some) => some.map(({ path }) => basename(path));
  const later = names(files.filter(({ path }) => !first.has(path)));
  const folder = folderOf(
    Object.fromEntries(files.map(({ path, contents }) => [basename(path), Buffer.from(contents)])),
  );
  const goOffline = () => later.forEach((name) => rmSync(join(folder, name), { force: true }));
  return { ...(await import(/* @vite-ignore */ pathToFileURL(join(folder, "stdin.js")).href)), goOffline };
}

const frame = (id, event, data = {}) => `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
const FRAMES = [
  frame(1, "run_started", { executionId: "run-1" }),
  frame(2, "step_started", { stepId: "a" }),
  frame(3, "flow_completed", { result: "done" }),
];

const TOOL = { type: "function", function: { name: "weather" } };
const TOOL_CALLS_REQUIRED = frame(2, "step_paused_for_tool_calls", {
  executionId: "run-1",
  stepId: "a",
  stepIndex: 0,
  iterationsUsed: 1,
  toolCalls: [{ id: "call-1", type: "function", function: { name: "weather", arguments: "{}" } }],
  toolCallMessages: [],
  accumulatedOutputs: {},
});
const STEP_PAUSED = frame(2, "step_paused", { executionId: "run-1", nextStepIndex: 1 });

/** An answer whose connection breaks behind its last frame. */
function streamOf(frames) {
  const body = new ReadableStream({
    pull(controller) {
      if (frames.length === 0) controller.error(new Error("cut"));
      else controller.enqueue(new TextEncoder().encode(frames.splice(0, 1)[0]));
    },
  });
  return new Response(body, {
    headers: { "content-type": "text/event-stream", "x-noukai-execution-id": "run-1" },
  });
}

describe("a page whose network fails after the first load", () => {
  const clock = { now: () => 0, random: () => 0, sleep: async () => {} };
  const program = `
    import { createRelayFlow } from "@noukai/sdk";
    export { FlowNotFoundError } from "@noukai/sdk";
    export const flowOf = (fetch, clock) => createRelayFlow({ url: "https://app.test/agent/execute", fetch }, clock);`;

  test("reads a stream to its end, cut and taken up again", async () => {
    const { flowOf, goOffline } = await pageOf(program);
    goOffline();
    const lines = [];
    const fetch = ({ method, url }) => {
      lines.push(`${method} ${new URL(url).pathname}`);
      return streamOf(method === "POST" ? FRAMES.slice(0, 2) : FRAMES.slice(2));
    };
    const events = await Array.fromAsync(flowOf(fetch, clock).events({ message: "a", parameters: { level: 1 } }));
    expect(events.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(lines).toEqual(["POST /agent/step", "GET /agent/runs/run-1/trace/stream"]);
  });

  test("is told a refusal by its class", async () => {
    const { flowOf, FlowNotFoundError, goOffline } = await pageOf(program);
    goOffline();
    const refusal = () => Response.json({ detail: { code: "FLOW_NOT_FOUND", message: "Gone." } }, { status: 404 });
    await expect(flowOf(refusal, clock).events().next()).rejects.toThrow(FlowNotFoundError);
  });

  test("is told so when it asks for what was not loaded, and nothing is sent", async () => {
    const { flowOf, goOffline } = await pageOf(program);
    goOffline();
    const fetch = vi.fn();
    const unloaded = { name: "APIConnectionError", code: "PART_NOT_LOADED" };
    await expect(flowOf(fetch).execute()).rejects.toMatchObject(unloaded);
    await expect(flowOf(fetch).events({ tools: [] }).next()).rejects.toMatchObject(unloaded);
    expect(fetch).not.toHaveBeenCalled();
  });

  test.each([
    [
      "answers the tools that a call gave",
      { tools: [TOOL], toolHandler: () => [{ toolCallId: "call-1", output: "sunny" }] },
    ],
    ["takes the steps one by one", { stepwise: true }],
  ])("%s, when the run was under way by then", async (_, options) => {
    const { flowOf, goOffline } = await pageOf(program);
    const pause = options.stepwise ? STEP_PAUSED : TOOL_CALLS_REQUIRED;
    const bodies = [];
    const fetch = async (request) => {
      bodies.push(await request.json());
      goOffline();
      return streamOf(bodies.length === 1 ? [FRAMES[0], pause] : [FRAMES[2]]);
    };
    const stream = flowOf(fetch, clock).events({ message: "a", ...options });
    expect((await Array.fromAsync(stream)).map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(bodies).toHaveLength(2);
  });

  test("has the result of a stream that it began to read", async () => {
    const { flowOf, goOffline } = await pageOf(program);
    const fetch = () => {
      goOffline();
      return streamOf([...FRAMES]);
    };
    expect(await flowOf(fetch, clock).events().result()).toBe("done");
  });
});
