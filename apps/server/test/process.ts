import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { sourceThreads } from "../../../vitest.shared.ts";

/** A program of the server as a process of its own. */
export interface ServeProcess {
  readonly child: ChildProcess;
  /** Everything on stdout and stderr so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** The URL from its line, once it listens. */
  readonly url: Promise<string>;
  /** Resolves when stdout has `text`. */
  readonly printed: (text: string) => Promise<void>;
  /** How it ended: its exit code, or the signal's name. */
  readonly ended: Promise<number | string>;
}

/** `npm run serve` from source, on a free port unless the environment names one; killed after the test. */
export function serve(env: Readonly<Record<string, string>>, args: readonly string[] = []): ServeProcess {
  return launch("main", env, args);
}

/** `npm start` from source, without its install and build. */
export function start(env: Readonly<Record<string, string>>): ServeProcess {
  return launch("start", env, []);
}

function launch(
  program: "main" | "start",
  env: Readonly<Record<string, string>>,
  args: readonly string[],
): ServeProcess {
  const file = fileURLToPath(new URL(`../src/${program}.ts`, import.meta.url));
  const child = spawn(process.execPath, [...sourceThreads, "--conditions=@noukai/source", file, ...args], {
    // What holds of the sandbox is said at start; tests look for what is amiss.
    env: { PORT: "0", NOUKAI_LOG: "warn", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const output = { stdout: "", stderr: "" };
  const listening = Promise.withResolvers<string>();
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
      const url = /listens on (\S+)/.exec(output.stdout)?.[1];
      if (url !== undefined) listening.resolve(url);
    });
  }
  const ended = endOf(child).then((how) => {
    listening.reject(new Error(`ended (${how}): ${output.stderr}`));
    return how;
  });
  listening.promise.catch(() => undefined);
  const printed = async (text: string): Promise<void> => {
    while (!output.stdout.includes(text)) {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`ended without printing "${text}": ${output.stdout}${output.stderr}`);
      await Promise.race([once(child.stdout, "data"), ended]);
    }
  };
  return { child, stdout: () => output.stdout, stderr: () => output.stderr, url: listening.promise, printed, ended };
}

async function endOf(child: ChildProcess): Promise<number | string> {
  const [code, signal] = (await once(child, "close")) as [number | null, string | null]; // what Node's documents say of "close"
  return code ?? signal ?? "";
}

/** The key that the first start prints. */
export async function printedKey(server: ServeProcess): Promise<string> {
  await server.printed("nk_live_");
  return /nk_live_\w+/.exec(server.stdout())?.[0] ?? "";
}
