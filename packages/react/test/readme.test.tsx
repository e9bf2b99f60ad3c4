import { act, fireEvent, screen } from "@testing-library/react";
import { createRelayFlow } from "@noukai/sdk";
import { createTestServer, flow, step } from "@noukai/sdk/testing";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { useFlowEvents } from "../src/index.ts";
import { asked, NAME } from "./fixtures.ts";
import { open, pass } from "./page.tsx";
import { Basket } from "./readme/basket.tsx";
import { App } from "./readme/poem.tsx";
import { relayTo } from "./relay.ts";

const packageRoot = join(import.meta.dirname, "..");

test("the README holds the programs that are run here, and is short", async () => {
  const readme = await readFile(join(packageRoot, "README.md"), "utf8");
  const programs = Array.from(readme.matchAll(/^```tsx\n([^]*?)^```$/gm), ([, program]) => program ?? "");
  const folder = join(packageRoot, "test/readme");
  const files = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), "utf8")));
  expect(programs.toSorted()).toEqual(files.toSorted());
  expect(readme.trimEnd().split("\n").length).toBeLessThanOrEqual(60);
});

describe("the programs of the README", () => {
  test("show a poem through a relay, without a key on the page", async () => {
    const poet = flow([step("write", { text: ["Roses ", "are ", "red"], every: 100 })]);
    const server = createTestServer({ flows: { [NAME]: [poet, poet] } });
    const fetch = vi.fn(relayTo(server, NAME));
    vi.stubGlobal("fetch", fetch);
    const page = open(<App />, {});
    act(() => void fireEvent.click(screen.getByText("Write")));
    await pass(250);
    expect(page.container.querySelector("p")?.textContent).toBe("Roses are ");
    await pass(500);
    expect(page.container.querySelector("p")?.textContent).toBe("Roses are red");
    act(() => void fireEvent.click(screen.getByText("Write")));
    await pass(150);
    act(() => void fireEvent.click(screen.getByText("Stop")));
    await pass(1_000);
    expect(page.container.querySelector("p")?.textContent).toBe("Roses ");
    expect(asked(server)).toEqual(["step", "step", "cancel"]);
    expect(fetch.mock.calls.map(([request]) => request.headers.get("authorization"))).toEqual([null, null, null]);
    vi.unstubAllGlobals();
  });

  test("put into a basket what a person agrees to", async () => {
    const shop = flow([
      step("shop", {
        toolCalls: [{ name: "add_to_basket", arguments: { item: "apples" } }],
        onResults: ([result]) => ({ text: result?.content ?? "" }),
      }),
    ]);
    const server = createTestServer({ flows: { [NAME]: shop } });
    const relay = createRelayFlow({ url: "/agent/execute", fetch: relayTo(server, NAME) });
    const basket: string[] = [];
    function Shop() {
      return <i>{useFlowEvents(relay, { start: { message: "Apples" } }).text}</i>;
    }
    const page = open([<Basket key="1" add={(item) => basket.push(item)} />, <Shop key="2" />], { relay });
    await pass();
    expect(basket).toEqual([]);
    act(() => void fireEvent.click(screen.getByText("Yes")));
    await pass();
    expect(basket).toEqual(["apples"]);
    expect(page.container.textContent).toBe("apples is in the basket.");
  });
});
