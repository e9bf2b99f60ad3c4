import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const openapiFolder = fileURLToPath(new URL("../../../openapi/", import.meta.url));

/**
 * `openapi/noukai.yaml` and all that it refers to, in one object: every schema by name under `components`, every example in place.
 * Throws with Redocly's report when a reference leads nowhere.
 */
export async function bundleDocument() {
  const folder = await mkdtemp(join(tmpdir(), "noukai-openapi-"));
  try {
    const file = join(folder, "openapi.json");
    await redocly("bundle", join(openapiFolder, "noukai.yaml"), "--ext", "json", "--output", file);
    return JSON.parse(await readFile(file, "utf8"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Lints the document by `openapi/redocly.yaml`. Throws with the report when there is anything to say. */
export async function lintDocument() {
  await redocly("lint", join(openapiFolder, "noukai.yaml"), "--max-problems", "1000");
}

/** @param {string[]} args */
async function redocly(...args) {
  const manifest = createRequire(import.meta.url).resolve("@redocly/cli/package.json");
  const { bin } = JSON.parse(await readFile(manifest, "utf8"));
  const cli = join(dirname(manifest), bin.redocly);
  // Without these Redocly looks for a newer version of itself and reports its use.
  const env = { ...process.env, REDOCLY_SUPPRESS_UPDATE_NOTICE: "true", REDOCLY_TELEMETRY: "off" };
  try {
    await promisify(execFile)(process.execPath, [cli, ...args, "--config", join(openapiFolder, "redocly.yaml")], {
      env,
    });
  } catch (error) {
    const report = ["stdout", "stderr"].map((stream) => String(Reflect.get(Object(error), stream) ?? "")).join("");
    throw new Error(`redocly ${args[0]} failed.\n${report}`, { cause: error });
  }
}
