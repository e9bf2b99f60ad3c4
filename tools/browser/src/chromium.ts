import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { CHROMIUM_DRIVERS, launchChromium } from "../../runtimes/src/chromium.ts";
import { plainEnvironment } from "../../runtimes/src/workplace.ts";

/** Longer than anything takes on a slow machine. */
export const TIMEOUT_MS = 20_000;
const POLL_MS = 20;

const run = promisify(execFile);

/** What is used of playwright-core. */
export interface Locator {
  nth(index: number): Locator;
  click(): Promise<void>;
  check(): Promise<void>;
  fill(text: string): Promise<void>;
  press(key: string): Promise<void>;
  count(): Promise<number>;
  textContent(): Promise<string | null>;
  allTextContents(): Promise<string[]>;
  waitFor(): Promise<void>;
}
export interface Request {
  method(): string;
  url(): string;
}
interface Route {
  fulfill(answer: { readonly contentType: string; readonly body: string }): Promise<void>;
}
export interface Page {
  goto(url: string): Promise<unknown>;
  reload(): Promise<unknown>;
  evaluate<Result>(code: string): Promise<Result>;
  waitForEvent(name: "popup"): Promise<Page>;
  getByRole(role: string, options: { readonly name: string }): Locator;
  getByLabel(label: string): Locator;
  getByText(text: string): Locator;
  locator(selector: string): Locator;
  on(event: "request" | "requestfailed", listener: (request: Request) => void): unknown;
  on(event: "pageerror", listener: (error: Error) => void): unknown;
}
export interface Context {
  newPage(): Promise<Page>;
  addInitScript(script: { readonly content: string }): Promise<unknown>;
  setOffline(isOffline: boolean): Promise<void>;
  setDefaultTimeout(ms: number): void;
  route(url: RegExp, handler: (route: Route) => Promise<void>): Promise<unknown>;
  close(): Promise<void>;
}
export interface Browser {
  newContext(options?: object): Promise<Context>;
  close(): Promise<void>;
}

/** A real Chromium from the registry, and the folder that it came into. */
export async function startChromium(): Promise<Browser> {
  const folder = mkdtempSync(join(tmpdir(), "noukai-browser-"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, dependencies: CHROMIUM_DRIVERS }));
  const quiet = ["--no-audit", "--no-fund", "--prefer-offline", "--ignore-scripts", "--loglevel=error"];
  await run("npm", ["install", ...quiet], { cwd: folder, env: plainEnvironment() });
  const browser = await launchChromium<Browser>(folder);
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return browser;
}

/** Resolves when an expression is true on the page. Playwright's own waiting needs `eval`, which a Content-Security-Policy forbids. */
export async function until(page: Page, expression: string): Promise<void> {
  const deadline = performance.now() + TIMEOUT_MS;
  while (!(await page.evaluate<boolean>(expression))) {
    if (performance.now() > deadline) throw new Error(`It never came to this: ${expression}`);
    await setTimeout(POLL_MS);
  }
}
