import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeDirectory, writeFlows } from "./harness.ts";
import { printedKey, serve } from "./process.ts";

const saying = (word: string): string =>
  `steps: [{ id: say, type: llm, model: noukai/echo, prompt: "${word} {{message}}" }]\n`;

/** A server that loads what changes, in a directory of its own. */
async function startDev(flows: Readonly<Record<string, string>>) {
  const directory = await makeDirectory();
  const flowsDir = join(directory, "flows");
  await writeFlows(flowsDir, flows);
  const server = serve({ NOUKAI_DATA_DIR: join(directory, "data"), NOUKAI_FLOWS_DIR: flowsDir, NOUKAI_DEV: "1" });
  const url = await server.url;
  await server.printed("are loaded as they are made");
  const key = await printedKey(server);
  const call = async (path: string, body?: object): Promise<Response> =>
    fetch(`${url}/api/v1/seq/acme/demo/${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  return {
    server,
    call,
    file: (path: string): string => join(flowsDir, path),
    said: async () => (await (await call("say/v0/execute", { message: "you" })).json()).result.text,
  };
}

test("a changed flow is loaded, a broken one keeps the last good draft and shows all its faults, a mended one says so", async () => {
  const { server, file, said } = await startDev({ "acme/demo/say.yaml": saying("hello") });
  expect(await said()).toBe("hello you");
  const path = file("acme/demo/say.yaml");

  await writeFile(path, saying("goodbye"));
  await server.printed(`${path}: flow acme/demo/say is loaded as version 2.`);
  expect(await said()).toBe("goodbye you");

  await writeFile(path, "nmae: a\nsteps:\n  - { id: say, type: lllm }\n");
  await server.printed(`${path} is not loaded; the flow stays as last loaded.`);
  expect(server.stdout()).toMatch(/say\.yaml:1:1 nmae: is not known here\. Did you mean `name`\?/);
  expect(server.stdout()).toMatch(/say\.yaml:3:22 steps\[0\]\.type: `lllm` is no kind of step\. Did you mean `llm`\?/);
  expect(await said()).toBe("goodbye you");

  // As editors do it that write beside the file and put the new one in its place.
  await writeFile(`${path}~`, saying("again"));
  await rename(`${path}~`, path);
  await server.printed(`${path} is in order again: flow acme/demo/say is loaded as version 3.`);
  expect(await said()).toBe("again you");

  await rm(path);
  await server.printed(`${path} is gone; the flow stays as last loaded.`);
  expect(await said()).toBe("again you");
  expect(server.stderr()).toBe("");
}, 30_000);

test("a run under way keeps the tree that it began with", async () => {
  const slow = (word: string): string => `
steps:
  - { id: first, type: llm, model: "noukai/echo?delayMs=3000", prompt: "{{message}}" }
  - { id: say, type: llm, model: noukai/echo, prompt: "${word}" }
`;
  const { server, call, file } = await startDev({ "acme/demo/say.yaml": slow("old") });
  const run = call("say/v0/execute", { message: "a" });
  const metrics = async () => (await fetch(`${await server.url}/metrics`)).text();
  await expect.poll(metrics, { timeout: 10_000 }).toContain("noukai_runs_in_work 1\n");
  await writeFile(file("acme/demo/say.yaml"), slow("new"));
  await server.printed("is loaded as version 2");
  expect(await (await run).json()).toMatchObject({ result: { text: "old" } });
}, 30_000);

test("settings are loaded as they change, and a new project gets its key", async () => {
  const { server, call, file } = await startDev({ "acme/demo/say.yaml": saying("hello") });
  const inputShown = async (): Promise<unknown> => {
    const { executionId } = await (await call("say/execute", { message: "you" })).json();
    return (await (await call(`say/runs/${executionId}/trace`)).json()).steps[0].inputContext;
  };
  expect(await inputShown()).toBeNull();

  await writeFile(file("acme/demo/project.yaml"), "capture: full\n");
  await server.printed("settings acme/demo is loaded.");
  expect(await inputShown()).toEqual({ message: "you" });

  await writeFile(file("acme/demo/project.yaml"), "captur: off\nlimits: { concurrentRuns: 0 }\n");
  await server.printed("the settings stay as last loaded.");
  expect(server.stdout()).toMatch(/project\.yaml:1:1 captur: is not known here\. Did you mean `capture`\?/);
  expect(server.stdout()).toMatch(/project\.yaml:2:27 limits\.concurrentRuns: expected a whole number/);
  expect(await inputShown()).toEqual({ message: "you" });

  await mkdir(file("acme/second"));
  await writeFile(file("acme/second/say.yaml"), saying("hi"));
  await server.printed("API key of acme/second, shown this once: nk_live_");
}, 30_000);
