import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "vite";
import { type Browser, type Context, startChromium, TIMEOUT_MS } from "./chromium.ts";
import { freePort, Program } from "./processes.ts";
import { Recorder } from "./recorder.ts";

const ROOT = join(import.meta.dirname, "../../..");
const FLOW = "acme/kitchen/assistant";
const API_KEY = `nk_test_browsers_${"k3".repeat(16)}`;

/** The example application, built, before a real server, in a real browser. */
export class Stage {
  readonly engine: Program;
  readonly application: Program;
  readonly recorder: Recorder;
  readonly #contexts: Context[] = [];
  readonly #browser: Browser;
  readonly #folder: string;
  readonly #enginePort: number;
  readonly #prompt: string;

  private constructor(parts: {
    readonly folder: string;
    readonly ports: readonly [number, number];
    readonly prompt: string;
    readonly browser: Browser;
    readonly recorder: Recorder;
  }) {
    const { folder, prompt, browser, recorder } = parts;
    const [enginePort, port] = parts.ports;
    const { PATH } = process.env;
    const baseUrl = `http://127.0.0.1:${enginePort}/api/v1`;
    this.#folder = folder;
    this.#prompt = prompt;
    this.#browser = browser;
    this.#enginePort = enginePort;
    this.recorder = recorder;
    this.engine = new Program({
      args: [join(ROOT, "apps/server/dist/main.js")],
      env: {
        PATH,
        PORT: String(enginePort),
        NOUKAI_API_KEY: API_KEY,
        NOUKAI_DATA_DIR: join(folder, "data"),
        NOUKAI_FLOWS_DIR: join(folder, "flows"),
        NOUKAI_LOG: "error",
      },
    });
    this.application = new Program({
      args: [join(ROOT, "apps/example-chat/src/server/main.ts")],
      env: {
        PATH,
        PORT: String(port),
        NOUKAI_API_KEY: API_KEY,
        NOUKAI_BASE_URL: baseUrl,
        CHAT_STORE: join(folder, "chat.sqlite"),
      },
    });
  }

  static async set(): Promise<Stage> {
    const folder = mkdtempSync(join(tmpdir(), "noukai-stage-"));
    const prompt = layFlow(folder);
    const ports = [await freePort(), await freePort()] as const;
    const [browser, recorder] = await Promise.all([startChromium(), Recorder.start(() => ports[1]), buildPage(folder)]);
    const stage = new Stage({ folder, ports, prompt, browser, recorder });
    await Promise.all([stage.engine.start(), stage.application.start()]);
    return stage;
  }

  /** What the built-in model answers with. */
  answerTo(message: string): string {
    return this.#prompt.replace("{{message}}", message);
  }

  /** A person's browser, with cookies and storage of its own. `/hooks?…` is the page of `page/`. */
  async newContext(): Promise<Context> {
    const context = await this.#browser.newContext({ viewport: { width: 1100, height: 800 } });
    this.#contexts.push(context);
    context.setDefaultTimeout(TIMEOUT_MS);
    const script = readFileSync(join(this.#folder, "page/hooks.js"), "utf8");
    const html = `<!doctype html><div id="root"></div><script type="module" src="/hooks.js"></script>`;
    await context.route(/\/hooks(\?|$)/, (route) => route.fulfill({ contentType: "text/html", body: html }));
    await context.route(/\/hooks\.js$/, (route) => route.fulfill({ contentType: "text/javascript", body: script }));
    return context;
  }

  /** Everybody goes. */
  async clear(): Promise<void> {
    await Promise.all(this.#contexts.splice(0).map((context) => context.close()));
  }

  /** What the server itself says of a run. */
  async statusOf(executionId: string): Promise<string> {
    const url = `http://127.0.0.1:${this.#enginePort}/api/v1/seq/${FLOW}/runs/${executionId}/trace`;
    const response = await fetch(url, { headers: { authorization: `Bearer ${API_KEY}` } });
    if (!response.ok) throw new Error(`The trace of ${executionId}: ${response.status}`);
    const { flowRun } = (await response.json()) as { readonly flowRun: { readonly status: string } }; // contract.md §5
    return flowRun.status;
  }

  /** The key, and the parts of it that would be as good. */
  get secrets(): readonly string[] {
    return [API_KEY, API_KEY.slice(-32), encodeURIComponent(API_KEY), btoa(API_KEY)];
  }

  async strike(): Promise<void> {
    await Promise.allSettled([this.#browser.close(), this.application.end(), this.engine.end()]);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** The example's flow, for impatient readers. Gives what the model is prompted with, which is what it answers. */
function layFlow(folder: string): string {
  const yaml = readFileSync(join(ROOT, `apps/example-chat/flows/${FLOW}.yaml`), "utf8");
  mkdirSync(join(folder, "flows/acme/kitchen"), { recursive: true });
  writeFileSync(join(folder, `flows/${FLOW}.yaml`), yaml.replace("deltaMs=30", "deltaMs=2"));
  const [, prompt = ""] = /prompt: \|-\n(.*?)\n {4}\w/s.exec(yaml) ?? [];
  return prompt.replaceAll(/^ {6}/gm, "");
}

/** With React's development build: the other one does nothing for StrictMode. */
async function buildPage(folder: string): Promise<void> {
  await build({
    root: join(import.meta.dirname, "../page"),
    configFile: false,
    logLevel: "error",
    define: { "process.env.NODE_ENV": '"development"' },
    build: {
      outDir: join(folder, "page"),
      emptyOutDir: true,
      minify: false,
      lib: { entry: "hooks.tsx", formats: ["es"], fileName: () => "hooks.js" },
      rolldownOptions: { checks: { moduleLevelDirective: false }, output: { codeSplitting: false } },
    },
  });
}
