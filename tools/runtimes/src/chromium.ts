import { createRequire } from "node:module";
import { join } from "node:path";

/** A Chromium from the registry and what drives it. Not in the workspace: they are large, and few need them. */
export const CHROMIUM_DRIVERS = { "@sparticuz/chromium": "153.0.0", "playwright-core": "1.65.1" } as const;

/** What keeps it from calling out, and lets it run in a container. */
const FLAGS = [
  "--no-sandbox",
  "--disable-dev-shm-usage",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

interface Playwright<Browser> {
  readonly chromium: { launch(options: object): Promise<Browser> };
}

/** Starts the Chromium that is installed in `folder`. `Browser` is what the caller uses of playwright-core's. */
export async function launchChromium<Browser>(folder: string): Promise<Browser> {
  process.env["AWS_LAMBDA_JS_RUNTIME"] = "nodejs24.x"; // which makes the package unpack the libraries that bare machines lack
  const require = createRequire(join(folder, "package.json"));
  const { default: packed } = require("@sparticuz/chromium") as { default: { executablePath(): Promise<string> } };
  const { chromium } = require("playwright-core") as Playwright<Browser>;
  return chromium.launch({ executablePath: await packed.executablePath(), args: FLAGS });
}
