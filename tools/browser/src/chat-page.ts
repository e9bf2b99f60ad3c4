import { type Context, type Page, until } from "./chromium.ts";
import type { Stage } from "./stage.ts";

/** Keeps each text that an answer ever showed. */
const WATCH = `
  globalThis.shown = [];
  new MutationObserver(() => {
    const text = [...document.querySelectorAll("[data-answer]")].at(-1)?.textContent;
    if (text !== undefined && text !== shown.at(-1)) shown.push(text);
  }).observe(document, { subtree: true, childList: true, characterData: true });
`;

/** So many words, each another one: what is lost or doubled is seen. */
export function words(count: number): string {
  return Array.from({ length: count }, (_, index) => `w${index}`).join(" ");
}

/** The example application as a person uses it, in a browser of their own. */
export class ChatPage {
  readonly stage: Stage;
  readonly context: Context;
  readonly page: Page;
  /** Calls of the relay, as `POST /agent/step`. */
  readonly calls: string[];
  readonly faults: string[] = [];

  private constructor(stage: Stage, page: Page, shared: Pick<ChatPage, "context" | "calls">) {
    this.stage = stage;
    this.page = page;
    this.context = shared.context;
    this.calls = shared.calls;
    page.on("pageerror", (error) => this.faults.push(error.message));
    page.on("request", (request) => {
      const { pathname } = new URL(request.url());
      if (pathname.startsWith("/agent/")) this.calls.push(`${request.method()} ${pathname}`);
    });
  }

  static async open(stage: Stage): Promise<ChatPage> {
    const context = await stage.newContext();
    await context.addInitScript({ content: WATCH });
    const chat = new ChatPage(stage, await context.newPage(), { context, calls: [] });
    await chat.page.goto(stage.recorder.origin);
    return chat;
  }

  /** Another tab of the same person, opened from this one: it begins with a copy of this one's storage. */
  async openTab(): Promise<ChatPage> {
    const popup = this.page.waitForEvent("popup");
    await this.page.evaluate("void window.open('/')");
    return new ChatPage(this.stage, await popup, this);
  }

  /** A new tab of the same person. */
  async openOwnTab(): Promise<ChatPage> {
    const tab = new ChatPage(this.stage, await this.context.newPage(), this);
    await tab.page.goto(this.stage.recorder.origin);
    return tab;
  }

  async ask(message: string): Promise<void> {
    await this.page.getByLabel("Message").fill(message);
    await this.page.getByLabel("Message").press("Enter");
  }

  /** Resolves when the last answer shows so many characters; gives them. */
  async shows(characters: number): Promise<string> {
    await until(
      this.page,
      `([...document.querySelectorAll("[data-answer]")].at(-1)?.textContent.length ?? 0) >= ${characters}`,
    );
    return this.text();
  }

  /** Resolves when nothing more is written. */
  async isWhole(): Promise<string> {
    await this.page.getByRole("button", { name: "Send" }).waitFor();
    return this.text();
  }

  async text(): Promise<string> {
    return (await this.page.locator("[data-answer]").allTextContents()).at(-1) ?? "";
  }

  /** The run that the page keeps for a reload. */
  runId(): Promise<string> {
    return this.page.evaluate(`Object.entries(sessionStorage).find(([name]) => name.startsWith("noukai:"))?.[1]`);
  }

  /** All texts since the page was loaded. */
  shown(): Promise<readonly string[]> {
    return this.page.evaluate("shown");
  }

  runsBegun(): number {
    return this.calls.filter((call) => call === "POST /agent/step" || call === "POST /agent/execute").length;
  }

  /** What should be there is there, and it was never anything else on the way. */
  async showsExactly(message: string): Promise<void> {
    const expected = this.stage.answerTo(message);
    equal(await this.isWhole(), expected, "the whole answer");
    const strayed = (await this.shown()).find((text) => !expected.startsWith(text));
    equal(strayed, undefined, "a text on the way that is no beginning of the answer");
    equal(this.faults.join(), "", "what the page threw");
  }
}

/** Fails with both values, shortened. */
export function equal<Value>(actual: Value, expected: Value, what: string): void {
  if (Object.is(actual, expected)) return;
  throw new Error(`${what}: ${brief(actual)} instead of ${brief(expected)}`);
}

export function holds(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(what);
}

function brief(value: unknown): string {
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 160 ? `${text.slice(0, 60)} … ${text.slice(-90)} (${text.length})` : text;
}
