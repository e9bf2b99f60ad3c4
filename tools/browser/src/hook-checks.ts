import type { Check } from "./chat-checks.ts";
import { equal, holds, words } from "./chat-page.ts";
import { type Page, until } from "./chromium.ts";
import type { Stage } from "./stage.ts";

/** A page of components that show one run, in StrictMode. */
interface HookPage {
  readonly page: Page;
  readonly calls: readonly string[];
}

const WHOLE = `document.querySelectorAll("[data-status=completed]").length === document.querySelectorAll("p").length`;

export const HOOK_CHECKS: Readonly<Record<string, Check>> = {
  async "StrictMode makes one request"(stage) {
    const { page, calls } = await open(stage, { watchers: 1, words: 100 });
    await until(page, WHOLE);
    equal(calls.join(), "POST /agent/step", "calls");
  },

  async "twenty components make one request"(stage) {
    const { page, calls } = await open(stage, { watchers: 20, words: 400 });
    await until(page, WHOLE);
    const texts = await page.locator("p").allTextContents();
    equal(texts.filter((text) => text === stage.answerTo(words(400))).length, 20, "components that show the answer");
    equal(calls.join(), "POST /agent/step", "calls");
  },

  async "3 000 deltas draw once a frame at most"(stage) {
    const before = stage.recorder.count('"delta"');
    const { page } = await open(stage, { watchers: 1, words: 3_000 });
    await until(page, WHOLE);
    equal(await page.locator("p").textContent(), stage.answerTo(words(3_000)), "the answer");
    const deltas = stage.recorder.count('"delta"') - before;
    const drawings = await page.evaluate<number[]>("drawings()");
    holds(deltas >= 3_000, `${deltas} deltas`);
    equal(Math.max(...drawings.slice(1)), 1, "drawings in one frame"); // the first is mounting, which StrictMode does twice
    return `${deltas} deltas, ${drawings.length} drawings`;
  },

  async "a run whose components have gone goes on, and is whole when they are back"(stage) {
    const { page, calls } = await open(stage, { watchers: 2, words: 1_200 });
    await until(page, `(document.querySelector("p")?.textContent.length ?? 0) > 400`);
    const run = await page.evaluate<string>(`document.querySelector("p").dataset.run`);
    const closed = new Promise((resolve) => page.on("requestfailed", resolve));
    await page.getByRole("button", { name: "Leave" }).click();
    await closed; // a second later: the components might have come back at once
    equal(await stage.statusOf(run), "running", "the run that nobody shows");
    await page.getByRole("button", { name: "Come back" }).click();
    await until(page, WHOLE);
    equal(await page.locator("p").nth(0).textContent(), stage.answerTo(words(1_200)), "the answer");
    equal(calls.join(), `POST /agent/step,GET /agent/runs/${run}/trace/stream`, "calls");
  },
};

async function open(stage: Stage, shown: { readonly watchers: number; readonly words: number }): Promise<HookPage> {
  const context = await stage.newContext();
  const page = await context.newPage();
  await page.goto(stage.recorder.origin); // gives the browser its visitor's name
  const calls: string[] = [];
  page.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith("/agent/")) calls.push(`${request.method()} ${pathname}`);
  });
  await page.goto(`${stage.recorder.origin}/hooks?watchers=${shown.watchers}&words=${shown.words}`);
  return { page, calls };
}
