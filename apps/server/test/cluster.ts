import { once } from "node:events";
import { openPostgresStore, type RunEvent, type Store } from "@noukai/engine";
import type { TestPostgres } from "@noukai/postgres-for-tests";
import { expect, onTestFinished } from "vitest";
import { type CallOptions, type Frame, makeDirectory, parseFrames, writeFlows } from "./harness.ts";
import { serve, type ServeProcess } from "./process.ts";

const apiKey = `nk_test_cluster0_${"0".repeat(32)}`;

/** A server process among others on one PostgreSQL. */
export interface Node extends ServeProcess {
  readonly role: "all" | "api" | "worker";
  readonly request: (method: string, path: string, options?: Omit<CallOptions, "key">) => Promise<Response>;
}

/** Processes on one database, and what they hold in common. */
export interface Cluster {
  readonly databaseUrl: string;
  /** The database as one more process sees it. */
  readonly store: Store;
  /** Starts a process; resolves when it listens. */
  readonly start: (role: Node["role"], env?: Readonly<Record<string, string>>) => Promise<Node>;
  /** Which of the nodes holds the run; resolves when one does. */
  readonly holderOf: (runId: string, nodes: readonly Node[]) => Promise<Node>;
  readonly log: (runId: string) => Promise<readonly RunEvent[]>;
}

/** `flows` by their path below the flows directory. */
export async function createCluster(
  postgres: TestPostgres,
  flows: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = {},
): Promise<Cluster> {
  const { url: databaseUrl, drop } = await postgres.createDatabase();
  const store = await openPostgresStore({ url: databaseUrl });
  onTestFinished(async () => {
    await store.close();
    await drop();
  });
  const flowsDir = await makeDirectory();
  await writeFlows(flowsDir, flows);

  const start: Cluster["start"] = async (role, more = {}) => {
    const settings = {
      DATABASE_URL: databaseUrl,
      NOUKAI_ROLE: role,
      NOUKAI_API_KEY: apiKey,
      NOUKAI_FLOWS_DIR: flowsDir,
      NOUKAI_LOG: "error",
    };
    const server = serve({ ...settings, ...env, ...more });
    const url = await server.url;
    return { ...server, role, request: (method, path, options) => send(`${url}${path}`, { method, ...options }) };
  };

  return {
    databaseUrl,
    store,
    start,
    log: (runId) => store.eventsAfter(runId, 0, 10_000),
    async holderOf(runId, nodes) {
      for (;;) {
        for (const node of nodes) if (await holds(node)) return node;
        const change = store.changed(runId, AbortSignal.timeout(50));
        await change;
      }
    },
  };
}

function send(
  url: string,
  { method, body, headers, signal }: Omit<CallOptions, "key"> & { readonly method: string },
): Promise<Response> {
  return fetch(url, {
    method,
    headers: {
      authorization: `Bearer ${apiKey}`,
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
    body: body === undefined ? null : JSON.stringify(body),
    ...(signal && { signal }),
  });
}

/** How many runs the process has in hand. */
export async function runsInWork(node: Node): Promise<number> {
  const text = await (await node.request("GET", "/metrics")).text();
  return Number(/^noukai_runs_in_work (\d+)$/m.exec(text)?.[1]);
}

async function holds(node: Node): Promise<boolean> {
  if (node.child.exitCode !== null || node.child.signalCode !== null) return false;
  return (await runsInWork(node).catch(() => 0)) > 0;
}

/** Ends the process as the kernel does when it is out of memory. */
export async function kill(node: Node): Promise<void> {
  node.child.kill("SIGKILL");
  await node.ended;
}

/** The frames of a stream as they come, and the stream's end. */
export interface Followed {
  readonly frames: Frame[];
  /** Resolves when a frame fits; rejects when the stream ends without one. */
  readonly until: (fits: (frame: Frame) => boolean) => Promise<void>;
  readonly end: Promise<void>;
}

/** Reads a stream of server-sent events as it comes. */
export function follow(response: Response): Followed {
  const frames: Frame[] = [];
  const arrived = new EventTarget();
  let text = "";
  const read = async (): Promise<void> => {
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString("utf8");
      const cut = text.lastIndexOf("\n\n") + 2;
      if (cut < 2) continue;
      frames.push(...parseFrames(text.slice(0, cut)));
      text = text.slice(cut);
      arrived.dispatchEvent(new Event("frames"));
    }
  };
  const end = read();
  end.catch(() => undefined);
  return {
    frames,
    end,
    until: async (fits) => {
      let isOver = false;
      const over = end.then(() => (isOver = true));
      while (!frames.some(fits)) {
        if (isOver) throw new Error(`The stream ended without that frame: ${JSON.stringify(frames.at(-1))}`);
        await Promise.race([once(arrived, "frames"), over]);
      }
    },
  };
}

/** What the contract says of a frame with a piece of text. */
interface Piece {
  readonly stepId: string;
  readonly attempt: number;
  readonly offset: number;
  readonly outputData: { readonly delta: string };
}

/** Each step's text as a reader folds it: that of its latest attempt, a repeated prefix once, and its output in place of all when it is over. */
export function foldTexts(frames: readonly Frame[]): ReadonlyMap<string, string> {
  const texts = new Map<string, { readonly attempt: number; readonly text: string }>();
  for (const { event, data } of frames) {
    const { stepId, attempt, offset, outputData } = data as unknown as Piece; // if it is one
    const known = texts.get(stepId);
    if (event === "step_output") {
      const before = known?.attempt === attempt ? known.text : "";
      expect(before.length, `text of ${stepId} before a piece at ${offset}`).toBeGreaterThanOrEqual(offset);
      texts.set(stepId, { attempt, text: before.slice(0, offset) + outputData.delta });
    } else if (event === "step_completed" && known !== undefined) {
      const { text } = data["output"] as { text: string }; // of a step that writes text
      expect(text.startsWith(known.text), `text of ${stepId} is that of its output`).toBe(true);
      texts.set(stepId, { ...known, text });
    }
  }
  return new Map(Array.from(texts, ([stepId, { text }]) => [stepId, text]));
}
